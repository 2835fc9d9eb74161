"""Did what was shipped keep what it promised? Read again after 30, 90 and 180 days (measurement).

The learners of the variant are compared with those of the control who were held back when it
shipped (`settled`), by what they did so many days after they first saw their arm. Where harm shows,
or the effect it was shipped for is ruled out, the decision is open again and people answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery

from experiments.consequences import TAKEN_BACK, Decided, carry_out
from experiments.data import Effect, ExperimentRefusedError, Plan, RereadInfo
from experiments.effects import effect_of
from experiments.guard import writing
from experiments.metrics import METRICS
from experiments.models import Answer, Experiment, Holdback, Reread
from experiments.people import permit, permit_person
from experiments.samples import asked_of, is_readable, read_arms
from experiments.settled import REREAD_DAYS, SHIPPED, is_held
from experiments.stats.verdict import PROTECTED
from experiments.stats.wording import describe
from experiments.transitions import because, record, taking
from signals import api as signals
from signals.data import SYSTEM, Actor, Asked

LASTING, FADED, HARM, NOT_CLEAR = "lasting", "faded", "harm", "not clear"
AGAINST = (FADED, HARM)  # readings that open a decision again
WINDOW_DAYS = 14  # of what is read so much later
EXPOSED_AT_ONCE = 5_000
WORDS = {
    LASTING: "The effect it was shipped for is still shown.",
    FADED: "The effect it was shipped for is ruled out by now: it does not last.",
    HARM: "Learners who have it do worse by now than those who were held back.",
    NOT_CLEAR: "Too little is known to say whether the effect lasts.",
}

State = Experiment.State


@dataclass(frozen=True, slots=True)
class RereadTaken:
    """A decision that has just been read again."""

    key: str
    day: int
    reading: str
    sentence: str


def take_due_rereads(*, now: datetime) -> list[RereadTaken]:
    """Read every shipped experiment again whose day has come; each once, in order."""
    shipped = Experiment.objects.filter(
        state__in=(State.DECIDED, State.ARCHIVED), verdict=SHIPPED, holdback__isnull=False
    ).order_by("id")
    return [
        _take(experiment, day, now=now)
        for experiment in shipped
        for day in _due(experiment, now=now)
    ]


def rereads_of(experiment: Experiment) -> tuple[RereadInfo, ...]:
    """Return the re-reads of a shipped experiment, those to come among them."""
    if not Holdback.objects.filter(experiment=experiment).exists():
        return ()  # never shipped, or before re-reads were taken
    taken = {row.day: row for row in experiment.rereads.all()}
    return tuple(
        _info(taken[day]) if day in taken else RereadInfo(day, _moment(experiment, day).date())
        for day in REREAD_DAYS
        if day in taken or not _removed(experiment)
    )


def reopened_by(experiment: Experiment) -> Reread | None:
    """Return the re-read that opened the decision again and waits for an answer."""
    last = experiment.answers.order_by("-number").first()
    against = experiment.rereads.filter(reading__in=AGAINST).order_by("day")
    if last is not None:
        against = against.filter(taken_at__gt=last.at)
    return against.last()


def reopened_moment() -> Subquery:
    """Return the same for each experiment of a query: when it was opened again, if it waits."""
    answers = Answer.objects.filter(experiment=OuterRef("experiment")).order_by("-number")
    against = Reread.objects.filter(experiment=OuterRef("pk"), reading__in=AGAINST).annotate(
        answered=Subquery(answers.values("at")[:1])
    )
    waiting = against.filter(Q(answered=None) | Q(taken_at__gt=F("answered")))
    return Subquery(waiting.order_by("-day").values("taken_at")[:1])


def answer_reopened(actor: Actor, *, key: str, keeps: bool, reason: str, now: datetime) -> None:
    """Answer a decision that is open again: keep what was shipped, or take it back from all."""
    permit(actor)
    permit_person(actor)
    with taking(key, State.DECIDED, State.ARCHIVED, step="answer a re-read") as experiment:
        if reopened_by(experiment) is None:
            raise ExperimentRefusedError(
                f"No re-read of {key} waits for an answer. Wait for the next one."
            )
        why = because(reason)
        Answer.objects.create(
            experiment=experiment,
            number=experiment.answers.count() + 1,
            at=now,
            by=str(actor),
            keeps=keeps,
            reason=why,
        )
        if not keeps:
            carry_out(Decided(key, experiment.plan.variants, TAKEN_BACK, actor, now))
        action = "experiment.kept" if keeps else "experiment.removed"
        record(actor, action, key, now, reason=why)


def _due(experiment: Experiment, *, now: datetime) -> list[int]:
    taken = set(experiment.rereads.values_list("day", flat=True))
    if _removed(experiment):
        return []
    return [day for day in REREAD_DAYS if day not in taken and _moment(experiment, day) <= now]


def _moment(experiment: Experiment, day: int) -> datetime:
    if experiment.decided_at is None:
        raise ExperimentRefusedError(f"{experiment.key} is not decided, so nothing is read again.")
    return experiment.decided_at + timedelta(days=day)


def _removed(experiment: Experiment) -> bool:
    return experiment.answers.filter(keeps=False).exists()


@transaction.atomic
def _take(experiment: Experiment, day: int, *, now: datetime) -> RereadTaken:
    plan = _held_plan(experiment)
    effects = list(_effects(plan, day, as_of=_moment(experiment, day)))
    reading = read_again(experiment.plan, effects, promised=_promised(experiment))
    confidence = 1 - _alpha(plan)
    said = " ".join(
        (WORDS[reading], *(describe(each, plan=plan, confidence=confidence) for each in effects))
    )
    with writing(experiment.key):
        row, new = Reread.objects.get_or_create(
            experiment=experiment,
            day=day,
            defaults={
                "taken_at": now,
                "reading": reading,
                "results": {"effects": [asdict(each) for each in effects], "sentence": said},
            },
        )
        if new:
            record(SYSTEM, "experiment.reread", experiment.key, now, day=day, reading=reading)
        if new and reading in AGAINST:
            record(SYSTEM, "experiment.reopened", experiment.key, now, day=day, reason=said)
    return RereadTaken(experiment.key, day, row.reading, row.results["sentence"])


def _held_plan(experiment: Experiment) -> Plan:
    """Return the plan over the variant's learners and those held back, exposed under a key apart.

    Their first exposures are kept again under it at the first re-read; who was erased is not.
    """
    key = f"held:{experiment.pk}"
    held = Holdback.objects.get(experiment=experiment)
    kept = [
        replace(row, experiment=key)
        for row in signals.exposures(experiment.key)
        if row.arm != experiment.variants[0]
        or is_held(row.cluster or row.learner_id, experiment_id=experiment.pk, share=held.share)
    ]
    for first in range(0, len(kept), EXPOSED_AT_ONCE):
        signals.expose(kept[first : first + EXPOSED_AT_ONCE])
    return replace(experiment.plan, key=key)


def _effects(plan: Plan, day: int, *, as_of: datetime) -> Iterator[Effect]:
    asked = {metric: _later(metric, day) for metric in plan.metrics}
    for metric, arms in read_arms(plan, asked, as_of=as_of).items():
        if is_readable(plan, arms):
            yield effect_of(plan, metric, arms, alpha=_alpha(plan))


def _later(metric: str, day: int) -> Asked:
    """Return what is asked so many days later: the same over two weeks that begin then.

    A metric that has its own day after the exposure, or is about the first days, stays as it is.
    """
    usual, listed = asked_of(metric), METRICS[metric]
    if listed.from_days or listed.window_days < WINDOW_DAYS:
        return usual
    return replace(usual, window_days=WINDOW_DAYS, from_days=day)


def _alpha(plan: Plan) -> float:
    return plan.alpha / len(REREAD_DAYS)


def _promised(experiment: Experiment) -> Effect | None:
    last = experiment.snapshots.order_by("-look").first()
    rows = last.results["effects"] if last else []
    found = (Effect(**row) for row in rows if row["metric"] == experiment.primary_metric)
    return next(found, None)


def read_again(plan: Plan, effects: Sequence[Effect], *, promised: Effect | None) -> str:
    """Return what a re-read says of what was promised; harm is said first.

    What was promised is the share of the control it gained at the decision: windows differ.
    """
    primary = next((each for each in effects if each.metric == plan.primary_metric), None)
    if any(
        each.reading == "worse"
        and (each is primary or each.metric in plan.guardrails or each.track in PROTECTED)
        for each in effects
    ):
        return HARM
    if primary is None:
        return NOT_CLEAR
    if primary.reading == "better":
        return LASTING
    if promised is None or not promised.control_mean or not primary.control_mean:
        return NOT_CLEAR
    share = abs(promised.difference / promised.control_mean)
    return FADED if primary.gain[1] < share * abs(primary.control_mean) else NOT_CLEAR


def _info(row: Reread) -> RereadInfo:
    return RereadInfo(
        day=row.day,
        due=row.taken_at.date(),
        taken_at=row.taken_at,
        reading=row.reading,
        sentence=row.results["sentence"],
        effects=tuple(Effect(**each) for each in row.results["effects"]),
    )
