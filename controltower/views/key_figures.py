"""People at the controls: how are the key figures against the comparison group, and their targets?

Read from what a night has kept; the page computes nothing of learners.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from controltower import charts
from experiments import api as experiments
from experiments.data import UNEVEN, KeyLift, KeyTarget
from experiments.metrics import METRICS, Metric

TITLES: Mapping[str, str | Promise] = MappingProxyType(
    {
        "courses_completed": gettext_lazy("Courses completed in 28 days"),
        "modules_completed": gettext_lazy("Lessons completed in 14 days"),
        "satisfaction": gettext_lazy("Satisfaction (stars)"),
        "ctr": gettext_lazy("Click-through"),
        "enrolments": gettext_lazy("Enrolments in 14 days"),
        "acceptance": gettext_lazy("Lists that led to an enrolment"),
        "activation": gettext_lazy("Began within five minutes"),
        "return": gettext_lazy("Came back within a week"),
        "repeat_engagement": gettext_lazy("Clicked again on another day"),
        "retention_d7": gettext_lazy("Here in the week from day 7"),
        "retention_d30": gettext_lazy("Here in the week from day 30"),
        "retention_d90": gettext_lazy("Here in the week from day 90"),
        "revenue": gettext_lazy("Revenue per learner in 28 days"),
        "preference_edits": gettext_lazy("Choices made by hand in 28 days"),
    }
)
OF_TILE = MappingProxyType(  # which of them stands below a live tile
    {
        "completion": "courses_completed",
        "satisfaction": "satisfaction",
        "click-through": "ctr",
        "enrolment": "enrolments",
    }
)
TONES = {"better": "up", "worse": "dn"}


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key figure in words; lift is empty where it is not shown, and why says why."""

    metric: str
    title: str
    about: str
    track: str
    owner: str
    target: str
    level: str
    baseline: str
    lift: str
    interval: str
    tone: str
    base: str
    why: str
    state: str  # of the target: reached, missed, open, or empty
    state_said: str


def key_rows(*, now: datetime) -> tuple[KeyRow, ...]:
    """Return every key figure in the order of the page; two statements."""
    targets, lifts = experiments.key_targets(at=now), experiments.lifts()
    return tuple(_row(targets[metric], lifts.get(metric)) for metric in TITLES)


def is_traded(rows: tuple[KeyRow, ...]) -> tuple[KeyRow, KeyRow] | None:
    """Return the figures by which engagement is clearly better and progression clearly worse."""
    gained = [row for row in rows if row.track == charts.ENGAGEMENT and row.tone == "up"]
    lost = [row for row in rows if row.track == charts.PROGRESSION and row.tone == "dn"]
    return (gained[0], lost[0]) if gained and lost else None


def _row(target: KeyTarget, lift: KeyLift | None) -> KeyRow:
    metric = METRICS[target.metric]
    shown = lift if lift and not lift.why else None
    state = _state(target.target, shown)
    return KeyRow(
        metric=target.metric,
        title=str(TITLES[target.metric]),
        about=metric.about,
        track=metric.track,
        owner=target.owner,
        target="" if target.target is None else _percent(target.target),
        level=_level(metric, shown.level) if shown else "",
        baseline=_level(metric, shown.held_level) if shown else "",
        lift=_percent(shown.share) if shown else "",
        interval=gettext("%(low)s to %(high)s")
        % {"low": _percent(shown.low), "high": _percent(shown.high)}
        if shown
        else "",
        tone=TONES.get(shown.reading, "fl") if shown else "",
        base=gettext("%(others)s learners, %(held)s in the comparison group")
        % {"others": f"{shown.others:,}", "held": f"{shown.held:,}"}
        if shown
        else "",
        why=_why(lift),
        state=state,
        state_said=str(STATES[state]) if state else "",
    )


STATES = {
    "reached": gettext_lazy("Target reached"),
    "missed": gettext_lazy("Below target"),
    "open": gettext_lazy("Not clear yet"),
}


def _state(target: float | None, lift: KeyLift | None) -> str:
    if target is None or lift is None:
        return ""
    if lift.low >= target:
        return "reached"
    return "missed" if lift.high < target else "open"


def _why(lift: KeyLift | None) -> str:
    if lift is None:
        return gettext("Not read yet: it is read every night.")
    if lift.why == UNEVEN:
        return gettext("Not shown: the groups are not the sizes they should be.")
    return gettext("Not shown: too few learners in a group.") if lift.why else ""


def _percent(share: float) -> str:
    return f"{charts.signed(100 * share, 1)}%"


def _level(metric: Metric, value: float) -> str:
    return f"{value:.1%}" if metric.unit == "share" else f"{value:.2f}"
