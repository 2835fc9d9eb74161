"""Names of skills are written as people write them, wherever a learner reads them."""

import pytest

from personalize.experience.skill_words import as_a_name, in_a_sentence


@pytest.mark.parametrize(
    ("skill", "inside", "alone"),
    [
        ("sql", "SQL", "SQL"),
        ("pivot tables", "pivot tables", "Pivot tables"),
        ("python for data", "Python for data", "Python for data"),
        ("html", "HTML", "HTML"),
        ("spanish", "Spanish", "Spanish"),
        ("making it last", "making it last", "Making it last"),
        ("html/css", "HTML/CSS", "HTML/CSS"),
        ("iOS testing", "iOS testing", "iOS testing"),
        ("", "", ""),
    ],
)
def test_a_skill_is_written_as_a_name(skill: str, inside: str, alone: str) -> None:
    assert (in_a_sentence(skill), as_a_name(skill)) == (inside, alone)
