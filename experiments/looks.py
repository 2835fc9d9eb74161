"""What does a planned look find? Computed once, as of its moment, and kept (measurement).

The moments of each arm come from signals; the mathematics is in `stats`. A page that is opened
twice shows the same numbers, because it reads what is kept here.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from experiments import served
from experiments.beside import Beside, look_beside
from experiments.data import STEP_DAYS, Effect, ExperimentRefusedError, Plan
from experiments.effects import readable_effects
from experiments.guard import writing
from experiments.models import Experiment, RampStep, Snapshot
from experiments.preferences import count_votes, effects_of, leads_visible
from experiments.samples import Arms, Seen, is_readable, kept, samples_of, seen, together
from experiments.stats import sequential, wording
from experiments.stats.power import detectable
from experiments.stats.srm import check_split
from experiments.stats.verdict import REVIEW, SHIP, Advice, Reading, advise

FORMAT = 2  # of Snapshot.results

log = logging.getLogger(__name__)
State = Experiment.State
OPEN = (State.RUNNING, State.PAUSED)  # looks are taken as planned


@dataclass(frozen=True, slots=True)
class LookTaken:
    """A look that has just been computed."""

    key: str
    look: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a look measures: who was seen, of how many something is known, sums and effects."""

    seen: Seen
    measured: dict[str, int]  # by arm, as many as the plan asks for
    moments: dict[str, Any]  # exact sums, which stay inside
    effects: list[Effect]
    visible: dict[str, float]  # metric -> smallest difference such a look can see


def take_due_looks(*, now: datetime) -> list[LookTaken]:
    """Compute and keep every planned look whose moment has come; each once, in order."""
    return list(_taken(now))


def _taken(now: datetime) -> Iterator[LookTaken]:
    for experiment in Experiment.objects.filter(state__in=OPEN).order_by("id"):
        try:
            for look in _due(experiment, now=now):
                sentence = _take(experiment, look, now=now).results["sentence"]
                yield LookTaken(experiment.key, look, sentence)
        except Exception:  # a look that is late is told of; the others are taken
            log.exception("A look at %s cannot be taken; it is tried again.", experiment.key)


def moment_of(experiment: Experiment, look: int, *, known_by: datetime | None = None) -> datetime:
    """Return when a look is planned; raise ExperimentRefusedError where nothing has started.

    Days count from when it was open to all; until then, from when that can be soonest, as it was
    known by a moment (None: today).
    """
    if experiment.started_at is None:
        raise ExperimentRefusedError(f"{experiment.key} has not started, so it has no looks.")
    opened = experiment.opened_at
    if opened is None or (known_by is not None and opened > known_by):
        opened = _open_soonest(experiment, known_by=known_by)
    return opened + timedelta(days=experiment.look_days[look - 1])


def expected(experiment: Experiment, look: int, *, now: datetime) -> datetime:
    """Return when a look can be soonest, as it was known by then; a step held back moves it on."""
    planned = moment_of(experiment, look, known_by=now)
    opened = experiment.opened_at
    if opened is not None and opened <= now:
        return planned
    due = _last_step(experiment, known_by=now).at + timedelta(days=STEP_DAYS)
    return planned + max(now - due, timedelta())


def _open_soonest(experiment: Experiment, *, known_by: datetime | None) -> datetime:
    last = _last_step(experiment, known_by=known_by)
    steps = sum(share > last.share for share in experiment.ramp)
    return last.at + timedelta(days=STEP_DAYS * steps)


def _last_step(experiment: Experiment, *, known_by: datetime | None) -> RampStep:
    return [step for step in experiment.openings if known_by is None or step.at <= known_by][-1]


def bounds_of(plan: Plan) -> tuple[float, ...]:
    """Return the critical value of each look."""
    return sequential.critical_values(plan.fractions, alpha=plan.alpha)


def visible(plan: Plan, samples: dict[str, Arms], *, bound: float) -> dict[str, float]:
    """Return what a look can see with these learners, from the variance of both arms as one.

    As observed: what the time before explains makes it better than that.
    """
    found: dict[str, float] = {}
    for metric, arms in samples.items():
        if not is_readable(plan, arms):
            continue
        control, variant = (arms[arm] for arm in plan.variants)
        variance = float(together(control, variant).post.variance)
        if variance > 0:
            found[metric] = detectable(
                n_control=float(control.post.n),
                n_variant=float(variant.post.n),
                variance=variance,
                critical=bound,
                power_wanted=plan.power,
            )
    return found


