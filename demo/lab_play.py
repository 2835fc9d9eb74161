"""How is a lab played against the running product? Its own people, the same doors (demo)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from demo.days import Day, Days
from demo.diary import Slate, namespace
from demo.lab import days, keeping
from demo.lab.courses import Floats, Ints
from demo.lab.days import SHOWN, Lab
from demo.lab.events import NONE, Sender
from demo.state import Keeper, State
from demo.worlds import SEED, Plan


@dataclass
class LabPlay(Days):
    """A lab with everything needed to play it; nobody is shown lists before `quiet_before`."""

    lab: Lab
    prefix: str = "member-"
    quiet_before: int = 0
    _slates: list[Slate] = field(default_factory=list)  # of the day

    def names(self) -> list[str]:
        """Return who lives here, as the platform calls them."""
        return [f"{self.prefix}{number:04d}" for number in range(1, self.lab.people.n + 1)]

    def _day(self, pool: ThreadPoolExecutor) -> Day:
        state, names = self.state, self.names()
        today, begin = state.next_day, state.begin_of(state.next_day)
        places = {key: place for place, key in enumerate(self.lab.courses.keys)}

        def lists(who: Ints, second: Floats, day: int) -> Ints:
            moments = [begin + timedelta(seconds=at) for at in second.tolist()]
            asks = [names[one] for one in who.tolist()]
            self._slates = list(pool.map(self.product.slate, asks, moments))
            return _rows(self._slates, places)

        self._slates = []
        events = days.live(self.lab, lists if today >= self.quiet_before else None)
        sender = Sender(self.lab.courses, names, namespace(state.name, state.seed))
        requests = [slate.request_id for slate in self._slates]
        bodies = sender.bodies(events, day=today, begin=begin, requests=requests)
        keeping.save(self.lab, _people(self.keeper, today + 1))
        self._end(pool, bodies)
        with suppress(FileNotFoundError):
            _people(self.keeper, today).unlink()
        visits = len(np.unique(events.learner))
        return Day(day=today, visits=visits, slates=len(self._slates), events=len(bodies))


def _rows(slates: list[Slate], places: dict[str, int]) -> Ints:
    """Return lists as places of courses, NONE where one is shorter."""
    rows = np.full((len(slates), SHOWN), NONE)
    for row, slate in zip(rows, slates, strict=True):
        row[: len(slate.courses)] = [places[key] for key in slate.courses]
    return rows


def _people(keeper: Keeper, day: int) -> Path:
    """Return the file of everybody as they are when a day begins."""
    return keeper.folder / f"people-{day}.npz"


def resume(plan: Plan, keeper: Keeper, *, end: datetime) -> tuple[State, Lab]:
    """Return a lab as far as it was played, or begun anew so that its last day ends at `end`."""
    pending, state = keeper.pending(), keeper.load()
    if state is not None:
        decided = pending[0] if pending else state  # its events go first
        return state, keeping.load(_people(keeper, decided.next_day))
    lab = days.begin(plan.truth, n=plan.learners, days=plan.days, seed=SEED)
    epoch = end - timedelta(days=plan.days)
    state = State(name=plan.name, seed=SEED, days=plan.days, epoch=epoch, learners=[])
    keeping.save(lab, _people(keeper, 0))
    keeper.save(state)
    return state, lab
