"""Which limits that people set did a list come up against? (L4, pure) In words, to account for it.

What is told is read off the list itself and what was in force when it was made. A list that has
less of everything than the limits allow came up against none.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from personalize.data import Item, Objectives, Slot
from personalize.decision.variety import caps_of
from signals.data import CourseInfo

POPULAR = "popular"


def reached(
    items: Sequence[Item], courses: Mapping[int, CourseInfo], objectives: Objectives
) -> tuple[str, ...]:
    """Return a sentence for each limit that may have kept something out of a personal list."""
    known = [courses[item.course_id] for item in items if item.course_id in courses]
    caps = caps_of(objectives, len(items))
    return (
        *_full((one.field for one in known), caps.field, len(items), "field"),
        *_full((one.provider for one in known), caps.provider, len(items), "school"),
        *_replaced(items, objectives.least_chance),
    )


def _full(names: Iterable[str], most: int, places: int, what: str) -> list[str]:
    """Say which field or school has all the places it may have, or more where nothing else was."""
    if most >= places:
        return []
    return [
        f"{n} of {places} places are of {name}: one {what} gets at most {most} while others have"
        " something, so courses of it that matched better may be missing."
        for name, n in Counter(filter(None, names)).most_common()
        if n >= most
    ]


def _replaced(items: Sequence[Item], least: float) -> list[str]:
    """Say how many picks gave way to what everyone chooses."""
    n = sum(
        item.slot is Slot.GREEDY and {name for name, _value in item.parts} == {POPULAR}
        for item in items
    )
    if not n or not least:
        return []
    return [
        f"{n} of {len(items)} places went to courses that everyone chooses: what matched was less"
        f" likely opened than {least:.0%}."
    ]