def _due(experiment: Experiment, *, now: datetime) -> list[int]:
    taken = set(experiment.snapshots.values_list("look", flat=True))
    return [
        look
        for look in range(1, len(experiment.look_days) + 1)
        if look not in taken
        and experiment.opened_at is not None
        and moment_of(experiment, look) <= now
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
    plan, as_of = experiment.plan, moment_of(experiment, look)
    bound = bounds_of(plan)[look - 1]
    confidence = sequential.confidence(bound)
    read = _read_together if plan.interleaved else _read_arms
    found = read(experiment, as_of=as_of, bound=bound)
    arms_seen = found.seen
    trustworthy = experiment.intact and arms_seen.sound
    effects = found.effects if trustworthy else []
    beside = look_beside(plan, as_of=as_of, alpha=1 - confidence, sound=trustworthy)
    advice = _advice(plan, effects, beside, sound=trustworthy, look=look, n=found.measured)
    return {
        "format": FORMAT,
        "digest": experiment.digest,
        "as_of": as_of.isoformat(),
        "confidence": confidence,
        "n": arms_seen.n,
        "split": asdict(arms_seen.split),
        "loss": asdict(arms_seen.loss),
        "trustworthy": trustworthy,
        "moments": found.moments,
        "detectable": found.visible,
        "effects": [asdict(effect) for effect in effects],
        **beside.kept(),
        "advice": advice.verdict,
        "sentence": " ".join(
            (
                wording.reading(
                    effects,
                    plan=plan,
                    look=look,
                    n=found.measured,
                    confidence=confidence,
                    detectable=found.visible,
                ),
                wording.advised(advice),
                *beside.sentences,
            )
        ),
    }


def _read_arms(experiment: Experiment, *, as_of: datetime, bound: float) -> Found:
    """Compare the learners of one arm with those of the other."""
    plan, arms_seen = experiment.plan, seen(experiment, as_of=as_of)
    samples = samples_of(plan, plan.metrics, as_of=as_of)
    return Found(
        seen=arms_seen,
        measured=arms_seen.n,
        moments={
            metric: {arm: kept(sample) for arm, sample in arms.items()}
            for metric, arms in samples.items()
        },
        effects=readable_effects(plan, samples, alpha=1 - sequential.confidence(bound)),
        visible=visible(plan, samples, bound=bound),
    )


def _read_together(experiment: Experiment, *, as_of: datetime, bound: float) -> Found:
    """Compare what each learner got from two rankers in one list; one vote a learner.

    Who begins the draft is a coin: where the coins fell unequally, nothing is read.
    """
    plan, everybody = experiment.plan, seen(experiment, as_of=as_of)
    counted = count_votes(experiment, as_of=as_of)
    coins = list(served.reader().first_picks(experiment.id, as_of))
    return Found(
        seen=replace(everybody, split=check_split(coins, plan.shares)),
        measured=dict.fromkeys(plan.variants, counted[plan.primary_metric].cast),
        moments={metric: asdict(cast) for metric, cast in counted.items()},
        effects=effects_of(plan, counted, alpha=1 - sequential.confidence(bound)),
        visible=leads_visible(plan, counted, bound=bound),
    )


def _advice(
    plan: Plan,
    effects: Sequence[Effect],
    beside: Beside,
    *,
    sound: bool,
    look: int,
    n: Mapping[str, int],
) -> Advice:
    """Return what the order of verdicts says; an exploratory plan is for people, never shipped."""
    full = min(n.get(arm, 0) for arm in plan.variants) >= plan.planned_per_arm
    powered = full or look == len(plan.look_days)
    readings = [_reading(plan, effect) for effect in effects]
    advice = advise(
        readings,
        expected=plan.metrics,
        sound=sound,
        powered=powered,
        broken=beside.broken,
        doubts=beside.doubts,
    )
    if plan.exploratory and advice.verdict == SHIP:
        return replace(advice, verdict=REVIEW)
    return advice


def _reading(plan: Plan, effect: Effect) -> Reading:
    low, high = effect.gain
    return Reading(
        effect.metric,
        effect.track,
        success=effect.metric == plan.primary_metric,
        guarded=effect.metric in plan.guardrails,
        low=low,
        high=high,
        margin=effect.margin * effect.control_mean,
    )
