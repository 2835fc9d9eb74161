"""What was tried out in a time, and what came of it within a week? (L4)

Each draw is one place of one list, with the pool it was drawn from and all the list was made from,
so that any model can be asked how it would have ranked that pool. Staff, robots and learners who do
not allow to be counted are left out, and whoever withdrew since.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
from django.db.models import Func, TextField
from django.db.models.functions import Cast
from numpy.typing import NDArray

from personalize.algorithms.offpolicy import Draws, Floats, Pools, choices
from personalize.data import Slot
from personalize.decision import replay
from personalize.decision.policy import EXPLORE_POOL
from personalize.decision.replay import CannotReplayError, Then
from personalize.engine.serving import LoadedModel
from personalize.models import Decision
from personalize.models.decisions import SLOT_CODES
from signals import api as signals
from signals.api import lately
from signals.data import Step

WITHIN_DAYS = 7.0  # in which what a learner does with a course is about its having been shown
DRAWS_MOST = 10_000  # of a week, spread evenly over it
DAY_S = 86_400.0
EMPTY = -1  # a place of a pool that holds no course


class Reward(StrEnum):
    """What may come of a draw; 1 where it did."""

    OPENED = "opened"
    LEARNT = "learnt"  # a lesson of it was begun or done


STEPS = {
    Reward.OPENED: frozenset({Step.VIEWED, Step.ENROLLED}),
    Reward.LEARNT: frozenset({Step.STARTED, Step.COMPLETED, Step.OTHER, Step.SCORED}),
}


@dataclass(frozen=True, slots=True)
class Draw:
    """One course that was tried out on one learner."""

    learner_id: int
    at: float  # days since the epoch
    pool: NDArray[np.int32]
    place: int  # of the course in the pool
    scores: tuple[Floats, ...]  # of the pool, by each model that was asked

    @property
    def course_id(self) -> int:
        """Return the course that was shown."""
        return int(self.pool[self.place])


@dataclass(frozen=True, slots=True)
class Tried:
    """The draws of a time as models are judged by them, as arrays."""

    learners: NDArray[np.int64]
    pools: Pools
    drawn: NDArray[np.int64]
    rewards: dict[Reward, Floats]
    choices: tuple[Floats, ...]  # how likely each model shows each course of each pool

    def draws(self, reward: Reward) -> Draws:
        """Return them with one reward."""
        return Draws(self.learners, self.pools, self.drawn, self.rewards[reward])

    def with_earlier(self, other: "Tried") -> "Tried":
        """Return these draws and others together; the models stand in the same order."""
        return Tried(
            learners=np.concatenate([self.learners, other.learners]),
            pools=np.concatenate([self.pools, other.pools]),
            drawn=np.concatenate([self.drawn, other.drawn]),
            rewards={
                reward: np.concatenate([came, other.rewards[reward]])
                for reward, came in self.rewards.items()
            },
            choices=tuple(
                np.concatenate(both) for both in zip(self.choices, other.choices, strict=True)
            ),
        )


def tried(*, since: datetime, until: datetime, models: Sequence[LoadedModel]) -> Tried:
    """Return what was drawn in a time; `until` lies WITHIN_DAYS back and more."""
    end = until + timedelta(days=WITHIN_DAYS)
    drawn = list(_drawn(since, until, models))
    learners = sorted({one.learner_id for one in drawn})
    counted = lately.lessons(learners, since=since, until=end)
    return _arrays([one for one in drawn if one.learner_id in counted], len(models), until=end)


def _drawn(since: datetime, until: datetime, models: Sequence[LoadedModel]) -> Iterator[Draw]:
    rows = (
        Decision.objects.filter(
            served_at__gte=since,
            served_at__lt=until,
            propensity__isnull=False,
            inputs__isnull=False,
            learner_id__isnull=False,
        )
        .annotate(luck=Func(Cast("request_id", TextField()), function="hashtext"))
        .order_by("luck")[:DRAWS_MOST]
    )
    for row in rows.iterator(chunk_size=500):
        try:
            then = replay.then(row)
            scores = tuple(replay.pool_scores(then, model) for model in models)
        except CannotReplayError:  # withdrawn meanwhile
            continue
        place = _place(then)
        if place is not None:
            pool = then.told.pool_courses()
            yield Draw(
                then.ask.learner_id or 0, row.served_at.timestamp() / DAY_S, pool, place, scores
            )


def _place(then: Then) -> int | None:
    """Return where in its pool the course stood that was shown."""
    slot = SLOT_CODES[Slot.EXPLORE]
    if slot not in then.row.slots:
        return None
    course_id = then.row.course_ids[then.row.slots.index(slot)]
    found = np.flatnonzero(then.told.pool_courses() == course_id)
    return int(found[0]) if len(found) else None


def _arrays(drawn: Sequence[Draw], models: int, *, until: datetime) -> Tried:
    pools = np.full((len(drawn), EXPLORE_POOL), EMPTY, dtype=np.int64)
    scores = np.full((models, *pools.shape), np.nan)
    for at, one in enumerate(drawn):
        pools[at, : len(one.pool)] = one.pool
        for model, told in enumerate(one.scores):
            scores[model, at, : len(told)] = told
    return Tried(
        learners=np.array([one.learner_id for one in drawn], dtype=np.int64),
        pools=pools,
        drawn=np.array([one.place for one in drawn], dtype=np.int64),
        rewards=_rewards(drawn, until=until),
        choices=tuple(choices(told, pools) for told in scores),
    )


def _rewards(drawn: Sequence[Draw], *, until: datetime) -> dict[Reward, Floats]:
    steps = signals.steps(sorted({one.learner_id for one in drawn}), until=until)
    taken: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
    rows = zip(steps.learner_ids, steps.course_ids, steps.steps, steps.times, strict=True)
    for learner_id, course_id, step, at in rows:
        taken[int(learner_id), int(course_id)].append((int(step), float(at)))

    def came(one: Draw, kinds: frozenset[Step]) -> bool:
        return any(
            step in kinds and one.at < at <= one.at + WITHIN_DAYS
            for step, at in taken.get((one.learner_id, one.course_id), ())
        )

    return {
        reward: np.array([came(one, kinds) for one in drawn], dtype=np.float64)
        for reward, kinds in STEPS.items()
    }
