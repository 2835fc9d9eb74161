"""Which experiments is a learner in, and in which arm? Deterministic, sticky (measurement).

The steady state is one statement. A learner's first time in an experiment adds two: the sticky
row and the exposure; a lost race adds one more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Concat

from experiments.data import HOLDOUT, Assigned, Plan
from experiments.models import Assignment, Experiment, Flag
from experiments.stats.bucketing import choose, in_share
from signals import api as signals
from signals.data import Exposed
from signals.hot import HotStatement

HOLDOUT_SHARE = 0.05
HOLDOUT_SALT = "holdout:1"  # never changed: who is in the comparison group stays in it
RUNNING_FOR_S = 1.0  # how long a process believes what it read about running experiments


@dataclass(frozen=True, slots=True)
class Running:
    """A running experiment as assignment needs it."""

    id: int
    plan: Plan
    started_at: datetime
    switch_salt: str
    open_share: float  # of learners, by the flag: 0 is switched off


_KEPT = HotStatement(
    "SELECT experiment_id, variant FROM experiments_assignment"
    " WHERE learner_id = $1::bigint AND experiment_id = ANY($2::bigint[])"
)

_known: tuple[float, tuple[Running, ...]] | None = None


def forget_caches() -> None:
    """Read the running experiments anew on the next call in this process."""
    global _known
    _known = None


def running_experiments() -> tuple[Running, ...]:
    """Return what runs, read at most once in RUNNING_FOR_S; a switched-off one has no share."""
    global _known
    known = _known
    if known is None or monotonic() - known[0] > RUNNING_FOR_S:
        known = _known = (monotonic(), tuple(_read_running()))
    return known[1]


def _read_running() -> Iterable[Running]:
    flags = Flag.objects.filter(name=Concat(Value("experiment:"), OuterRef("key")))
    rows = (
        Experiment.objects.filter(state=Experiment.State.RUNNING)
        .annotate(
            switch_everyone=Subquery(flags.values("everyone")[:1]),
            switch_percent=Subquery(flags.values("percent")[:1]),
        )
        .order_by("id")
    )
    for row in rows:
        flag = Flag(name=row.switch, everyone=row.switch_everyone, percent=row.switch_percent)
        yield Running(
            id=row.id,
            plan=row.plan,
            started_at=row.started_at or row.created_at,
            switch_salt=flag.salt(),
            open_share=flag.share(),
        )


def in_holdout(learner_id: int) -> bool:
    """Say whether the learner is in the permanent comparison group."""
    return in_share(unit=learner_id, salt=HOLDOUT_SALT, share=HOLDOUT_SHARE)


def assign(learner_id: int, *, surface: str, now: datetime) -> Assigned:
    """Return the learner's arms on a surface, keeping and exposing those met for the first time.

    Only for learners with personalization on; the caller knows that. Raise django.db.Error where
    the database is away.
    """
    if in_holdout(learner_id):
        return Assigned(holdout=True, variants={})
    here = [
        experiment
        for experiment in running_experiments()
        if surface in experiment.plan.surfaces
        and experiment.open_share > 0
        and experiment.started_at <= now
    ]
    if not here:
        return Assigned(holdout=False, variants={})
    kept = _kept(learner_id, [experiment.id for experiment in here])
    drawn = {
        experiment.id: arm
        for experiment in here
        if experiment.id not in kept and (arm := draw(learner_id, experiment)) is not None
    }
    if drawn:
        kept |= _keep(learner_id, drawn, here, now=now)
    return Assigned(
        holdout=False,
        variants={
            experiment.plan.key: kept[experiment.id] for experiment in here if experiment.id in kept
        },
    )


def assigned_arm(learner_id: int, *, experiment: str) -> str | None:
    """Return the arm a learner is in, or HOLDOUT, or None; assigns nobody."""
    if in_holdout(learner_id):
        return HOLDOUT
    return (
        Assignment.objects.filter(learner_id=learner_id, experiment__key=experiment)
        .values_list("variant", flat=True)
        .first()
    )


def expected_arm(learner_id: int, *, experiment: str) -> str | None:
    """Return the arm a learner is in, or will be in when they first meet it; assigns nobody."""
    kept = assigned_arm(learner_id, experiment=experiment)
    if kept is not None:
        return kept
    drawn = (draw(learner_id, one) for one in running_experiments() if one.plan.key == experiment)
    return next(drawn, None)


def erase(learner_id: int) -> int:
    """Forget a learner's arms; return how many rows that were. Taken looks hold sums only."""
    removed, _ = Assignment.objects.filter(learner_id=learner_id).delete()
    return removed


def export(learner_id: int) -> object:
    """Return which comparisons a learner is part of, for the copy of their data."""
    rows = Assignment.objects.filter(learner_id=learner_id).order_by("assigned_at")
    return {
        "in_comparison_group": in_holdout(learner_id),
        "experiments": [
            {
                "experiment": row.experiment.title,
                "variant": row.variant,
                "since": row.assigned_at.isoformat(),
            }
            for row in rows.select_related("experiment")
        ],
    }


def draw(learner_id: int, experiment: Running) -> str | None:
    """Return the arm a learner gets on first meeting an experiment, or None; keeps nothing."""
    if not in_share(unit=learner_id, salt=experiment.switch_salt, share=experiment.open_share):
        return None
    plan = experiment.plan
    return choose(unit=learner_id, salt=plan.salt, arms=plan.variants, shares=plan.shares)


def _kept(learner_id: int, experiments: Sequence[int]) -> dict[int, str]:
    rows = _KEPT.rows(learner_id, experiments)
    return {int.from_bytes(key or b""): (variant or b"").decode() for key, variant in rows}


def _keep(
    learner_id: int, drawn: dict[int, str], here: Sequence[Running], *, now: datetime
) -> dict[int, str]:
    """Write sticky rows with their exposures, both or neither; return the arms that hold.

    Two first requests of one learner may meet here: the row that was first holds for both, and
    only who wrote it logs the exposure.
    """
    keys = {experiment.id: experiment.plan.key for experiment in here}
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO experiments_assignment (experiment_id, learner_id, variant, assigned_at)"
            " SELECT experiment_id, %s, variant, %s"
            " FROM unnest(%s::bigint[], %s::text[]) AS drawn (experiment_id, variant)"
            " ON CONFLICT DO NOTHING RETURNING experiment_id, variant",
            [learner_id, now, list(drawn), list(drawn.values())],
        )
        written: dict[int, str] = dict(cursor.fetchall())
        if written:
            signals.expose(
                [
                    Exposed(
                        experiment=keys[experiment],
                        learner_id=learner_id,
                        arm=arm,
                        exposed_at=now,
                    )
                    for experiment, arm in written.items()
                ]
            )
    return written if len(written) == len(drawn) else _kept(learner_id, list(drawn))
