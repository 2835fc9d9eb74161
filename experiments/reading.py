"""What does an experiment show, as its page says it? From what looks have kept (measurement)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Count

from experiments.data import (
    Compared,
    Effect,
    ExperimentInfo,
    ExperimentRefusedError,
    Holding,
    Readout,
    Trend,
    Waiting,
)
from experiments.looks import OPEN, bounds_of, expected, visible
from experiments.models import Experiment, Flag, Snapshot
from experiments.rereads import reopened_by, reopened_moment, rereads_of
from experiments.samples import Seen, kept_seen, samples_of, seen
from experiments.stats import sequential, wording


def readout(key: str, *, now: datetime) -> Readout:
    """Return an experiment as its page shows it; before the first look it holds no effect.

    Raise ExperimentRefusedError where there is no such experiment.
    """
    experiment = Experiment.objects.filter(key=key).first()
    if experiment is None:
        raise ExperimentRefusedError(f"There is no experiment {key}.")
    last = experiment.snapshots.order_by("-look").first()
    arms = kept_seen(last.results) if last else seen(experiment, as_of=now)
    n = arms.n
    taken = last.look if last else 0
    pending = _waiting(experiment, look=taken + 1, now=now)
    trustworthy = experiment.intact and arms.sound
    shown = last if trustworthy else None
    results = shown.results if shown else {}
    bound = bounds_of(experiment.plan)[max(taken - 1, 0)]
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
        effects=tuple(_effect(row) for row in results.get("effects", ())),
        waiting=pending,
        looks_taken=taken,
        sentence=_sentence(experiment, last=shown, arms=arms, pending=pending)
        + (f" {wording.exploratory(experiment.plan)}" if experiment.exploratory else ""),
        digest=experiment.digest,
        trustworthy=trustworthy,
        exploratory=experiment.exploratory,
        verdict=experiment.verdict,
        advice=last.results["advice"] if last else "",
        guardrails=tuple(
            Holding(**row) for row in (last.results.get("guardrails", ()) if last else ())
        ),
        cohorts=tuple(_compared(row) for row in results.get("cohorts", ())),
        secondary=tuple(_compared(row) for row in results.get("secondary", ())),
        trends=tuple(_trend(row) for row in results.get("trends", ())),
        rereads=rereads_of(experiment),
        design=experiment.design,
        **_reopened(experiment),
    )


def list_experiments(*, now: datetime) -> list[ExperimentInfo]:
    """Return every experiment, newest first, with the looks as they are expected now."""
    rows = (
        Experiment.objects.annotate(reopened_at=reopened_moment(), taken=Count("snapshots"))
        .order_by("-created_at", "key")
        .select_related("unwatched")
        .prefetch_related("ramp_steps")
    )
    flags = {flag.name: flag.share() > 0 for flag in Flag.objects.all()}
    return [
        _info(
            row,
            on=flags.get(row.switch, False),
            taken=row.taken,
            reopened_at=row.reopened_at,
            now=now,
        )
        for row in rows
    ]


def _reopened(experiment: Experiment) -> dict[str, Any]:
    against = reopened_by(experiment)
    if against is None:
        return {}
    return {"reopened_at": against.taken_at, "reopened_reason": against.results["sentence"]}


def _effect(row: dict[str, Any]) -> Effect:
    """Return a kept effect as it may be shown."""
    effect = Effect(**row)
    return replace(
        effect,
        n_control=wording.shown(effect.n_control),
        n_variant=wording.shown(effect.n_variant),
    )


def _compared(row: dict[str, Any]) -> Compared:
    return Compared(**{**row, "effect": _effect(row["effect"])})


def _trend(row: dict[str, Any]) -> Trend:
    weeks = tuple((int(week), effect, low, high) for week, effect, low, high in row["weeks"])
    return Trend(**{**row, "weeks": weeks})


def _info(
    row: Experiment, *, on: bool, taken: int, reopened_at: datetime | None, now: datetime
) -> ExperimentInfo:
    upcoming = row.state in OPEN and taken < len(row.look_days)
    return ExperimentInfo(
        key=row.key,
        title=row.title,
        state=row.state,
        surfaces=tuple(row.surfaces),
        primary_metric=row.primary_metric,
        exploratory=row.exploratory,
        switched_on=on,
        created_at=row.created_at,
        started_at=row.started_at,
        stopped_at=row.stopped_at,
        looks_taken=taken,
        looks=len(row.look_days),
        next_look=expected(row, taken + 1, now=now).date() if upcoming else None,
        verdict=row.verdict,
        people=row.people,
        paused_at=row.paused_at,
        serves=row.serves,
        decision_rule=row.decision_rule,
        reopened_at=reopened_at,
        unwatched_since=row.unwatched.since if hasattr(row, "unwatched") else None,
    )


def _waiting(experiment: Experiment, *, look: int, now: datetime) -> Waiting | None:
    if experiment.state not in OPEN or look > len(experiment.look_days):
        return None
    plan = experiment.plan
    samples = {} if plan.interleaved else samples_of(plan, plan.metrics, as_of=now)
    return Waiting(
        next_look=expected(experiment, look, now=now).date(),
        look=look,
        looks=len(plan.look_days),
        detectable=visible(plan, samples, bound=bounds_of(plan)[look - 1]),
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
