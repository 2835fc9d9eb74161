"""People at the controls: what was tried, and what may be said about it by now?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe

from controltower import access, charts
from experiments import api as experiments
from experiments.data import (
    METRICS,
    Effect,
    ExperimentInfo,
    ExperimentRefusedError,
    PlanVersion,
    Readout,
)
from signals.clock import now

GUARDRAIL = "guardrail"
TRACKS = (
    (charts.PROGRESSION, gettext_lazy("Progression track, decides")),
    (charts.ENGAGEMENT, gettext_lazy("Engagement track")),
    (GUARDRAIL, gettext_lazy("Guardrails")),
)
FIELDS = {
    "mde": gettext_lazy("Smallest effect worth finding"),
    "serves": gettext_lazy("Outcome served"),
    "planned_per_arm": gettext_lazy("Learners in each arm"),
    "look_days": gettext_lazy("Days of the looks"),
    "margins": gettext_lazy("Losses that count as none"),
}
READINGS = {
    "better": gettext_lazy("Better"),
    "worse": gettext_lazy("Worse"),
    "not clear": gettext_lazy("Not clear"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One experiment of the list, with what may be said without opening it."""

    info: ExperimentInfo
    says: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One stop of an experiment's way; state is done, now, fail or empty."""

    title: str
    note: str
    state: str


@dataclass(frozen=True, slots=True)
class Line:
    """One metric with its interval on the line."""

    effect: Effect
    place: charts.Forest
    title: str
    reading: str
    tone: str


@dataclass(frozen=True, slots=True)
class Group:
    """The metrics of one track."""

    title: str
    track: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """Who did a step; said is when and why."""

    step: str
    name: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a plan, before and after."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Written:
    """One version of a plan."""

    number: int
    name: str
    at: datetime
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Visible:
    """The smallest difference the next look can see in one metric, in words."""

    title: str
    detectable: str


@require_safe
@access.requires(access.may_see_experiments)
def experiment_list(request: HttpRequest) -> HttpResponse:
    """Show all experiments, running ones first."""
    rows = sorted(experiments.list_experiments(), key=_place)
    context = {
        "nav": "experiments",
        "rows": [Row(info, _says(info)) for info in rows],
        "holdout_share": experiments.HOLDOUT_SHARE,
    }
    return render(request, "tower/experiments.html", context)


@require_safe
@access.requires(access.may_see_experiments)
def experiment(request: HttpRequest, key: str) -> HttpResponse:
    """Show one experiment: its plan, its sample and what its looks have shown."""
    try:
        readout = experiments.readout(key, now=now())
    except ExperimentRefusedError as error:
        raise Http404(str(error)) from error
    info = next(info for info in experiments.list_experiments() if info.key == key)
    control, variant = list(readout.n)[:2]
    context = {
        "nav": "experiments",
        "readout": readout,
        "verdict": _tone(readout),
        "stages": _stages(info, readout),
        "groups": _groups(readout.effects),
        "control": control,
        "variant": variant,
        "digest": readout.digest,
        "waiting": _visible(readout),
        "info": info,
        "people": _people(info),
        "versions": [_version(one) for one in experiments.versions(key)],
    }
    return render(request, "tower/experiment.html", context)


def _place(info: ExperimentInfo) -> int:
    """Return where an experiment stands in the list: what runs first, what is put away last."""
    order = ("running", "paused", "stopped", "approved", "registered", "draft", "decided")
    return order.index(info.state) if info.state in order else len(order)


def _named(actor: str) -> str:
    """Return a name of the ledger as people say it."""
    kind, _, name = actor.partition(":")
    if kind == "system":
        return gettext("the product itself")
    return name or gettext("not recorded")


def _people(info: ExperimentInfo) -> list[Answers]:
    """Return who answers for what, in the order in which they came in."""
    people = info.people
    lines = [Answers(gettext("Planned by"), _named(people.author))]
    if people.approved_by:
        when = date_format(people.approved_at, "j F") if people.approved_at else ""
        said = " · ".join(filter(None, (when, people.approval_reason)))
        lines.append(Answers(gettext("Approved by"), _named(people.approved_by), said))
    elif info.state in {"draft", "registered"}:
        lines.append(
            Answers(
                gettext("Approved by"),
                gettext("nobody yet"),
                gettext("It starts once a second person has approved the frozen plan."),
            )
        )
    if people.seconded_by:
        lines.append(Answers(gettext("Stands in for shipping"), _named(people.seconded_by)))
    if people.decided_by:
        lines.append(Answers(gettext("Decided by"), _named(people.decided_by)))
    return lines


