"""How does tonight's model come about? (L3) The conductor of retraining, by clock and by command.

One run at a time over all nodes. A run that finds too little to learn from, or whose model a gate
refuses, changes nothing for learners and says why. What is live is refreshed: trained anew as it is
configured. Where this code is configured otherwise, a challenger is trained beside it.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from time import perf_counter

import numpy as np
from django.conf import settings
from django.db import connection
from numpy.typing import NDArray

from personalize.algorithms.blend import Blend
from personalize.algorithms.heads.head import TooFewOutcomesError
from personalize.algorithms.heads.training import Heads
from personalize.data import Assessed, ModelRow
from personalize.engine import (
    assess,
    compared,
    configuration,
    dataset,
    duel,
    heads,
    packing,
    registry,
    steps,
    trial,
)
from personalize.engine.artifacts import Card
from personalize.engine.configuration import Configuration
from personalize.engine.dataset import DAY_S, Dataset
from personalize.engine.engines import LOCAL, Engine
from personalize.engine.gates.context import Champion, GateContext
from personalize.engine.gates.registry import judge
from personalize.engine.popular import popular_arrays
from personalize.engine.spark import export
from personalize.engine.trial import Trial
from personalize.models import ModelVersion
from signals import aggregates, api
from signals.data import Actor

log = logging.getLogger(__name__)

TRAINING_LOCK = 0x4E57_0003
NOTHING_HELD_OUT = (
    "None of the newest choices is of a learner who had chosen before, so no model can be judged. "
    "The next nightly run tries again."
)


class Ended(StrEnum):
    """How a run ended."""

    PROMOTED = "promoted"
    CANARY = "canary"  # a tenth of the learners see it first
    CHALLENGER = "challenger"  # waits for an experiment
    REFUSED = "refused"  # by a gate
    TOO_LITTLE = "too_little_data"
    RUNNING = "already_running"
    CHANGED = "configuration_gone"  # the live model's, which this code cannot train any more


TOLD = {
    ModelVersion.State.LIVE: (Ended.PROMOTED, "Model {} is live."),
    ModelVersion.State.CANARY: (
        Ended.CANARY,
        "Model {} is the canary: a tenth of the learners see it, until its guardrails have held.",
    ),
    ModelVersion.State.CHALLENGER: (
        Ended.CHALLENGER,
        "Model {} is configured otherwise than the live one and waits for an experiment.",
    ),
}
GONE = (
    "The live model is configured in a way this code cannot train any more, so it is not refreshed."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did; `row` is the model where one was trained.

    `challenger` is what came of the changed configuration, where this code is configured otherwise
    than the live model.
    """

    ended: Ended
    detail: str
    row: ModelRow | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    challenger: "Outcome | None" = None


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


def _card(
    version: str,
    data: Dataset,
    trained: Trial,
    final: Blend,
    *,
    configured: Configuration,
    outlook: Heads | None,
    assessed: Assessed,
    now: datetime,
) -> Card:
    rows = data.interactions
    return Card(
        version=version,
        trained_at=now,
        seed=seed_of(version),
        configuration=configured,
        serves=final.name,
        engine=trained.engine.name,
        learners=rows.n_learners,
        courses=rows.n_courses,
        pairs=len(rows.courses),
        weights=final.weights_,
        parameters={final.name: final.params()},
        metrics=trained.metrics,
        heldout={"learners": float(trained.heldout), "negatives": float(trial.NEGATIVES)},
        excluded=data.excluded,
        skipped=dict(trained.skipped),
        heads=heads.card(outlook) if outlook else {},
        assessed=assessed,
        governed=data.governed,
    )


def _outlook(data: Dataset, rng: np.random.Generator, *, now: datetime) -> Heads | None:
    """Return the heads of tonight; a young platform has shown too little for any."""
    try:
        return heads.learn(data.learner_ids, data.course_ids, data.courses, now=now, rng=rng)
    except TooFewOutcomesError as error:
        log.info("No probabilities are told with this model: %s", error)
        return None


def _assessed(
    trained: Trial, learner_ids: NDArray[np.int64], outlook: Heads | None, *, now: datetime
) -> Assessed:
    """Return for whom the model is good, by kinds of learners as they were known at the time."""
    at = assess.moment_of(trained.seen_until, now=now)
    cohorts = api.cohorts_of(learner_ids.tolist(), at=at)
    said = outlook.told if outlook else None
    lately = api.cohorts_of(said.learners.tolist(), at=now) if said else {}
    return assess.assess(trained.sample, cohorts, chances=assess.chances(said, lately))


def _publish(card: Card, data: Dataset, final: Blend, outlook: Heads | None) -> None:
    fields = [data.courses[course_id].field for course_id in data.course_ids.tolist()]
    arrays = (
        {packing.COURSE_IDS: data.course_ids}
        | popular_arrays(data.interactions, fields)
        | packing.pack(final)
        | (heads.pack(outlook) if outlook else {})
    )
    registry.publish_candidate(card, arrays)


