"""How is the demo's world played against the running product? Day by day, over HTTP (demo).

Each day: who comes asks for recommendations at the moment they come, chooses from what they are
shown, and the day's events are sent when it is over.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from demo import behaviour, learners
from demo.days import Day, Days
from demo.diary import Diary, Event, Scene, Slate, namespace
from demo.learners import Visit
from demo.world import World


@dataclass
class Play(Days):
    """One world with everything needed to play it.

    Before day `quiet_before` nobody is shown recommendations: history from before the product.
    """

    world: World
    quiet_before: int = 0

    def names(self) -> list[str]:
        """Return who lives here, as the platform calls them."""
        return [learner.external for learner in self.state.learners]

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
        self._end(pool, events)
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
