"""Which experiments is a learner in, and in which arm? Deterministic, sticky (measurement).

The steady state is one statement. A learner's first time in an experiment adds two: the sticky
row and the exposure; a lost race adds one more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction

from experiments.data import HOLDOUT, TOGETHER, Assigned, Drafting
from experiments.drawing import draw
from experiments.models import (
    Assignment,
    Exclusion,
)
from experiments.running import Running, open_experiments, running_experiments, surface_holdouts
from experiments.settled import settled_arms, shipped_ranker
from experiments.stats.bucketing import (
    in_share,
)
from experiments.targets import NOTHING_KNOWN, Attributes, is_for
from experiments.units import BY_HAND, NO_GROUP, groups_for, leave_out, take_in
from signals import api as signals
from signals.data import Exposed
from signals.hot import HotStatement

HOLDOUT_SHARE = 0.05
HOLDOUT_SALT = "holdout:1"  # never changed: who is in the comparison group stays in it
REAL = "real"  # the kind of learners who take part
EVERY = 0  # stands for all experiments where ids of experiments are named


@dataclass(frozen=True, slots=True)
class Drawn:
    """An arm, and the class or cohort it was drawn for; none where a learner was drawn."""

    arm: str
    cluster: str


# Arms that are kept, and (with the flag set) experiments that do not take the learner in; 0 is all.
# A note is what a person wrote: without one the product itself left somebody out, and takes them in
# again where the reason is gone.
_KEPT = HotStatement(
    "SELECT experiment_id, variant, 0::bigint FROM experiments_assignment"
    " WHERE learner_id = $1::bigint AND experiment_id = ANY($2::bigint[])"
    " UNION ALL SELECT coalesce(e.id, 0),"
    " CASE WHEN x.note = '' THEN x.reason ELSE 'manual' END, 1::bigint"
    " FROM experiments_exclusion x"
    " LEFT JOIN experiments_experiment e ON e.key = x.experiment_key"
    " WHERE x.learner_id = $1::bigint"
)


def in_holdout(learner_id: int) -> bool:
    """Say whether the learner is in the permanent comparison group."""
    return in_share(unit=learner_id, salt=HOLDOUT_SALT, share=HOLDOUT_SHARE)


def assign(
    learner_id: int,
    *,
    surface: str,
    now: datetime,
    kind: str = REAL,
    attributes: Attributes = NOTHING_KNOWN,
    groups: Mapping[str, str] | None = None,
) -> Assigned:
    """Return the learner's arms on a surface, keeping and exposing those met for the first time.

    Only for learners with personalization on; the caller knows that, and of which kind they are:
    staff, bots and test accounts take no part, and a row says so. attributes are what plans for
    some learners only may ask for; groups are the learner's class and cohort, looked up where they
    are asked for and not given. Raise django.db.Error where the database is away.
    """
    if in_holdout(learner_id):
        return Assigned(holdout=True, variants={})
    held = surface_holdouts().get(surface)
    if held is not None and held.holds(learner_id):
        return Assigned(holdout=True, variants={})
    here = [one for one in open_experiments(now=now) if surface in one.plan.surfaces]
    found = _assign(learner_id, here, now=now, kind=kind, attributes=attributes, groups=groups)
    over = settled_arms(learner_id, surface=surface, now=now)
    return replace(
        found,
        variants=over | found.variants,
        drafting=_drafting(here, found.variants),
        ranker=shipped_ranker(surface),
    )


def _drafting(here: Sequence[Running], arms: Mapping[str, str]) -> Drafting | None:
    """Return the experiment that drafts this learner's list; the gates let one run on a surface."""
    for one in here:
        if one.plan.interleaved and arms.get(one.plan.key) == TOGETHER:
            control, variant = one.plan.variants
            return Drafting(one.id, control, variant, one.plan.salt)
    return None


