"""How do the days of a world pass, so that each is stored once, whatever interrupts it? (demo)"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from demo.diary import Event
from demo.product import Product
from demo.state import Keeper, State

BATCH = 400  # events


@dataclass(frozen=True, slots=True)
class Day:
    """What one played day came to."""

    day: int
    visits: int
    slates: int
    events: int


@dataclass
class Days(ABC):
    """A world that is played day by day: decided, written down, sent, and then it counts."""

    state: State
    product: Product
    keeper: Keeper

    def days(self, until: int) -> Iterator[Day]:
        """Play from the next day up to `until`, and yield each day once it is stored."""
        with ThreadPoolExecutor(self.product.connections) as pool:
            self._finish_pending(pool)
            while self.state.next_day < until:
                yield self._day(pool)

    def tell_kinds(self) -> None:
        """Say of everybody of what kind they are, as of the first day; again is no harm."""
        at = self.state.epoch
        with ThreadPoolExecutor(self.product.connections) as pool:
            list(pool.map(lambda external: self.product.tell(external, at), self.names()))

    @abstractmethod
    def names(self) -> list[str]:
        """Return who lives here, as the platform calls them."""

    @abstractmethod
    def _day(self, pool: ThreadPoolExecutor) -> Day:
        """Play the next day and end it."""

    def _finish_pending(self, pool: ThreadPoolExecutor) -> None:
        """Send again the day that was decided and perhaps not stored whole."""
        found = self.keeper.pending()
        if found:
            self.state, events = found
            self._send(pool, events, self.state.begin_of(self.state.next_day))
            self.keeper.save(self.state)

    def _end(self, pool: ThreadPoolExecutor, events: list[Event]) -> None:
        """Let a day that was decided be over: written down, sent, counted."""
        state = self.state
        kinds = [event["kind"] for event in events]
        state.events += len(kinds)
        state.slates += kinds.count("rec.shown")
        state.clicks += kinds.count("rec.clicked")
        state.next_day += 1
        self.keeper.decide(state, events)
        self._send(pool, events, state.begin_of(state.next_day))
        self.keeper.save(state)

    def _send(self, pool: ThreadPoolExecutor, events: list[Event], at: datetime) -> None:
        """Send a day's events; the product puts them in order, so batches may overtake."""
        batches = [events[start : start + BATCH] for start in range(0, len(events), BATCH)]
        list(pool.map(lambda batch: self.product.take(batch, at), batches))
