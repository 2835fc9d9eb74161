"""How does tonight's model come about? (L3) The conductor of retraining, by clock and by command.

One run at a time over all nodes. A run that finds too little to learn from, or whose model a gate
refuses, changes nothing for learners and says why.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from time import perf_counter

import numpy as np
from django.db import connection

from personalize.algorithms.blend import Blend
from personalize.data import ModelRow
from personalize.engine import dataset, duel, packing, registry, trial
from personalize.engine.artifacts import Card
from personalize.engine.dataset import DAY_S, Dataset
from personalize.engine.gates.context import Champion, GateContext
from personalize.engine.gates.registry import judge
from personalize.engine.popular import popular_arrays
from personalize.engine.trial import Trial
from signals import aggregates, api
from signals.data import Actor

TRAINING_LOCK = 0x4E57_0003
NOTHING_HELD_OUT = (
    "None of the newest choices is of a learner who had chosen before, so no model can be judged. "
    "The next nightly run tries again."
)


class Ended(StrEnum):
    """How a run ended."""

    PROMOTED = "promoted"
    REFUSED = "refused"  # by a gate
    TOO_LITTLE = "too_little_data"
    RUNNING = "already_running"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did; `row` is the model where one was trained."""

    ended: Ended
    detail: str
    row: ModelRow | None = None
    seconds: dict[str, float] = field(default_factory=dict)


@contextmanager
def _only_run() -> Iterator[bool]:
    """Hold the training lock; yields False when another run holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [TRAINING_LOCK])
        free = bool(cursor.fetchone()[0])
    try:
        yield free
    finally:
        if free:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [TRAINING_LOCK])


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    begun = perf_counter()
    yield
    seconds[step] = round(perf_counter() - begun, 3)


def seed_of(version: str) -> int:
    """Return the seed of a version, so that the same data and name give the same model."""
    return int.from_bytes(hashlib.blake2b(version.encode(), digest_size=4).digest(), "big")


def _champion(trained: Trial, data: Dataset, rng: np.random.Generator) -> Champion | None:
    """Return the live model with its duel against the candidate."""
    live = registry.champion()
    if live is None:
        return None
    abroad = duel.Abroad(live.recommender, packing.positions(live.course_ids, data.course_ids))
    trained_at = live.card.trained_at.timestamp() / DAY_S
    fought = duel.fight(
        trained.blend,
        abroad,
        data.interactions,
        after=max(trained_at, trained.seen_until),
        rng=rng,
    )
    return Champion(live.version, live.card.metrics[Blend.name], fought)


def _card(version: str, data: Dataset, trained: Trial, final: Blend, *, now: datetime) -> Card:
    rows = data.interactions
    return Card(
        version=version,
        trained_at=now,
        seed=seed_of(version),
        serves=final.name,
        learners=rows.n_learners,
        courses=rows.n_courses,
        pairs=len(rows.courses),
        weights=final.weights_,
        parameters={final.name: final.params()},
        metrics=trained.metrics,
        heldout={"learners": float(trained.heldout), "negatives": float(trial.NEGATIVES)},
        excluded=data.excluded,
        skipped=dict(trained.skipped),
    )


def _publish(card: Card, data: Dataset, final: Blend) -> None:
    fields = [data.courses[course_id].field for course_id in data.course_ids.tolist()]
    arrays = (
        {packing.COURSE_IDS: data.course_ids}
        | popular_arrays(data.interactions, fields)
        | packing.pack(final)
    )
    registry.publish_candidate(card, arrays)


def _context(
    data: Dataset, trained: Trial, champion: Champion | None, *, now: datetime
) -> GateContext:
    rows = data.interactions
    return GateContext(
        learners=rows.n_learners,
        courses=rows.n_courses,
        pairs=len(rows.courses),
        heldout=trained.heldout,
        metrics=trained.metrics,
        errors=trained.errors,
        champion=champion,
        quality=aggregates.quality_shares(now=now),
    )


def _refit(trained: Trial, data: Dataset, rng: np.random.Generator) -> tuple[Dataset, Blend]:
    """Fit on everything but what is of learners who left meanwhile, also while this fits."""
    gone = dataset.left_since(data)
    while True:
        data = dataset.without(data, gone) if len(gone) else data
        final = trial.refit(trained, data.interactions, rng=rng)
        gone = dataset.left_since(data)
        if not len(gone):
            return data, final


def retrain(*, now: datetime, actor: Actor) -> Outcome:
    """Train on everything known at `now`, judge the model, and promote or refuse it."""
    seconds: dict[str, float] = {}
    with _only_run() as free:
        if not free:
            return Outcome(Ended.RUNNING, "Another run is training now; this one did nothing.")
        registry.follow_rows()
        with _timed(seconds, "dataset"):
            api.judge_quality(now=now)  # nothing is learned from that no rule has looked at
            data = dataset.read(now=now)
        problem = dataset.problem_with(data)
        if problem:
            return Outcome(Ended.TOO_LITTLE, problem, seconds=seconds)
        version = registry.free_version(now=now)
        rng = np.random.default_rng(seed_of(version))
        with _timed(seconds, "trial"):
            trained = trial.run(data.interactions, rng=rng)
            if trained is None:
                return Outcome(Ended.TOO_LITTLE, NOTHING_HELD_OUT, seconds=seconds)
            champion = _champion(trained, data, rng)
        with _timed(seconds, "refit"):
            data, final = _refit(trained, data, rng)
        with _timed(seconds, "publish"):
            _publish(_card(version, data, trained, final, now=now), data, final)
            findings = judge(_context(data, trained, champion, now=now))
            row = registry.settle(version, findings, actor=actor, now=now)
            registry.prune()
    failed = [finding.detail for finding in findings if not finding.passed]
    if failed:
        return Outcome(Ended.REFUSED, " ".join(failed), row, seconds)
    return Outcome(Ended.PROMOTED, f"Model {version} is live.", row, seconds)
