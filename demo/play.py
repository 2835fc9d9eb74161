"""How is a world played against the running product? Day by day, over HTTP (demo).

Each day: who comes asks for recommendations at the moment they come, chooses from what they are
shown, and the day's events are sent when it is over. The header `X-Northway-Now` moves the
product's clock for each of these requests.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from demo import behaviour, learners
from demo.client import Client, ProductError
from demo.diary import Diary, Event, Scene, Slate, namespace
from demo.groups import groups_of
from demo.learners import Visit
from demo.state import Keeper, State
from demo.world import World

BATCH = 400  # events
SHOWN = 12  # courses on a list


@dataclass(frozen=True, slots=True)
class Product:
    """The product as the world knows it: an address, a key, and how much of it to take.

    `pause_s` is slept after each request on each connection, to leave room for others.
    """

    client: Client
    key: str
    connections: int = 4
    pause_s: float = 0.0

    def _post(self, path: str, body: object, at: datetime) -> dict[str, object]:
        told: dict[str, object] = self.client.post(
            path,
            body,
            headers={"Authorization": f"Bearer {self.key}", "X-Northway-Now": at.isoformat()},
        )
        time.sleep(self.pause_s)
        return told

    def slate(self, external: str, at: datetime) -> Slate:
        """Ask for one learner's list on the home page at that moment."""
        asked = {"learner": external, "surface": "home", "unit": "course", "k": SHOWN}
        told = self._post("/personalize/v1/recommendations", asked, at)
        items: list[dict[str, str]] = told["items"]  # type: ignore[assignment]
        return Slate(str(told["request_id"]), tuple(item["course"] for item in items))

    def tell(self, external: str, at: datetime) -> None:
        """Say of what kind a learner is."""
        self._post("/signals/v1/groups", {"learner": external, **groups_of(external)}, at)

    def take(self, events: Sequence[Event], at: datetime) -> None:
        """Send events; raise ProductError when one of them is refused as malformed."""
        told = self._post(
            "/signals/v1/batch", {"sent_at": at.isoformat(), "batch": list(events)}, at
        )
        if told["quarantined"]:
            raise ProductError(f"{told['quarantined']} events were refused: {told['errors']}")


@dataclass(frozen=True, slots=True)
class Day:
    """What one played day came to."""

    day: int
    visits: int
    slates: int
    events: int


@dataclass
class Play:
    """One world with everything needed to play it.

    Before day `quiet_before` nobody is shown recommendations: history from before the product.
    """

    world: World
    state: State
    product: Product
    keeper: Keeper
    quiet_before: int = 0

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
            names = [learner.external for learner in self.state.learners]
            list(pool.map(lambda external: self.product.tell(external, at), names))

    def _finish_pending(self, pool: ThreadPoolExecutor) -> None:
        """Send again the day that was decided and perhaps not stored whole."""
        found = self.keeper.pending()
        if found:
            self.state, events = found
            self._send(pool, events, self.state.begin_of(self.state.next_day))
            self.keeper.save(self.state)

    def _day(self, pool: ThreadPoolExecutor) -> Day:
        state, day = self.state, self.state.next_day
        begin = state.begin_of(day)
        weekday = begin.weekday()
        coming = learners.visits(
            self.world, state.learners, day=day, weekday=weekday, seed=state.seed
        )
        visits = list(coming)
        slates = list(pool.map(self._slate, visits))
        events = [
            event
            for visit, slate in zip(visits, slates, strict=True)
            for event in self._live(visit, slate)
        ]
        events.sort(key=itemgetter("occurred_at"))
        self._count(events)
        self.keeper.decide(state, events)
        self._send(pool, events, state.begin_of(state.next_day))
        self.keeper.save(state)
        shown = sum(slate is not None for slate in slates)
        return Day(day=day, visits=len(visits), slates=shown, events=len(events))

    def _moment(self, visit: Visit) -> datetime:
        return self.state.begin_of(self.state.next_day) + timedelta(seconds=visit.second)

    def _slate(self, visit: Visit) -> Slate | None:
        quiet = self.state.next_day < self.quiet_before
        if quiet or not behaviour.wants_slate(visit.door):
            return None
        return self.product.slate(visit.learner.external, self._moment(visit))

    def _live(self, visit: Visit, slate: Slate | None) -> list[Event]:
        state, learner = self.state, visit.learner
        rng = learners.generator(state.seed, learner.number, state.next_day, 1)
        diary = Diary(
            external=learner.external,
            session=f"{learner.external}/{state.next_day}",
            at=self._moment(visit),
            namespace=namespace(state.name, state.seed),
        )
        events = behaviour.live(Scene(self.world, visit, diary, rng), slate)
        learner.events += len(events)
        return events

    def _count(self, events: list[Event]) -> None:
        kinds = [event["kind"] for event in events]
        self.state.events += len(kinds)
        self.state.slates += kinds.count("rec.shown")
        self.state.clicks += kinds.count("rec.clicked")
        self.state.next_day += 1

    def _send(self, pool: ThreadPoolExecutor, events: list[Event], at: datetime) -> None:
        """Send a day's events; the product puts them in order, so batches may overtake."""
        batches = [events[start : start + BATCH] for start in range(0, len(events), BATCH)]
        list(pool.map(lambda batch: self.product.take(batch, at), batches))
