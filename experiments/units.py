"""What is drawn for a learner: the learner alone, or their class or cohort? (measurement)

Whoever learns together is drawn together, by the group's id. Who has no group takes no part, and a
row says so for as long as they have none. Who changes groups after an arm was drawn keeps the arm
and the group it was drawn with; who changes before is drawn with the new one.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from experiments.data import Plan
from experiments.models import Exclusion, Experiment
from experiments.stats.wording import shown
from signals import api as signals

LEARNER = "learner"
NO_GROUP: str = Exclusion.Reason.NO_GROUP.value
BY_HAND: str = Exclusion.Reason.MANUAL.value


def groups_for(
    learner_id: int, plans: Mapping[int, Plan], *, known: Mapping[str, str] | None = None
) -> dict[int, str]:
    """Return the group that each plan draws, "" where the learner has none of its kind.

    Plans that draw learners are left out. It takes a statement where there are others, and the
    learner's groups are not known by kind.
    """
    grouped = {number: plan.unit for number, plan in plans.items() if plan.unit != LEARNER}
    if not grouped:
        return {}
    groups = signals.groups_of(learner_id) if known is None else known
    return {number: groups.get(kind, "") for number, kind in grouped.items()}


def leave_out(learner_id: int, reason: str, *, keys: Collection[str], now: datetime) -> None:
    """Keep that a learner takes no part in these experiments, "" for all, and why."""
    with transaction.atomic(savepoint=False):
        if learner_id in signals.storing([learner_id]):
            Exclusion.objects.bulk_create(
                [
                    Exclusion(learner_id=learner_id, experiment_key=key, reason=reason, at=now)
                    for key in keys
                ],
                ignore_conflicts=True,  # two first requests may meet
            )


def take_in(learner_id: int, *, reason: str, keys: Collection[str]) -> None:
    """Forget why the product left a learner out, who has a group now, or is no robot after all.

    What a person decided stays: it has a note.
    """
    Exclusion.objects.filter(
        learner_id=learner_id, experiment_key__in=keys, reason=reason, note=""
    ).delete()


def movers(key: str) -> dict[str, int]:
    """Return by arm how many exposed learners left the group drawn with them, rounded to 5.

    They stay in their arm and count with that group: what was tried is to be drawn a group, and
    who leaves one may leave because of what was tried.
    """
    unit = Experiment.objects.filter(key=key).values_list("unit", flat=True).first()
    if unit in (None, LEARNER):
        return {}
    return {arm: shown(count) for arm, count in signals.moved(key, kind=str(unit)).items()}
