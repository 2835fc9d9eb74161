"""What does an experiment show, and when may it be said? Looks as planned (measurement).

The moments of each arm come from signals; the mathematics is in `stats`. A look is computed once,
as of the moment it was planned for, and kept: a page that is opened twice shows the same numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from experiments.data import Effect, ExperimentInfo, ExperimentRefusedError, Plan, Readout, Waiting
from experiments.guard import writing
from experiments.metrics import METRICS
from experiments.models import Experiment, Flag, Snapshot
from experiments.samples import Arms, Seen, adjusted, arms_of, is_readable, seen
from experiments.stats import sequential, wording
from experiments.stats.means import difference
from experiments.stats.power import detectable
from experiments.stats.verdict import REVIEW, SHIP, Advice, Reading, advise

FORMAT = 1  # of Snapshot.results

State = Experiment.State
OPEN = (State.RUNNING, State.PAUSED)  # looks are taken as planned


@dataclass(frozen=True, slots=True)
class LookTaken:
    """A look that has just been computed."""

    key: str
    look: int
    sentence: str


def take_due_looks(*, now: datetime) -> list[LookTaken]:
    """Compute and keep every planned look whose moment has come; each once, in order."""
    return [
        LookTaken(experiment.key, look, _take(experiment, look, now=now).results["sentence"])
        for experiment in Experiment.objects.filter(state__in=OPEN).order_by("id")
        for look in _due(experiment, now=now)
    ]


def readout(key: str, *, now: datetime) -> Readout:
    """Return an experiment as its page shows it; before the first look it holds no effect.

    Raise ExperimentRefusedError where there is no such experiment.
    """
    experiment = Experiment.objects.filter(key=key).first()
    if experiment is None:
        raise ExperimentRefusedError(f"There is no experiment {key}.")
    last = experiment.snapshots.order_by("-look").first()
    as_of = _moment(experiment, last.look) if last else now
    arms = seen(experiment, as_of=as_of, n=last.results["n"] if last else None)
    n = arms.n
    taken = last.look if last else 0
    pending = _waiting(experiment, look=taken + 1, now=now)
    trustworthy = experiment.intact and arms.sound
    shown = last if trustworthy else None
    bound = _bounds(experiment.plan)[max(taken - 1, 0)]
    return Readout(
        key=experiment.key,
        title=experiment.title,
        hypothesis=experiment.hypothesis,
        state=experiment.state,
        started=experiment.started_at.date() if experiment.started_at else None,
        # jsonb keeps no order of keys, and pages take the first arm for the control
        n={arm: wording.shown(n[arm]) for arm in experiment.variants},
        planned_per_arm=experiment.planned_per_arm,
        confidence=last.results["confidence"] if last else sequential.confidence(bound),
        effects=_shown(shown.results["effects"]) if shown else (),
        waiting=pending,
        looks_taken=taken,
        sentence=_sentence(experiment, last=shown, arms=arms, pending=pending)
        + (f" {wording.exploratory(experiment.plan)}" if experiment.exploratory else ""),
        digest=experiment.digest,
        trustworthy=trustworthy,
        exploratory=experiment.exploratory,
        verdict=experiment.verdict,
    )


def _shown(rows: list[dict[str, Any]]) -> tuple[Effect, ...]:
    effects = (Effect(**row) for row in rows)
    return tuple(
        replace(
            effect,
            n_control=wording.shown(effect.n_control),
            n_variant=wording.shown(effect.n_variant),
        )
        for effect in effects
    )


def list_experiments() -> list[ExperimentInfo]:
    """Return every experiment, newest first."""
    rows = Experiment.objects.order_by("-created_at", "key").prefetch_related("snapshots")
    flags = {flag.name: flag.share() > 0 for flag in Flag.objects.all()}
    return [_info(row, switched_on=flags.get(row.switch, False)) for row in rows]


def _info(row: Experiment, *, switched_on: bool) -> ExperimentInfo:
    taken = len(row.snapshots.all())
    upcoming = row.state in OPEN and taken < len(row.look_days)
    return ExperimentInfo(
        key=row.key,
        title=row.title,
        state=row.state,
        surfaces=tuple(row.surfaces),
        primary_metric=row.primary_metric,
        exploratory=row.exploratory,
        switched_on=switched_on,
        created_at=row.created_at,
        started_at=row.started_at,
        stopped_at=row.stopped_at,
        looks_taken=taken,
        looks=len(row.look_days),
        next_look=_moment(row, taken + 1).date() if upcoming else None,
        verdict=row.verdict,
        people=row.people,
        paused_at=row.paused_at,
        serves=row.serves,
        decision_rule=row.decision_rule,
    )


def _moment(experiment: Experiment, look: int) -> datetime:
    if experiment.started_at is None:
        raise ExperimentRefusedError(f"{experiment.key} has not started, so it has no looks.")
    return experiment.started_at + timedelta(days=experiment.look_days[look - 1])


def _due(experiment: Experiment, *, now: datetime) -> list[int]:
    taken = set(experiment.snapshots.values_list("look", flat=True))
    return [
        look
        for look in range(1, len(experiment.look_days) + 1)
        if look not in taken and _moment(experiment, look) <= now
    ]


@transaction.atomic
def _take(experiment: Experiment, look: int, *, now: datetime) -> Snapshot:
    # Two beats may meet: the first one's numbers stand.
    with writing(experiment.key):
        snapshot, _ = Snapshot.objects.get_or_create(
            experiment=experiment,
            look=look,
            defaults={"taken_at": now, "results": _results(experiment, look)},
        )
    return snapshot


def _results(experiment: Experiment, look: int) -> dict[str, object]:
    plan, as_of = experiment.plan, _moment(experiment, look)
    arms_seen = seen(experiment, as_of=as_of)
    n = arms_seen.n
    bound = _bounds(plan)[look - 1]
    confidence = sequential.confidence(bound)
    samples = {metric: arms_of(plan, metric, as_of=as_of) for metric in plan.metrics}
    trustworthy = experiment.intact and arms_seen.sound
    effects = [
        _effect(plan, metric, arms, alpha=1 - confidence)
        for metric, arms in samples.items()
        if trustworthy and is_readable(plan, arms)
    ]
    visible = _visible(plan, samples, bound=bound)
    advice = _advice(plan, effects, sound=trustworthy, look=look, n=n)
    return {
        "format": FORMAT,
        "digest": experiment.digest,
        "as_of": as_of.isoformat(),
        "confidence": confidence,
        "n": n,
        "split": asdict(arms_seen.split),
        "loss": asdict(arms_seen.loss),
        "trustworthy": trustworthy,
        "moments": {
            metric: {arm: asdict(sample) for arm, sample in arms.items()}
            for metric, arms in samples.items()
        },
        "detectable": visible,
        "effects": [asdict(effect) for effect in effects],
        "advice": advice.verdict,
        "sentence": wording.reading(
            effects, plan=plan, look=look, n=n, confidence=confidence, detectable=visible
        )
        + f" {wording.advised(advice)}",
    }


def _bounds(plan: Plan) -> tuple[float, ...]:
    return sequential.critical_values(plan.fractions, alpha=plan.alpha)


def _effect(plan: Plan, metric: str, arms: Arms, *, alpha: float) -> Effect:
    control, variant = (arms[arm].post for arm in plan.variants)
    found = difference(*adjusted(plan, arms), alpha=alpha)
    return Effect(
        metric=metric,
        track=METRICS[metric].track,
        unit=METRICS[metric].unit,
        control_mean=float(control.mean),
        variant_mean=float(variant.mean),
        difference=float(found.difference),
        low=float(found.low),
        high=float(found.high),
        p_value=float(found.p_value),
        n_control=int(control.n),
        n_variant=int(variant.n),
        margin=plan.margin(metric),
    )


def _advice(
    plan: Plan, effects: Sequence[Effect], *, sound: bool, look: int, n: Mapping[str, int]
) -> Advice:
    """Return what the order of verdicts says; an exploratory plan is for people, never shipped."""
    readings = [
        Reading(
            effect.metric,
            effect.track,
            success=effect.metric == plan.primary_metric,
            guarded=effect.metric in plan.guardrails,
            low=effect.low,
            high=effect.high,
            margin=effect.margin * effect.control_mean,
        )
        for effect in effects
    ]
    full = min(n.get(arm, 0) for arm in plan.variants) >= plan.planned_per_arm
    powered = full or look == len(plan.look_days)
    advice = advise(readings, expected=plan.metrics, sound=sound, powered=powered)
    if plan.exploratory and advice.verdict == SHIP:
        return replace(advice, verdict=REVIEW)
    return advice


def _visible(plan: Plan, samples: dict[str, Arms], *, bound: float) -> dict[str, float]:
    """Return what a look can see with these learners, from the variance of both arms as one.

    As observed: what the time before explains makes it better than that.
    """
    visible: dict[str, float] = {}
    for metric, arms in samples.items():
        if not is_readable(plan, arms):
            continue
        control, variant = (arms[arm].post for arm in plan.variants)
        variance = float((control + variant).variance)
        if variance > 0:
            visible[metric] = detectable(
                n_control=float(control.n),
                n_variant=float(variant.n),
                variance=variance,
                critical=bound,
                power_wanted=plan.power,
            )
    return visible


def _waiting(experiment: Experiment, *, look: int, now: datetime) -> Waiting | None:
    if experiment.state not in OPEN or look > len(experiment.look_days):
        return None
    plan = experiment.plan
    samples = {metric: arms_of(plan, metric, as_of=now) for metric in plan.metrics}
    return Waiting(
        next_look=_moment(experiment, look).date(),
        look=look,
        looks=len(plan.look_days),
        detectable=_visible(plan, samples, bound=_bounds(plan)[look - 1]),
    )


def _sentence(
    experiment: Experiment,
    *,
    last: Snapshot | None,
    arms: Seen,
    pending: Waiting | None,
) -> str:
    if not experiment.intact:
        return (
            "The plan was changed after it was registered, so no effect is shown. "
            "Register a new experiment."
        )
    if arms.split.broken:
        return wording.broken_split(arms.split, plan=experiment.plan, n=arms.n)
    if arms.loss.broken:
        return wording.unequal_loss(arms.loss, plan=experiment.plan, n=arms.n)
    if last is not None:
        return str(last.results["sentence"])
    if pending is not None:
        return wording.waiting(
            plan=experiment.plan,
            n=arms.n,
            look=pending.look,
            when=pending.next_look,
            detectable=pending.detectable,
        )
    if experiment.started_at is None:
        return "Not started: nothing is measured yet."
    return "Stopped before its first look: nothing can be said about the effect."
