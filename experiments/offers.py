"""What does a flag, or an experiment, give a learner who is asked about by name of it?

A flag is on or off. An experiment gives an arm: the control to whoever takes no part, and once it
was decided to ship, the variant to everybody (measurement).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from django.db.models import QuerySet

from experiments.assignment import (
    REAL,
    assign_one,
    expected_arm,
    in_holdout,
    open_experiments,
)
from experiments.data import Offer
from experiments.models import Exclusion, Experiment, Flag
from experiments.settled import OVER, SHIPPED, settled_arms
from experiments.targets import NOTHING_KNOWN, Attributes
from experiments.units import NO_GROUP

State = Experiment.State
EXPERIMENT_FLAG = "experiment:"  # begins the names of switches, which are asked for by experiment
OPEN = (State.RUNNING, State.PAUSED)
STATIC, SPLIT, DISABLED, DEFAULT = "STATIC", "SPLIT", "DISABLED", "DEFAULT"


@dataclass(frozen=True, slots=True)
class Asker:
    """The learner who is asked about. None is somebody nobody knows yet: they are in nothing.

    takes_part is False for who does not allow personalization; attributes are what plans for some
    learners only may ask for.
    """

    learner_id: int | None
    takes_part: bool = False
    kind: str = REAL
    attributes: Attributes = field(default_factory=lambda: NOTHING_KNOWN)


def offer(key: str, asker: Asker, *, now: datetime) -> Offer | None:
    """Return what a flag or an experiment gives, or None where there is neither.

    Whoever asks for one is about to show it: an experiment assigns and exposes, as `assign`.
    """
    experiment = _that_ran().filter(key=key).first()
    if experiment is not None:
        return _of_experiment(experiment, asker, now=now, shown=True)
    flag = None if key.startswith(EXPERIMENT_FLAG) else Flag.objects.filter(name=key).first()
    return _of_flag(flag, asker) if flag is not None else None


def offers(asker: Asker, *, now: datetime) -> tuple[Offer, ...]:
    """Return what all of them give, by key. Nobody is assigned or exposed: this is a look ahead."""
    return tuple(sorted(_all(asker, now=now), key=lambda one: one.key))


def _that_ran() -> QuerySet[Experiment]:
    """Return those there is an answer of: open ones, and what is over and was open once."""
    return Experiment.objects.filter(state__in=(*OPEN, *OVER), started_at__isnull=False)


def _all(asker: Asker, *, now: datetime) -> Iterator[Offer]:
    for experiment in _that_ran():
        yield _of_experiment(experiment, asker, now=now, shown=False)
    for flag in Flag.objects.exclude(name__startswith=EXPERIMENT_FLAG):
        yield _of_flag(flag, asker)


def _of_flag(flag: Flag, asker: Asker) -> Offer:
    on = asker.learner_id is not None and flag.is_active_for_learner(asker.learner_id)
    on = bool(flag.everyone) if flag.everyone is not None else on
    reason = STATIC if flag.everyone is not None else SPLIT
    return Offer(flag.name, value=on, variant="on" if on else "off", reason=reason)


def _of_experiment(experiment: Experiment, asker: Asker, *, now: datetime, shown: bool) -> Offer:
    control = experiment.variants[0]
    given = partial(Offer, experiment.key, kind="experiment")
    if experiment.state in OVER:
        over = _settled(experiment, asker, now=now)
        return given(value=over, variant=over, reason=STATIC if over != control else DISABLED)
    if experiment.state != State.RUNNING:
        return given(value=control, variant=control, reason=DISABLED)
    arm = _arm(experiment.key, asker, now=now, shown=shown)
    if arm is None:
        return given(value=control, variant=control, reason=DEFAULT)
    return replace(given(value=arm, variant=arm, reason=SPLIT), exposed=shown)


def _settled(experiment: Experiment, asker: Asker, *, now: datetime) -> str:
    """Return what was decided for this learner: what was shipped and is kept, or the control."""
    taken_back = experiment.answers.filter(keeps=False).exists()
    shipped = experiment.verdict == SHIPPED and not taken_back
    if asker.learner_id is None or not shipped:
        return str(experiment.variants[-1 if shipped else 0])
    arms = settled_arms(asker.learner_id, surface=experiment.surfaces[0], now=now)
    return arms.get(experiment.key, str(experiment.variants[-1]))


def _arm(key: str, asker: Asker, *, now: datetime, shown: bool) -> str | None:
    """Return the arm of somebody who takes part."""
    learner_id = asker.learner_id
    if learner_id is None or not asker.takes_part or asker.kind != REAL or in_holdout(learner_id):
        return None
    if not shown:
        left_out = Exclusion.objects.filter(learner_id=learner_id, experiment_key__in=["", key])
        running = any(one.plan.key == key for one in open_experiments(now=now))
        if not running or left_out.exclude(reason=NO_GROUP).exists():
            return None
        return expected_arm(learner_id, experiment=key, attributes=asker.attributes)
    return assign_one(learner_id, experiment=key, now=now, attributes=asker.attributes)
