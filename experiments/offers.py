"""What does a flag, or an experiment, give a learner who is asked about by name of it?

A flag is on or off. An experiment gives an arm: the control to whoever takes no part, and once it
was decided to ship, the variant to everybody (measurement).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db.models import OuterRef, QuerySet, Subquery

from experiments.assignment import REAL, assign_one, expected_arms
from experiments.data import Offer
from experiments.models import Answer, Experiment, Flag
from experiments.settled import OVER, SHIPPED, settled_arms
from experiments.targets import NOTHING_KNOWN, Attributes

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

    @property
    def drawable(self) -> bool:
        """Say whether experiments may draw them; the comparison group is left alone further in."""
        return self.takes_part and self.kind == REAL


def offer(key: str, asker: Asker, *, now: datetime) -> Offer | None:
    """Return what a flag or an experiment gives, or None where there is neither.

    Whoever asks for one is about to show it: an experiment assigns and exposes, as `assign`.
    """
    experiment = _that_ran().filter(key=key).first()
    if experiment is not None:
        arm = None
        if experiment.state == State.RUNNING and asker.learner_id is not None and asker.drawable:
            arm = assign_one(asker.learner_id, experiment=key, now=now, attributes=asker.attributes)
        return _of_experiment(experiment, arm, _over(asker, now=now), exposed=arm is not None)
    flag = None if key.startswith(EXPERIMENT_FLAG) else Flag.objects.filter(name=key).first()
    return _of_flag(flag, asker) if flag is not None else None


def offers(asker: Asker, *, now: datetime) -> tuple[Offer, ...]:
    """Return what all of them give, by key. Nobody is assigned or exposed: this is a look ahead.

    However many experiments there were, they take the same few statements.
    """
    return tuple(sorted(_all(asker, now=now), key=lambda one: one.key))


def _that_ran() -> QuerySet[Experiment]:
    """Return those there is an answer of: open ones, and what is over and was open once."""
    answers = Answer.objects.filter(experiment=OuterRef("pk")).order_by("-number")
    ran = Experiment.objects.filter(state__in=(*OPEN, *OVER), started_at__isnull=False)
    return ran.annotate(last_keeps=Subquery(answers.values("keeps")[:1]))


def _all(asker: Asker, *, now: datetime) -> Iterator[Offer]:
    ahead: Mapping[str, str] = {}
    if asker.learner_id is not None and asker.drawable:
        ahead = expected_arms(asker.learner_id, now=now, attributes=asker.attributes)
    over = _over(asker, now=now)
    for experiment in _that_ran():
        yield _of_experiment(experiment, ahead.get(experiment.key), over, exposed=False)
    for flag in Flag.objects.exclude(name__startswith=EXPERIMENT_FLAG):
        yield _of_flag(flag, asker)


def _over(asker: Asker, *, now: datetime) -> Mapping[str, str]:
    """Return what a learner sees of experiments that let nobody in: some wait for what shipped."""
    return {} if asker.learner_id is None else settled_arms(asker.learner_id, now=now)


def _of_flag(flag: Flag, asker: Asker) -> Offer:
    on = asker.learner_id is not None and flag.is_active_for_learner(asker.learner_id)
    on = bool(flag.everyone) if flag.everyone is not None else on
    reason = STATIC if flag.everyone is not None else SPLIT
    return Offer(flag.name, value=on, variant="on" if on else "off", reason=reason)


def _of_experiment(
    experiment: Experiment, arm: str | None, over: Mapping[str, str], *, exposed: bool
) -> Offer:
    control = experiment.variants[0]
    given = partial(Offer, experiment.key, kind="experiment")
    if experiment.state in OVER:
        seen = _settled(experiment, over)
        return given(value=seen, variant=seen, reason=STATIC if seen != control else DISABLED)
    if experiment.state != State.RUNNING:
        return given(value=control, variant=control, reason=DISABLED)
    if arm is None:
        return given(value=control, variant=control, reason=DEFAULT)
    return given(value=arm, variant=arm, reason=SPLIT, exposed=exposed)


def _settled(experiment: Experiment, over: Mapping[str, str]) -> str:
    """Return what was decided for this learner: what was shipped and is kept, or the control."""
    kept: bool | None = vars(experiment)["last_keeps"]
    if experiment.verdict != SHIPPED or kept is False:
        return str(experiment.variants[0])
    return over.get(experiment.key, str(experiment.variants[-1]))
