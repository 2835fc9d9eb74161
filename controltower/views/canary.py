"""People at the controls: how does the canary get on, in figures somebody reads at a glance?"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from personalize.data import CanaryState, GuardReading

MINUS = "\N{MINUS SIGN}"
AT_A_GLANCE = ("clicked", "refused", "slow", "fallback")
TITLES: dict[str, str | Promise] = {
    "served": gettext_lazy("It answers"),
    "consent": gettext_lazy("Consent is kept"),
    "slow": gettext_lazy("95 of 100 lists within"),
    "fallback": gettext_lazy("Fallbacks"),
    "empty": gettext_lazy("Empty lists"),
    "refused": gettext_lazy("“Not for me”"),
    "clicked": gettext_lazy("Lists clicked"),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of the canary beside the live model's."""

    title: str | Promise
    value: str
    beside: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The canary as its page shows it."""

    state: CanaryState
    tiles: tuple[Tile, ...]
    learners: int
    gates: str
    passed: str  # of its time, in words
    waits: bool  # past its time, for more learners


def shown(state: CanaryState, *, now: datetime) -> Shown:
    """Return a canary in figures and words."""
    readings = {reading.guard: reading for reading in state.model.readings}
    findings = state.model.findings
    gates = {"passed": sum(one.passed for one in findings), "all": len(findings)}
    minutes = max(int((now - state.since).total_seconds() // 60), 0)
    length = state.until_most if now > state.until else state.until
    over = {"hours": minutes // 60, "minutes": minutes % 60}
    over["of"] = round((length - state.since).total_seconds() / 3600)
    return Shown(
        state=state,
        tiles=tuple(_tile(readings[name]) for name in AT_A_GLANCE if name in readings),
        learners=max((reading.learners for reading in readings.values()), default=0),
        gates=gettext("%(passed)s of %(all)s passed") % gates,
        passed=gettext("%(hours)s h %(minutes)s min of %(of)s h") % over,
        waits=now > state.until,
    )


def _tile(reading: GuardReading) -> Tile:
    title = TITLES[reading.guard]
    if reading.canary is None or reading.live is None:
        return Tile(title, "\N{EN DASH}", gettext("too few learners yet"), holds=reading.holds)
    if reading.unit == "ms":
        live = gettext("%(ms)s ms with the live model") % {"ms": f"{reading.live:.0f}"}
        value = gettext("%(ms)s ms") % {"ms": f"{reading.canary:.0f}"}
        return Tile(title, value, live, holds=reading.holds)
    beside = gettext("%(share)s with the live model") % {"share": f"{reading.live:.1%}"}
    if reading.low is not None and reading.high is not None:
        ends = {"low": _points(reading.low), "high": _points(reading.high)}
        beside = f"{beside}; {gettext('%(low)s to %(high)s points') % ends}"
    return Tile(title, f"{reading.canary:.1%}", beside, holds=reading.holds)


def _points(difference: float) -> str:
    """Return a difference of shares in points, with its sign."""
    return f"{difference * 100:+.1f}".replace("-", MINUS)
