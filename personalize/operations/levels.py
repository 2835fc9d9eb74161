"""For operators: do we keep what we promise, and how fast is what may go wrong being used up?

A level of service promises a share of good answers over thirty days. An answer is good unless it
is a 5xx or came too late. Burn is how many times faster than allowed answers go wrong: 1 uses up
exactly what may go wrong in thirty days. Alarms ask for a long window and a short one together, so
that they come quickly for much, slowly for little, and end soon after the trouble does
(Beyer et al., The Site Reliability Workbook, chapter 5).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from personalize.operations.requests import Kind

PERIOD = timedelta(days=30)
MINUTES = {"5m": 5, "30m": 30, "1h": 60, "6h": 360, "3d": 4320, "30d": 43_200}
# (long window, short window, burn from which it is an alarm, whether somebody is woken)
ALARMS = (("1h", "5m", 14.4, True), ("6h", "30m", 6.0, True), ("3d", "6h", 1.0, False))
BAD_AT_LEAST = 10  # in the long window: one failure of a quiet night wakes nobody
PROMISED = {
    "learner": (0.999, (Kind.RECOMMEND, Kind.CAPTURE, Kind.FLAGS, Kind.PAGE)),
    "admin": (0.995, (Kind.TOWER,)),
}


@dataclass(frozen=True, slots=True)
class Window:
    """What was answered in the time up to now."""

    name: str  # "5m" to "30d"
    answered: int
    bad: int  # failed or too late
    burn: float  # times the allowed share; 0 where nothing was asked


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """A promise and how it is kept."""

    key: str  # "learner", "admin"
    objective: float  # share of good answers, 0..1
    windows: tuple[Window, ...]  # shortest first; the last is the whole period
    alarm: str  # "" (kept), "ticket" or "page"

    @property
    def good_share(self) -> float | None:
        """Return the share of good answers over the period; None where nothing was asked."""
        whole = self.windows[-1]
        return 1 - whole.bad / whole.answered if whole.answered else None

    @property
    def budget_left(self) -> float:
        """Return how much of what may go wrong is left, 1 all of it, below 0 overspent."""
        return 1 - self.windows[-1].burn

    def window(self, name: str) -> Window:
        """Return a window by its name."""
        return next(window for window in self.windows if window.name == name)


_COUNT = """
SELECT kind, {columns} FROM personalize_answeredminute
WHERE minute > %(now)s - interval '43200 minutes' AND minute <= %(now)s GROUP BY kind
"""
_SINCE = "FILTER (WHERE minute > %(now)s - interval '{0} minutes')"
_COLUMNS = ", ".join(
    f"coalesce(sum({what}) {_SINCE.format(minutes)}, 0)"
    for minutes in MINUTES.values()
    for what in ("answered", "failed + late")
)


def service_levels(*, now: datetime) -> tuple[ServiceLevel, ...]:
    """Return every level of service that is promised; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(columns=_COLUMNS), {"now": now})
        found = {kind: tuple(map(int, counts)) for kind, *counts in cursor.fetchall()}
    nothing = (0,) * (2 * len(MINUTES))
    levels = []
    for key, (objective, kinds) in PROMISED.items():
        rows = [found.get(kind.value, nothing) for kind in kinds]
        sums = [sum(column) for column in zip(*rows, strict=True)]
        windows = tuple(
            window_of(name, sums[2 * n], sums[2 * n + 1], objective=objective)
            for n, name in enumerate(MINUTES)
        )
        levels.append(ServiceLevel(key, objective, windows, _alarm(windows)))
    return tuple(levels)


def window_of(name: str, answered: int, bad: int, *, objective: float) -> Window:
    """Return a window with its burn: the share that went wrong over the share that may."""
    share = bad / answered if answered else 0.0
    return Window(name, answered, bad, share / (1 - objective))


def _alarm(windows: tuple[Window, ...]) -> str:
    by_name = {window.name: window for window in windows}
    for long, short, burn, wakes in ALARMS:
        over = min(by_name[long].burn, by_name[short].burn) > burn
        if over and by_name[long].bad >= BAD_AT_LEAST:
            return "page" if wakes else "ticket"
    return ""
