"""People at the controls: is the week better, what drifts, how fast are lists, what arrives?

The parts of the overview beside the key figures, each a few rows of counts or of what was kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext

from controltower import charts
from controltower.alerts import drifted
from controltower.views import better
from personalize import api as personalize
from signals import aggregates

DRIFT_ALERT = 0.15
SHOWN_SCALE = 0.25  # the end of the small axis of drift
HISTOGRAM = (160, 56)
FEWEST = 10
BEHIND = timedelta(minutes=15)  # lists are counted every five


@dataclass(frozen=True, slots=True)
class NorthStar:
    """The newest weekly verdict in words; moved is empty where there is none."""

    since: datetime
    until: datetime
    title: str
    moved: str
    interval: str
    tone: str
    base: str
    why: str


@dataclass(frozen=True, slots=True)
class Drifting:
    """One feature: the greatest change of its parts; wide is of 100."""

    title: str
    change: str
    wide: float
    state: str  # drifted, near, usual, unknown


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the histogram of times."""

    x: float
    y: float
    width: float
    height: float
    late: bool


@dataclass(frozen=True, slots=True)
class SpeedSeen:
    """How fast lists were in 24 hours, and how many of 30 days missed."""

    p50: str
    p95: str
    p99: str
    within: bool  # p95 keeps the limit
    bars: tuple[Bar, ...]
    limit_at: float
    base: str
    missed: str
    missed_base: str
    too_many: bool  # missed more often than is wanted


@dataclass(frozen=True, slots=True)
class FlowSeen:
    """What arrives, and how good it is."""

    hour: str
    week_before: str
    refused: str
    unknown: str


def north_star() -> NorthStar | None:
    """Return the newest verdict on progression; None before the first."""
    kept = next(iter(personalize.verdicts()), None)
    if kept is None:
        return None
    week = better.week_of(kept)
    line = next((one for one in week.lines if one.track == charts.PROGRESSION), None)
    return NorthStar(
        since=week.shown_since,
        until=week.shown_until,
        title=line.verdict if line else gettext("Not shown"),
        moved=line.moved if line else "",
        interval=line.interval if line else "",
        tone=line.tone if line else "",
        base=line.base if line else "",
        why=week.why,
    )


def drifting() -> tuple[Drifting, ...]:
    """Return the features watched, the most moved first."""
    alerts = {one.feature for one in personalize.drift_alerts() if one.state != "over"}
    found = []
    for look in personalize.drift():
        most = max((abs(one.change) for one in look.parts if one.judged), default=None)
        found.append((most or 0.0, look.feature, most))
    return tuple(
        Drifting(
            title=str(drifted.TITLES[feature]),
            change="–" if most is None else f"{most:.1%}",  # noqa: RUF001  as everywhere
            wide=round(100 * min(size / SHOWN_SCALE, 1.0), 1),
            state="drifted"
            if feature in alerts
            else "unknown"
            if most is None
            else "near"
            if most >= DRIFT_ALERT
            else "usual",
        )
        for size, feature, most in sorted(found, reverse=True)
    )


def _missed(month: personalize.Speed) -> tuple[str, str]:
    """Return how many lists were late or not made by the model, of how many, and which of both."""
    missed, lists = (aggregates.publishable(count) for count in (month.missed, month.lists))
    said = gettext("%(missed)s of %(lists)s") % {
        "missed": _few(month.missed),
        "lists": _few(month.lists),
    }
    if missed and lists:
        said += f" ({missed / lists:.1%})"
    base = gettext(
        "%(fell)s from a fallback, %(late)s over 200 ms; wanted: at most %(most)s of lists"
    )
    return said, base % {
        "fell": _few(month.fell_back).capitalize(),
        "late": _few(month.late),
        "most": f"{1 - personalize.PROMISED:.1%}",
    }


def speed(*, now: datetime) -> SpeedSeen | None:
    """Return how fast lists were; None where fewer than ten were counted."""
    day = personalize.speed(since=now - timedelta(hours=24), until=now)
    if day.lists < FEWEST:
        return None
    month = personalize.speed_of_month(now=now)
    missed, missed_base = _missed(month)
    p95 = day.quantile(0.95)
    return SpeedSeen(
        p50=_ms(day.quantile(0.5)),
        p95=_ms(p95),
        p99=_ms(day.quantile(0.99)),
        within=p95 is not None and p95 <= personalize.LIMIT_MS,
        bars=_bars(day.counts),
        limit_at=_at(personalize.BOUNDS_MS.index(personalize.LIMIT_MS) + 1),
        base=gettext("About %(lists)s lists, %(fell)s from a fallback")
        % {"lists": f"{aggregates.publishable(day.lists):,}", "fell": _few(day.fell_back)},
        missed=missed,
        missed_base=missed_base,
        too_many=month.missed > (1 - personalize.PROMISED) * month.lists,
    )


def counting(*, now: datetime) -> str:
    """Say how far lists are counted where that lags behind; empty where it does not."""
    to = personalize.lists_counted_to()
    if to is None:
        return gettext("Lists are counted every five minutes; none are yet.")
    if now - to <= BEHIND:
        return ""
    return gettext("Lists are being counted, up to %s UTC so far.") % f"{to:%-d %B, %H:%M}"


def flow(*, now: datetime) -> FlowSeen:
    """Return what arrives just now, and the quality of seven closed days."""
    seen = aggregates.event_flow(now=now)
    shares = aggregates.refusals(now=now)
    return FlowSeen(
        hour=_few(seen.hour or 0),
        week_before=_few(seen.week_before or 0),
        refused=f"{shares.refused_share:.1%}" if shares.received >= FEWEST else "",
        unknown=f"{shares.unknown_share:.1%}" if shares.received >= FEWEST else "",
    )


def _few(count: int) -> str:
    shown = aggregates.publishable(count)
    return gettext("fewer than 10") if shown is None else f"{shown:,}"


def _ms(value: float | None) -> str:
    return gettext("over 1 s") if value is None else gettext("%s ms") % f"{value:.0f}"


def _at(place: int) -> float:
    return round(HISTOGRAM[0] * place / (len(personalize.BOUNDS_MS) + 1), 1)


def _bars(counts: tuple[int, ...]) -> tuple[Bar, ...]:
    highest = max(counts)
    limit = personalize.BOUNDS_MS.index(personalize.LIMIT_MS)
    width = _at(1)
    return tuple(
        Bar(
            x=_at(place),
            y=round(HISTOGRAM[1] * (1 - count / highest), 1),
            width=round(width - 1, 1),
            height=round(HISTOGRAM[1] * count / highest, 1),
            late=place > limit,
        )
        for place, count in enumerate(counts)
        if count >= FEWEST
    )
