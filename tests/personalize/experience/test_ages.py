"""How is it told how old the newest thing is that a pick is based on?"""

import pytest

from personalize.experience.ages import newest


@pytest.mark.parametrize(
    ("courses", "days", "words"),
    [
        (4, None, ""),
        (4, 0.0, ", the newest from the last 24 hours"),
        (4, 1.0, ", the newest from 1 day ago"),
        (4, 12.9, ", the newest from 12 days ago"),
        (1, 12.0, ", from 12 days ago"),
        (4, 59.9, ", the newest from 59 days ago"),
        (4, 61.0, ", the newest from 2 months ago"),
        (4, 91.0, ", the newest from 3 months ago; so long ago, it counts less"),
        (4, 730.0, ", the newest from 24 months ago; so long ago, it counts less"),
    ],
)
def test_an_age_is_told_in_words_and_that_an_old_one_counts_less(
    courses: int, days: float | None, words: str
) -> None:
    assert newest(courses, days) == words