def _version(version: PlanVersion) -> Written:
    changes = tuple(
        Change(
            str(FIELDS.get(name, capfirst(name.replace("_", " ")))),
            old or gettext("nothing"),
            new or gettext("nothing"),
        )
        for name, (old, new) in version.changed.items()
    )
    return Written(version.number, _named(version.by), version.at, changes)


def _says(info: ExperimentInfo) -> str:
    if info.verdict:
        return gettext("Decided: %s") % info.verdict
    if info.next_look is not None:
        when = date_format(info.next_look, "j F")
        if info.looks_taken:
            return gettext("Open it for the last look; the next is on %s") % when
        return gettext("Nothing before the first look on %s") % when
    if info.looks_taken:
        return gettext("Open it for the last look; it waits for a decision")
    waits = {
        "registered": gettext("Not started: waits for a second person to approve it"),
        "approved": gettext("Not started: approved, and ready to start"),
        "archived": gettext("Put away without a start"),
    }
    if info.state in waits:
        return waits[info.state]
    if info.state == "stopped":
        return gettext("Stopped before its first look: nothing")
    return gettext("Not started: nothing")


def _tone(readout: Readout) -> str:
    readings = [effect.reading for effect in readout.effects]
    if not readout.trustworthy or "worse" in readings:
        return "bad"
    return "ok" if "better" in readings else ""


def _stages(info: ExperimentInfo, readout: Readout) -> list[Stage]:
    frozen = bool(readout.digest)
    started = info.started_at
    plan = Stage(
        gettext("Plan"),
        gettext("Frozen") if frozen else gettext("Draft"),
        "done" if frozen else "now",
    )
    start = Stage(
        gettext("Start"),
        date_format(started, "j F") if started else gettext("Waits"),
        "done" if started else "now" if info.state == "approved" else "",
    )
    if info.paused_at is not None and info.state == "paused":
        start = Stage(
            start.title, gettext("Paused on %s") % date_format(info.paused_at, "j F"), "now"
        )
    looks = [_look(info, number) for number in range(1, info.looks + 1)]
    if not readout.trustworthy:
        start = Stage(start.title, gettext("Split or plan broken"), "fail")
    return [plan, _approval(info), start, *looks, _decision(info)]


def _approval(info: ExperimentInfo) -> Stage:
    title, at = gettext("Approval"), info.people.approved_at
    if info.people.approved_by:
        return Stage(title, date_format(at, "j F") if at else gettext("Given"), "done")
    return Stage(title, gettext("Waits"), "now" if info.state == "registered" else "")


def _look(info: ExperimentInfo, number: int) -> Stage:
    title = gettext("Look %d") % number
    if number <= info.looks_taken:
        return Stage(title, gettext("Taken"), "done")
    if number == info.looks_taken + 1 and info.next_look is not None:
        return Stage(title, date_format(info.next_look, "j F"), "now")
    return Stage(
        title, gettext("Later") if info.state in {"running", "paused"} else gettext("Not taken"), ""
    )


def _decision(info: ExperimentInfo) -> Stage:
    title = gettext("Decision")
    if info.verdict:
        return Stage(title, capfirst(info.verdict), "done")
    if info.state == "archived":
        return Stage(title, gettext("Archived without one"), "")
    if info.looks_taken == info.looks or info.state == "stopped":
        return Stage(title, gettext("Due"), "now")
    return Stage(title, gettext("After the last look"), "")


def _groups(effects: Sequence[Effect]) -> list[Group]:
    ends = {
        unit: charts.reach([x for e in effects if e.unit == unit for x in (e.low, e.high)])
        for unit in {effect.unit for effect in effects}
    }
    found = [
        Group(
            title=str(title),
            track=track,
            lines=tuple(_line(e, ends[e.unit]) for e in effects if e.track == track),
        )
        for track, title in TRACKS
    ]
    return [group for group in found if group.lines]


def _line(effect: Effect, end: float) -> Line:
    better = "eng" if effect.track == charts.ENGAGEMENT else "ok"
    tones = {"better": better, "worse": "bad", "not clear": ""}
    return Line(
        effect=effect,
        place=charts.forest(
            effect.low, effect.difference, effect.high, end=end, track=effect.track
        ),
        title=capfirst(METRICS[effect.metric].title),
        reading=str(READINGS[effect.reading]),
        tone=tones[effect.reading],
    )


def _visible(readout: Readout) -> list[Visible]:
    if readout.waiting is None:
        return []
    return [
        Visible(capfirst(METRICS[key].title), _difference(value, METRICS[key].unit))
        for key, value in readout.waiting.detectable.items()
    ]


def _difference(value: float, unit: str) -> str:
    if unit == "share":
        return gettext("%s pts") % f"{100 * value:.1f}"
    return f"{value:.2f} {unit}"
