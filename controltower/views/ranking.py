"""People at the controls: a list before and after a change, place by place."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_lazy

from personalize.data import Change, Item, NewOverride, Preview
from signals import catalogue
from signals.data import CourseInfo

FIRST = 6  # places of the first page
NOTES = {
    Change.BOOST: gettext_lazy("Boosted by %.2f"),
    Change.LOWER: gettext_lazy("Lowered by %.2f"),
    Change.PIN: gettext_lazy("Pinned by staff"),
    Change.HIDE: gettext_lazy("Hidden"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a list; moved counts places up, hit is the changed course, out left the page."""

    rank: int | str
    title: str
    note: str
    moved: int = 0
    hit: bool = False
    out: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """Both lists, and whose they are."""

    now: tuple[Place, ...]
    then: tuple[Place, ...]
    sentence: str
    aside: str = ""  # where the changed course is, if neither first page has it


def compare(found: Preview, new: NewOverride) -> Compared:
    """Return a preview as the page shows it."""
    items = (*found.before, *found.after)
    courses = catalogue.courses({item.course_id for item in items} | {new.course_id})
    return Compared(
        now=_before(found, new, courses),
        then=_after(found, new, courses),
        sentence=found.shown_for,
        aside=_aside(found, new, courses),
    )


def _aside(found: Preview, new: NewOverride, courses: Mapping[int, CourseInfo]) -> str:
    """Say where a course is that is on neither first page, so that nobody searches for it."""
    pages = (*found.before[:FIRST], *found.after[:FIRST])
    if any(item.course_id == new.course_id for item in pages):
        return ""
    title = _words(new.course_id, courses)[0]
    place = next((item.rank for item in found.after if item.course_id == new.course_id), None)
    if place is None:
        return gettext("“%s” is not in this list, with the change or without.") % title
    return gettext("With the change “%(title)s” has place %(place)d of this list.") % {
        "title": title,
        "place": place,
    }


def _before(
    found: Preview, new: NewOverride, courses: Mapping[int, CourseInfo]
) -> tuple[Place, ...]:
    shown = [
        Place(item.rank, *_words(item.course_id, courses), hit=item.course_id == new.course_id)
        for item in found.before[:FIRST]
    ]
    later = [
        Place(item.rank, *_words(item.course_id, courses), out=True)
        for item in found.before[FIRST:]
        if item.course_id == new.course_id
    ]
    return (*shown, *later)


def _after(
    found: Preview, new: NewOverride, courses: Mapping[int, CourseInfo]
) -> tuple[Place, ...]:
    ranks = {item.course_id: item.rank for item in found.before}
    shown = [_moved(item, ranks, new, courses) for item in found.after[:FIRST]]
    stay = {item.course_id for item in found.after[:FIRST]}
    later = {item.course_id: item.rank for item in found.after[FIRST:]}
    left = [
        Place(
            later.get(item.course_id, "\u2013"),
            _words(item.course_id, courses)[0],
            gettext("Leaves the first %d") % FIRST
            if item.course_id in later
            else gettext("Gone from the list"),
            out=True,
        )
        for item in found.before[:FIRST]
        if item.course_id not in stay
    ]
    return (*shown, *left)


def _moved(
    item: Item, ranks: Mapping[int, int], new: NewOverride, courses: Mapping[int, CourseInfo]
) -> Place:
    title, note = _words(item.course_id, courses)
    before = ranks.get(item.course_id)
    hit = item.course_id == new.course_id
    if hit:
        text = str(NOTES[new.change])
        note = text % new.strength if "%" in text else text
    elif before is None:
        note = gettext("New in the list")
    moved = 0 if before is None else before - item.rank
    return Place(item.rank, title, note, moved=moved, hit=hit)


def _words(course_id: int, courses: Mapping[int, CourseInfo]) -> tuple[str, str]:
    info = courses.get(course_id)
    return (info.title, info.field) if info else (gettext("Course %d") % course_id, "")
