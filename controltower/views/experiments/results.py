"""People at the controls: what did a look show, metric by metric and track by track?"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from controltower import charts
from experiments.data import Compared, Effect, Readout
from experiments.metrics import METRICS

GUARDRAIL = "guardrail"
TRACKS = (
    (charts.PROGRESSION, gettext_lazy("Progression track, decides")),
    (charts.ENGAGEMENT, gettext_lazy("Engagement track")),
    (GUARDRAIL, gettext_lazy("Guardrails")),
)
NOT_CLEAR = "not clear"
READINGS = {
    "better": gettext_lazy("Better"),
    "worse": gettext_lazy("Worse"),
    "not clear": gettext_lazy("Not clear"),
}


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
class Beside:
    """An effect that stands beside the plan's own: of a cohort (who), or of another metric."""

    who: str
    title: str
    effect: Effect
    reading: str
    tone: str


@dataclass(frozen=True, slots=True)
class Visible:
    """The smallest difference the next look can see in one metric, in words."""

    title: str
    detectable: str


def context(readout: Readout) -> dict[str, object]:
    """Return what the page shows of a look: effects, cohorts, other metrics, and what fades."""
    control, variant = list(readout.n)[:2]
    return {
        "control": control,
        "variant": variant,
        "groups": groups(readout.effects),
        "waiting": visible(readout),
        "cohorts": [_beside(one) for one in readout.cohorts if one.reading != NOT_CLEAR],
        "cohorts_looked_at": len({(one.cohort, one.value) for one in readout.cohorts}),
        "secondary": [_beside(one) for one in readout.secondary],
        "moving": [trend for trend in readout.trends if trend.sentence],
    }


def groups(effects: Sequence[Effect]) -> list[Group]:
    """Return the effects of a look by track, on one scale for each unit."""
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


def _beside(one: Compared) -> Beside:
    title = capfirst(METRICS[one.effect.metric].title)
    return Beside(
        who=one.title if one.cohort else "",
        title=title,
        effect=one.effect,
        reading=str(READINGS[one.reading]),
        tone=tone_of(one.reading, one.effect.track),
    )


def tone_of(reading: str, track: str) -> str:
    """Return the tone of a reading: violet or green for better, red for worse, none for neither."""
    better = "eng" if track == charts.ENGAGEMENT else "ok"
    return {"better": better, "worse": "bad"}.get(reading, "")


def _line(effect: Effect, end: float) -> Line:
    return Line(
        effect=effect,
        place=charts.forest(
            effect.low,
            effect.difference,
            effect.high,
            end=end,
            track=effect.track,
            reading=effect.reading,
        ),
        title=capfirst(METRICS[effect.metric].title),
        reading=str(READINGS[effect.reading]),
        tone=tone_of(effect.reading, effect.track),
    )


def visible(readout: Readout) -> list[Visible]:
    """Return the smallest difference the next look can see, metric by metric."""
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