def assign_one(
    learner_id: int,
    *,
    experiment: str,
    now: datetime,
    kind: str = REAL,
    attributes: Attributes = NOTHING_KNOWN,
) -> str | None:
    """Return the learner's arm of one experiment, as `assign`, wherever it acts."""
    if in_holdout(learner_id):
        return None
    here = [one for one in open_experiments(now=now) if one.plan.key == experiment]
    found = _assign(learner_id, here, now=now, kind=kind, attributes=attributes)
    return found.variant(experiment)


def _assign(
    learner_id: int,
    here: Sequence[Running],
    *,
    now: datetime,
    kind: str,
    attributes: Attributes,
    groups: Mapping[str, str] | None = None,
) -> Assigned:
    if not here:
        return Assigned(holdout=False, variants={})
    kept, left_out = _kept(learner_id, [experiment.id for experiment in here])
    if kind != REAL:
        if EVERY not in left_out:
            leave_out(learner_id, kind, keys=[""], now=now)
        return Assigned(holdout=False, variants={})
    if not _is_by_hand(left_out):  # a kind that was corrected since
        take_in(learner_id, reason=left_out.pop(EVERY), keys=[""])
    new = _unmet(here, kept, left_out, attributes)
    drawn = _draw_new(learner_id, new, left_out, now=now, known=groups)
    if drawn:
        kept |= _keep(learner_id, drawn, here, now=now)
    return Assigned(
        holdout=False,
        variants={
            experiment.plan.key: kept[experiment.id] for experiment in here if experiment.id in kept
        },
    )


def _is_by_hand(left_out: Mapping[int, str]) -> bool:
    """Say whether a person left a real learner out of everything, or nobody did."""
    return left_out.get(EVERY, BY_HAND) == BY_HAND


def _unmet(
    here: Sequence[Running],
    kept: Mapping[int, str],
    left_out: Mapping[int, str],
    attributes: Attributes,
) -> list[Running]:
    """Return the experiments that may draw the learner, and have not."""
    return [
        experiment
        for experiment in here
        if experiment.id not in kept
        and EVERY not in left_out
        and left_out.get(experiment.id, NO_GROUP) == NO_GROUP
        and is_for(experiment.plan, attributes)
    ]


def _draw_new(
    learner_id: int,
    new: Sequence[Running],
    left_out: Mapping[int, str],
    *,
    now: datetime,
    known: Mapping[str, str] | None,
) -> dict[int, Drawn]:
    """Draw for the experiments a learner meets for the first time, each by its unit.

    Who has no class or cohort to be drawn with is left out, until there is one.
    """
    plans = {experiment.id: experiment.plan for experiment in new}
    groups = groups_for(learner_id, plans, known=known)
    keys = {experiment.id: experiment.plan.key for experiment in new}
    groupless = {number for number, group in groups.items() if not group}
    if missing := [keys[number] for number in groupless - left_out.keys()]:
        leave_out(learner_id, NO_GROUP, keys=missing, now=now)
    if back := [keys[number] for number in left_out.keys() & keys.keys() - groupless]:
        take_in(learner_id, reason=NO_GROUP, keys=back)
    return {
        experiment.id: Drawn(arm, cluster)
        for experiment in new
        if (arm := draw(learner_id, experiment, cluster=(cluster := groups.get(experiment.id, ""))))
        is not None
    }


def assigned_arm(learner_id: int, *, experiment: str) -> str | None:
    """Return the arm a learner is in, or HOLDOUT, or None; assigns nobody."""
    if in_holdout(learner_id):
        return HOLDOUT
    return (
        Assignment.objects.filter(learner_id=learner_id, experiment__key=experiment)
        .values_list("variant", flat=True)
        .first()
    )


def expected_arm(
    learner_id: int, *, experiment: str, attributes: Attributes = NOTHING_KNOWN
) -> str | None:
    """Return the arm a learner is in, or will be in when they first meet it; assigns nobody."""
    kept = assigned_arm(learner_id, experiment=experiment)
    if kept is not None:
        return kept
    for one in running_experiments():
        if one.plan.key == experiment and is_for(one.plan, attributes):
            cluster = groups_for(learner_id, {one.id: one.plan}).get(one.id, "")
            return draw(learner_id, one, cluster=cluster)
    return None