def _context(
    data: Dataset,
    trained: Trial,
    champion: Champion | None,
    assessed: Assessed,
    *,
    now: datetime,
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
        gaps=assessed.gaps,
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


def retrain(*, now: datetime, actor: Actor, engine: Engine = LOCAL) -> Outcome:
    """Refresh what is live with everything known at `now`; train what challenges it beside.

    Without a live model this code's configuration is trained, and is live where every gate passes.
    Raises EngineUnusable where members are fitted elsewhere and that failed.
    """
    with _only_run() as free:
        if not free:
            return Outcome(Ended.RUNNING, "Another run is training now; this one did nothing.")
        registry.follow_rows(now=now)
        export.clear(settings.SPARK_FOLDER)
        own, live = configuration.current(), registry.live_version()
        if live is None:
            return _train(own, now=now, actor=actor, engine=engine)
        challenger = registry.in_state(ModelVersion.State.CHALLENGER)
        if challenger is not None and (key := compared.experiment_on(challenger.configuration)):
            other = registry.card_of(challenger).configuration
            return _refresh_both(other, key, now=now, by=actor, engine=engine)
        if live.configuration == own.digest:
            return _train(own, now=now, actor=actor, engine=engine)
        refreshed = _refresh(now=now, by=actor, engine=engine)
        return replace(refreshed, challenger=_challenge(own, now=now, by=actor, engine=engine))


def _refresh(*, now: datetime, by: Actor, engine: Engine) -> Outcome:
    """Train the live configuration anew, as long as this code can."""
    kept = registry.live_configuration()
    if kept is None or not configuration.trainable(kept):
        return Outcome(Ended.CHANGED, GONE)
    return _train(kept, now=now, actor=by, engine=engine)


def _refresh_both(
    other: Configuration | None, key: str, *, now: datetime, by: Actor, engine: Engine
) -> Outcome:
    """Train what an experiment compares, both or neither: one arm must not be the fresher one."""
    kept = registry.live_configuration()
    if kept is None or other is None or not all(map(configuration.trainable, (kept, other))):
        detail = f"{key} compares models that this code cannot both refresh, so neither is."
        return Outcome(Ended.CHANGED, detail)
    beside = _train(other, now=now, actor=by, engine=engine)
    return replace(_train(kept, now=now, actor=by, engine=engine), challenger=beside)


def _challenge(own: Configuration, *, now: datetime, by: Actor, engine: Engine) -> Outcome:
    """Train this code's configuration beside the live one, unless an experiment rolled it back."""
    if key := steps.was_refused(own.digest):
        detail = f"The experiment {key} rolled this code's configuration back: none is trained."
        return Outcome(Ended.REFUSED, detail)
    return _train(own, now=now, actor=by, engine=engine)


def _train(configured: Configuration, *, now: datetime, actor: Actor, engine: Engine) -> Outcome:
    """Train a configuration, judge the model, and let it begin as what it is, or refuse it."""
    seconds: dict[str, float] = {}
    with _timed(seconds, "dataset"):
        api.judge_quality(now=now)  # nothing is learned from that no rule has looked at
        data = dataset.read(now=now)
    problem = dataset.problem_with(data)
    if problem:
        return Outcome(Ended.TOO_LITTLE, problem, seconds=seconds)
    version = registry.free_version(now=now)
    rng = np.random.default_rng(seed_of(version))
    with _timed(seconds, "trial"):
        trained = trial.run(data.interactions, configured, rng=rng, engine=engine)
        if trained is None:
            return Outcome(Ended.TOO_LITTLE, NOTHING_HELD_OUT, seconds=seconds)
        champion = _champion(trained, data, rng)
        looked_at = data.learner_ids[trained.sample.learners]
    with _timed(seconds, "refit"):
        data, final = _refit(trained, data, rng)
    with _timed(seconds, "heads"):
        outlook = _outlook(data, rng, now=now)
    with _timed(seconds, "assess"):
        assessed = _assessed(trained, looked_at, outlook, now=now)
    with _timed(seconds, "publish"):
        card = _card(
            version,
            data,
            trained,
            final,
            configured=configured,
            outlook=outlook,
            assessed=assessed,
            now=now,
        )
        _publish(card, data, final, outlook)
        findings = judge(_context(data, trained, champion, assessed, now=now))
        row = steps.settle(version, findings, actor=actor, now=now)
        registry.prune(now=now)
    failed = [finding.detail for finding in findings if not finding.passed]
    if failed:
        return Outcome(Ended.REFUSED, " ".join(failed), row, seconds)
    ended, said = TOLD[ModelVersion.State(row.state)]
    return Outcome(ended, said.format(version), row, seconds)
