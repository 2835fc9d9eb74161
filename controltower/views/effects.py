"""People at the controls: what the last requests would get under a change, in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from personalize.data import Change, Effect, ObjectiveRow, OverrideRow, Shift
from signals import catalogue

DONE = {
    Change.BOOST: gettext_lazy("Boost %.2f"),
    Change.LOWER: gettext_lazy("Lowered %.2f"),
    Change.PIN: gettext_lazy("Pinned"),
    Change.HIDE: gettext_lazy("Hidden"),
}
GOAL = "goal:"
NEWEST_ALONE = gettext_lazy(
    "The newest alone, since model or catalogue are new: all of the last 10,000 within ten minutes."
)
LEAST_FINISHED = 10  # as the bound is drawn (decision/whatif/calibration.py)


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of a preview."""

    title: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a page says of an effect that is predicted."""

    tiles: tuple[Tile, ...]
    lines: tuple[str, ...]
    head: str


def told(effect: Effect | None) -> Told:
    """Return an effect in words; None is one that cannot be worked out yet."""
    if effect is None:
        return Told((), (), gettext("No list was asked for yet that a model could be played over."))
    if not effect.requests:
        return Told((), (), gettext("Too few learners asked lately to say what it would do."))
    words = {
        "n": f"{effect.requests:,}",
        "since": date_format(effect.since, "j M, H:i"),
        "until": date_format(effect.until, "j M, H:i"),
    }
    head = gettext("Played over %(n)s logged requests, %(since)s to %(until)s UTC.") % words
    if not effect.whole:
        head = f"{head} {NEWEST_ALONE}"
    return Told(tuple(_tiles(effect)), tuple(_lines(effect)), head)


def what(change: Change, strength: float) -> str:
    """Return what was done to a course."""
    text = str(DONE[change])
    return text % strength if "%" in text else text


def came(row: OverrideRow) -> str:
    """Return what was measured of a change: lists before it and while it acts, no experiment."""
    if row.measured is None:
        return ""
    said = []
    held, opened, passed = (row.measured.get(name) for name in ("held", "opened", "passed"))
    if held:
        words = {"was": _percent(held[0]), "is": _percent(held[1])}
        said.append(gettext("In %(is)s of lists, %(was)s before.") % words)
    for title, found in ((gettext("Opened"), opened), (gettext("Passed"), passed)):
        if found:
            words = {name: _points(found[name]) for name in ("difference", "low", "high")}
            said.append(gettext("%(difference)s (%(low)s to %(high)s).") % words)
            said[-1] = f"{title} {said[-1]}"
        else:
            said.append(_not_shown(title))
    return " ".join(said)


def came_of_aim(row: ObjectiveRow) -> tuple[str, ...]:
    """Return what was measured of weights, in sentences: before and after, and what is apart."""
    if row.measured is None:
        return ()
    said = []
    before, during = row.measured["lists"]
    if before and during:
        words = {"during": f"{during:,}", "before": f"{before:,}"}
        said.append(gettext("%(during)s lists, %(before)s before.") % words)
    for title, found in (
        (gettext("Opened"), row.measured.get("opened")),
        (gettext("Passed"), row.measured.get("passed")),
    ):
        said.append(_before_and_apart(title, found))
    if alike := row.measured.get("alike"):
        words = {"was": _percent(alike[0]), "is": _percent(alike[1])}
        said.append(
            gettext("The ten most shown courses have %(is)s of places, %(was)s before.") % words
        )
    return tuple(said)


def _before_and_apart(title: str, found: Mapping[str, Any] | None) -> str:
    if not found:
        return _not_shown(title)
    moved = gettext("%(difference)s (%(low)s to %(high)s).") % _bounded(found)
    apart = (
        gettext(
            "Against the comparison group in the same days %(difference)s (%(low)s to %(high)s)."
        )
        % _bounded(found["apart"])
        if found.get("apart")
        else gettext(
            "What the days brought is not shown: of the comparison group fewer than ten did, or "
            "fewer than ten did not."
        )
    )
    return f"{title} {moved} {apart}"


def _not_shown(title: str) -> str:
    return (
        gettext(
            "%s: not shown: before or since, fewer than ten learners did, or fewer than ten did "
            "not."
        )
        % title
    )


def _bounded(found: Mapping[str, float]) -> dict[str, str]:
    return {name: _points(found[name]) for name in ("difference", "low", "high")}


def cohort_words(cohort: str) -> str:
    """Return whom a change is for."""
    if cohort.startswith(GOAL):
        return gettext("Goal: %s") % cohort.removeprefix(GOAL)
    return {
        "": gettext("Everyone"),
        "new": gettext("Newcomers, fewer than 3 courses touched"),
        "returning": gettext("Returning, 3 courses and more"),
    }.get(cohort, cohort)


def _tiles(effect: Effect) -> Iterator[Tile]:
    if effect.held is not None:
        now, then = effect.held
        yield Tile(
            gettext("Lists with this course"),
            f"{_percent(now)} → {_percent(then)}",
            _points(then - now),
        )
    changed = (
        gettext("fewer than 10 learners") if effect.changed is None else _percent(effect.changed)
    )
    yield Tile(gettext("Another first page"), changed, gettext("of these lists"))
    for title, shift in (
        (gettext("Opened in 7 days"), effect.opened),
        (gettext("Passed in 30 days, once begun"), effect.completed),
    ):
        yield Tile(title, *_shift(shift))


def _shift(shift: Shift | None) -> tuple[str, str]:
    if shift is None:
        return gettext("Not shown"), gettext("The model tells too little of it.")
    bounds = {"low": _points(shift.low), "high": _points(shift.high)}
    return _points(shift.then - shift.now), gettext("%(low)s to %(high)s, predicted") % bounds


def _lines(effect: Effect) -> Iterator[str]:
    if effect.pushed:
        yield gettext("Pushed out most: %s.") % _courses(effect.pushed)
    if effect.gained:
        yield gettext("Comes in for it: %s.") % _courses(effect.gained)
    if effect.cohorts:
        most = ", ".join(
            f"{cohort_words(cohort)} ({_percent(share)})" for cohort, share in effect.cohorts
        )
        yield gettext("Whose first page changes most: %s.") % most
    if effect.opened is not None:
        yield _bounds(effect)


def _bounds(effect: Effect) -> str:
    if effect.calibrated:
        return ngettext(
            "Openings: four of %(five)s changes that are over came out within this range of "
            "what was predicted (%(n)s change).",
            "Openings: four of %(five)s changes that are over came out within this range of "
            "what was predicted (%(n)s changes).",
            effect.finished,
        ) % {"five": gettext("five"), "n": effect.finished}
    return gettext(
        "Predicted by the live model, not measured. %(n)s of %(least)s changes are over that it "
        "takes to say how far such predictions lie off; until then the range says only how lists "
        "differ between learners."
    ) % {"n": effect.finished, "least": LEAST_FINISHED}


def _courses(moved: Sequence[tuple[int, int]]) -> str:
    known = catalogue.courses({course_id for course_id, _lists in moved})
    return ", ".join(
        gettext("“%(title)s” (%(lists)s lists)")
        % {
            "title": known[course_id].title if course_id in known else course_id,
            "lists": f"{lists:,}",
        }
        for course_id, lists in moved
    )


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 or not share else f"{share:.1%}"


def _points(difference: float) -> str:
    """Return a difference of shares in points, with its sign."""
    points = f"{100 * difference:+.1f}".replace("-", "\u2212")
    return gettext("%s pts") % ("0.0" if points in {"+0.0", "\u22120.0"} else points)
