"""What does an experiment show, and when may it be said? Looks as planned (measurement).

The moments of each arm come from signals; the mathematics is in `stats`. A look is computed once,
as of the moment it was planned for, and kept: a page that is opened twice shows the same numbers.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from experiments.data import (
    METRICS,
    Effect,
    ExperimentInfo,
    ExperimentRefusedError,
    Plan,
    Readout,
    Waiting,
)
from experiments.models import Experiment, Flag, Snapshot
from experiments.stats import sequential, wording
from experiments.stats.means import Sample, difference
from experiments.stats.power import detectable
from experiments.stats.srm import Split, check_split
from experiments.surfaces import codes_of
from signals import api as signals

FORMAT = 1  # of Snapshot.results
FEWEST = wording.K  # learners of an arm; of fewer nothing may be shown

State = Experiment.State
Arms = dict[str, Sample]


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
        for experiment in Experiment.objects.filter(state=State.RUNNING).order_by("id")
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
    n = last.results["n"] if last else _exposed(experiment, as_of=now)
    split = check_split([n[arm] for arm in experiment.variants], experiment.shares)
    taken = last.look if last else 0
    pending = _waiting(experiment, look=taken + 1, now=now)
    trustworthy = experiment.intact and not split.broken
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
        sentence=_sentence(experiment, last=shown, split=split, n=n, pending=pending)
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
    upcoming = row.state == State.RUNNING and taken < len(row.look_days)
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
    snapshot, _ = Snapshot.objects.get_or_create(
        experiment=experiment,
        look=look,
        defaults={"taken_at": now, "results": _results(experiment, look)},
    )
    return snapshot


def _results(experiment: Experiment, look: int) -> dict[str, object]:
    plan, as_of = experiment.plan, _moment(experiment, look)
    n = _exposed(experiment, as_of=as_of)
    split = check_split([n[arm] for arm in plan.variants], plan.shares)
    bound = _bounds(plan)[look - 1]
    confidence = sequential.confidence(bound)
    samples = {metric: arms_of(plan, metric, as_of=as_of) for metric in plan.metrics}
    trustworthy = experiment.intact and not split.broken
    effects = [
        _effect(plan, metric, arms, alpha=1 - confidence)
        for metric, arms in samples.items()
        if trustworthy and is_readable(plan, arms)
    ]
    visible = _visible(plan, samples, bound=bound)
    return {
        "format": FORMAT,
        "digest": experiment.digest,
        "as_of": as_of.isoformat(),
        "confidence": confidence,
        "n": n,
        "split": asdict(split),
        "trustworthy": trustworthy,
        "moments": {
            metric: {arm: asdict(sample) for arm, sample in arms.items()}
            for metric, arms in samples.items()
        },
        "detectable": visible,
        "effects": [asdict(effect) for effect in effects],
        "sentence": wording.reading(
            effects, plan=plan, look=look, n=n, confidence=confidence, detectable=visible
        ),
    }


def _bounds(plan: Plan) -> tuple[float, ...]:
    return sequential.critical_values(plan.fractions, alpha=plan.alpha)


def split_of(experiment: Experiment, *, as_of: datetime) -> Split:
    """Return whether the arms hold their shares of those who were exposed by then."""
    n = _exposed(experiment, as_of=as_of)
    return check_split([n[arm] for arm in experiment.variants], experiment.shares)


def _exposed(experiment: Experiment, *, as_of: datetime) -> dict[str, int]:
    counts = signals.exposed_counts(experiment.key, as_of=as_of)
    return {arm: counts.get(arm, 0) for arm in experiment.variants}


def arms_of(plan: Plan, metric: str, *, as_of: datetime) -> Arms:
    """Return the moments of a metric by arm, as of a moment."""
    rows = signals.moments(
        plan.key,
        metric=metric,
        surfaces=codes_of(plan.surfaces),
        window_days=METRICS[metric].window_days,
        as_of=as_of,
    )
    found = {row.arm: Sample(row.n, row.total, row.squares) for row in rows}
    return {arm: found.get(arm, Sample(0, 0.0, 0.0)) for arm in plan.variants}


def is_readable(plan: Plan, arms: Arms) -> bool:
    """Say whether an effect may be shown: enough learners, who did not all do the same."""
    samples = [arms[arm] for arm in plan.variants]
    return all(sample.n >= FEWEST for sample in samples) and any(
        sample.variance > 0 for sample in samples
    )


def _effect(plan: Plan, metric: str, arms: Arms, *, alpha: float) -> Effect:
    control, variant = (arms[arm] for arm in plan.variants)
    found = difference(control, variant, alpha=alpha)
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
    )


def _visible(plan: Plan, samples: dict[str, Arms], *, bound: float) -> dict[str, float]:
    """Return what a look can see with these learners, from the variance of both arms as one."""
    visible: dict[str, float] = {}
    for metric, arms in samples.items():
        if not is_readable(plan, arms):
            continue
        control, variant = (arms[arm] for arm in plan.variants)
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
    if experiment.state != State.RUNNING or look > len(experiment.look_days):
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
    split: Split,
    n: dict[str, int],
    pending: Waiting | None,
) -> str:
    if not experiment.intact:
        return (
            "The plan was changed after it was registered, so no effect is shown. "
            "Register a new experiment."
        )
    if split.broken:
        return wording.broken_split(split, plan=experiment.plan, n=n)
    if last is not None:
        return str(last.results["sentence"])
    if pending is not None:
        return wording.waiting(
            plan=experiment.plan,
            n=n,
            look=pending.look,
            when=pending.next_look,
            detectable=pending.detectable,
        )
    if experiment.started_at is None:
        return "Not started: nothing is measured yet."
    return "Stopped before its first look: nothing can be said about the effect."
