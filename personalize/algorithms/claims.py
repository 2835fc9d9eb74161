"""What is a course about, for somebody who says they know a skill? (L3, pure)

"I know spreadsheets" is meant of spreadsheets as a beginner learns them. A beginner's course that
the skill gives its name to is known with it, also where it teaches two things beside it that
nobody thinks of naming.
"""

from collections.abc import Collection, Iterable, Mapping

FIRST_LEVEL = "beginner"


def named(title: Iterable[str], skills: Mapping[str, Collection[str]], *, level: str) -> set[str]:
    """Return the skills a beginner's course is named for: all their words stand in its title.

    title are the words of the title, skills the words of each skill it teaches.
    """
    if level != FIRST_LEVEL:
        return set()
    words = frozenset(title)
    return {skill for skill, own in skills.items() if own and words.issuperset(own)}