def expected_arms(
    learner_id: int, *, now: datetime, attributes: Attributes = NOTHING_KNOWN
) -> dict[str, str]:
    """Return the same of all that let anybody in, by key, in two statements at most."""
    here = open_experiments(now=now)
    if not here or in_holdout(learner_id):
        return {}
    kept, left_out = _kept(learner_id, [one.id for one in here])
    if not _is_by_hand(left_out):  # only of real learners is asked
        del left_out[EVERY]
    new = _unmet(here, kept, left_out, attributes)
    groups = groups_for(learner_id, {one.id: one.plan for one in new})
    ahead = {one.id: draw(learner_id, one, cluster=groups.get(one.id, "")) for one in new}
    return {one.plan.key: arm for one in here if (arm := kept.get(one.id) or ahead.get(one.id))}


def erase(learner_id: int) -> int:
    """Forget a learner's arms; return how many rows that were. Taken looks hold sums only."""
    removed, _ = Assignment.objects.filter(learner_id=learner_id).delete()
    excluded, _ = Exclusion.objects.filter(learner_id=learner_id).delete()
    return removed + excluded


def export(learner_id: int) -> object:
    """Return which comparisons a learner is part of, for the copy of their data."""
    rows = Assignment.objects.filter(learner_id=learner_id).order_by("assigned_at")
    return {
        "in_comparison_group": in_holdout(learner_id),
        "experiments": [
            {
                "experiment": row.experiment.title,
                "variant": row.variant,
                "with": row.cluster,  # the class or cohort that was drawn; empty: alone
                "since": row.assigned_at.isoformat(),
            }
            for row in rows.select_related("experiment")
        ],
        "left_out_of": [
            {
                "experiment_key": row.experiment_key,  # empty: every one
                "reason": row.reason,
                "note": row.note,
                "at": row.at.isoformat(),
            }
            for row in Exclusion.objects.filter(learner_id=learner_id).order_by("at")
        ],
    }


def _kept(learner_id: int, experiments: Sequence[int]) -> tuple[dict[int, str], dict[int, str]]:
    """Return the arms a learner is in, and why which experiments do not take them in."""
    kept: dict[int, str] = {}
    left_out: dict[int, str] = {}
    for key, text, excluded in _KEPT.rows(learner_id, experiments):
        found = left_out if int.from_bytes(excluded or b"") else kept
        found[int.from_bytes(key or b"")] = (text or b"").decode()
    return kept, left_out


def _keep(
    learner_id: int, drawn: Mapping[int, Drawn], here: Sequence[Running], *, now: datetime
) -> dict[int, str]:
    """Write sticky rows with their exposures, both or neither; return the arms that hold.

    Two first requests of one learner may meet here: the row that was first holds for both, and
    only who wrote it logs the exposure.
    """
    keys = {experiment.id: experiment.plan.key for experiment in here}
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        if learner_id not in signals.storing([learner_id]):
            return {}  # erased since the request began
        cursor.execute(
            "INSERT INTO experiments_assignment"
            " (experiment_id, learner_id, variant, cluster, assigned_at)"
            " SELECT experiment_id, %s, variant, cluster, %s"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[])"
            " AS drawn (experiment_id, variant, cluster)"
            " ON CONFLICT DO NOTHING RETURNING experiment_id, variant",
            [
                learner_id,
                now,
                list(drawn),
                [one.arm for one in drawn.values()],
                [one.cluster for one in drawn.values()],
            ],
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
                        cluster=drawn[experiment].cluster,
                    )
                    for experiment, arm in written.items()
                ]
            )
    return written if len(written) == len(drawn) else _kept(learner_id, list(drawn))[0]
