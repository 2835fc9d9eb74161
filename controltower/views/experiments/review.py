"""People at the controls: what is there to decide this week, one screen an experiment?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from controltower import access, charts
from controltower.templatetags.tower import difference
from controltower.views.experiments.results import READINGS, TRACKS, tone_of
from experiments import api as experiments
from experiments.data import ExperimentRefusedError
from signals.clock import now


@dataclass(frozen=True, slots=True)
class Line:
    """One metric of one experiment with its interval on the line."""

    title: str
    unit: str
    difference: float
    place: charts.Forest
    reading: str
    tone: str


@dataclass(frozen=True, slots=True)
class Track:
    """The metrics of one track."""

    title: str
    track: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """One experiment of a review; kept is its entry as it is stored."""

    kept: Mapping[str, Any]
    tracks: tuple[Track, ...]
    cohorts: tuple[Line, ...]
    next_look: date | None
    smallest: int  # learners of the smaller arm, 0 before the first look


@dataclass(frozen=True, slots=True)
class Again:
    """A decision to ship and what it came to; a cell is a figure, or when there will be one."""

    key: str
    title: str
    at_launch: str
    cells: tuple[tuple[int, str], ...]
    reading: str
    tone: str


@dataclass(frozen=True, slots=True)
class Better:
    """Whether the week was better than the one before: clicks of 100 lists, with the interval."""

    said: str
    tone: str
    moved: str
    low: str
    high: str
    lists: int


@dataclass(frozen=True, slots=True)
class Against:
    """What everything did against the comparison group: a figure with its interval, or why none."""

    figure: str
    tone: str
    says: str


@dataclass(frozen=True, slots=True)
class Due:
    """How many decisions are due of one kind."""

    count: int
    what: str


@require_safe
@access.requires(access.may_see_experiments)
def latest(request: HttpRequest) -> HttpResponse:
    """Lead to the review of the last week that is over."""
    week = experiments.finished_week(now())
    try:
        experiments.review(week, now=now())
    except ExperimentRefusedError:
        return render(request, "tower/review_none.html", {"nav": "review"})
    return redirect("tower:review_week", week)


@require_safe
@access.requires(access.may_see_experiments)
def week_page(request: HttpRequest, week: str) -> HttpResponse:
    """Show a review; it is the same whenever it is opened."""
    return render(request, "tower/review.html", {"nav": "review", **_shown(week)})


@require_safe
@access.requires(access.may_see_experiments)
def printed(request: HttpRequest, week: str) -> HttpResponse:
    """Show a review on paper: nothing of who opens it or when, so byte for byte the same."""
    return render(request, "tower/review_print.html", _shown(week))


def _shown(week: str) -> dict[str, object]:
    """Return what the page of a week is made of: a function of what is stored and nothing else."""
    try:
        found = experiments.review(week, now=now())
    except ExperimentRefusedError as error:
        raise Http404(str(error)) from error
    content = found.content
    return {
        "review": found,
        "content": content,
        "until": datetime.fromisoformat(content["until"]),
        "number": found.week.partition("-W")[2],
        "before": content["before"],
        "before_number": content["before"].partition("-W")[2],
        "screens": [_screen(entry) for entry in content["experiments"]],
        "due": sum(content["due"].values()),
        "due_parts": [Due(count, _named(what)) for what, count in content["due"].items()],
        "visible": content["visible"],
        "better": _better(content.get("change")),
        "against": _against(content.get("holdout")),
        "rereads": [_again(row) for row in content["rereads"]],
    }


def _better(change: Mapping[str, Any] | None) -> Better | None:
    """Return the answer of the week in points of 100 lists; reviews of before have none."""
    if change is None:
        return None
    said, tone = {
        "better": (gettext("Yes"), "up"),
        "worse": (gettext("No"), "dn"),
        "not clear": (gettext("Not clear"), ""),
    }[change["reading"]]
    points = [100 * change[name] for name in ("difference", "low", "high")]
    moved, low, high = (charts.signed(value, 1) for value in points)
    return Better(said, tone, moved, low, high, change["lists"])


def _against(lift: Mapping[str, Any] | None) -> Against:
    """Return the lift over the permanent comparison group; reviews of before have none."""
    not_shown = gettext("Not shown")
    if lift is None:
        return Against(not_shown, "", gettext("it was not read yet when this was written"))
    if "why" in lift:
        said = {
            "few": gettext("fewer than 10 learners of the holdout completed a lesson in 4 weeks"),
            "uneven": gettext("the holdout is not the share of learners that it should be"),
        }
        return Against(not_shown, "", said[lift["why"]])
    share, low, high = (charts.signed(100 * lift[name], 1) for name in ("share", "low", "high"))
    held, tone = intcomma(lift["held"]), {"better": "up", "worse": "dn"}.get(lift["reading"], "")
    says = gettext("lessons in 4 weeks, %(low)s%% to %(high)s%%; %(held)s held out")
    return Against(f"{share}%", tone, says % {"low": low, "high": high, "held": held})


def _named(what: str) -> str:
    return {
        "ship": gettext("to ship"),
        "stop": gettext("to stop"),
        "extend": gettext("to extend"),
        "discuss": gettext("to discuss"),
    }[what]


def _again(row: Mapping[str, Any]) -> Again:
    words = {
        "lasting": (gettext("Lasting"), "ok"),
        "faded": (gettext("Faded: propose removal"), "warn"),
        "harm": (gettext("Harm: propose removal"), "bad"),
        "not clear": (gettext("Not clear"), ""),
    }
    reading, tone = words.get(row["reading"], (gettext("Not read again yet"), ""))
    return Again(
        key=row["key"],
        title=row["title"],
        at_launch=_moved(row["at_launch"], row["unit"]),
        cells=tuple((cell["day"], _cell(cell, row["unit"])) for cell in row["days"]),
        reading=reading,
        tone=tone,
    )


def _moved(value: float | None, unit: str) -> str:
    return gettext("nothing") if value is None else difference(value, unit)


def _cell(cell: Mapping[str, Any], unit: str) -> str:
    if cell["taken"]:
        return _moved(cell["moved"], unit)
    if cell["over"]:
        return gettext("not read")
    return gettext("due %s") % date_format(date.fromisoformat(cell["due"]), "j M")


def _screen(entry: Mapping[str, Any]) -> Screen:
    effects = entry["effects"]
    seen = _lines(effects)
    tracks = tuple(
        Track(str(title), track, tuple(line for kind, line in seen if kind == track))
        for track, title in TRACKS
    )
    telling = [one for one in entry["cohorts"] if one["reading"] != "not clear"]
    return Screen(
        kept=entry,
        tracks=tuple(track for track in tracks if track.lines),
        cohorts=tuple(line for _, line in _lines(telling)),
        next_look=date.fromisoformat(entry["next_look"]) if entry["next_look"] else None,
        smallest=min(entry["n"].values()) if entry.get("n") else 0,
    )


def _lines(effects: Sequence[Mapping[str, Any]]) -> list[tuple[str, Line]]:
    ends = {
        unit: charts.reach([x for e in effects if e["unit"] == unit for x in (e["low"], e["high"])])
        for unit in {effect["unit"] for effect in effects}
    }
    return [(one["track"], _line(one, ends[one["unit"]])) for one in effects]


def _line(effect: Mapping[str, Any], end: float) -> Line:
    title = capfirst(effect["title"])
    if effect.get("value"):
        title = f"{effect['who']}: {effect['title']}"
    return Line(
        title=title,
        unit=effect["unit"],
        difference=effect["difference"],
        place=charts.forest(
            effect["low"],
            effect["difference"],
            effect["high"],
            end=end,
            track=effect["track"],
            reading=effect["reading"],
        ),
        reading=str(READINGS[effect["reading"]]),
        tone=tone_of(effect["reading"], effect["track"]),
    )
