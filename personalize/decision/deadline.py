"""How much time is left for this request? (L4) Travels as an argument; only recommend.py acts."""

from collections.abc import Callable
from time import perf_counter

BUDGET_MS = 150.0  # of the 200 ms a page may wait


class Deadline:
    """A budget that starts when it is made."""

    __slots__ = ("_clock", "_ends", "_started")

    def __init__(
        self, budget_ms: float | None = None, *, clock: Callable[[], float] = perf_counter
    ) -> None:
        """Start the clock, which returns seconds; without a budget it is BUDGET_MS."""
        self._clock = clock
        self._started = clock()
        self._ends = self._started + (BUDGET_MS if budget_ms is None else budget_ms) / 1000

    def spent(self) -> bool:
        """Say whether the budget is used up."""
        return self._clock() >= self._ends

    def took_ms(self) -> float:
        """Return the time since the start."""
        return (self._clock() - self._started) * 1000
