"""Did the draw work, so that the arms may be compared? Asked before any result (measurement).

Each check is one sentence with its figure. Whether effects are shown at all is decided by the split
and the losses alone (`samples.seen`); the others tell of a fault before it becomes one of these.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from experiments.assignment import HOLDOUT_SHARE, in_holdout
from experiments.data import ExperimentRefusedError
from experiments.models import Assignment, Exclusion, Experiment
from experiments.pauses import time_paused
from experiments.samples import Seen, kept_seen, seen
from experiments.stats.means import Sample, difference
from experiments.stats.wording import K, people, shown
from experiments.units import LEARNER, NO_GROUP, movers
from signals import api as signals

ARMS = 2
DAY = timedelta(days=1)
PAUSED_MOST = 0.05  # of its time: a longer pause tells in what is read
LOOKED_AT = 1000  # assignments whose holdout is checked again
BEFORE_ALPHA = 0.001  # chance alone alarms one experiment in a thousand


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One question about the draw, its answer in a few characters, and whether that is well."""

    title: str
    value: str
    ok: bool
    says: str = ""  # what to do where it is not


def health(key: str, *, now: datetime) -> tuple[HealthCheck, ...]:
    """Return the checks of an experiment that has started; none before.

    Raises:
        ExperimentRefusedError: where there is no such experiment.
    """
    experiment = Experiment.objects.filter(key=key).first()
    if experiment is None:
        raise ExperimentRefusedError(f"There is no experiment {key}.")
    if experiment.started_at is None:
        return ()
    as_of = min(now, experiment.stopped_at or now)
    arms = seen(experiment, as_of=as_of)
    drawn = (
        _drafted(experiment, arms) if experiment.plan.interleaved else (_split(arms), _losses(arms))
    )
    checks = (
        *drawn,
        _one_arm(experiment),
        _paused(experiment, as_of=as_of),
        *_left_out(key),
        *_groups(experiment),
        _before(experiment),
        _holdout(experiment),
    )
    return tuple(check for check in checks if check is not None)


def _drafted(experiment: Experiment, arms: Seen) -> tuple[HealthCheck, ...]:
    """Where two rankers fill each list: who has such lists, and how the coins fell at the look."""
    learners = people(min(arms.n.values()))
    lists = HealthCheck("Learners whose list both rankers fill", learners, ok=True)
    last = experiment.snapshots.order_by("-look").first()
    if last is None:
        return (lists,)
    coins = kept_seen(last.results).split
    return (
        lists,
        HealthCheck(
            "First picks, alike for both",
            f"p = {coins.p_value:.2f}",
            ok=not coins.broken,
            says="Find out which lists were not drafted; until then no preference is shown.",
        ),
    )


def _split(arms: Seen) -> HealthCheck:
    if min(arms.n.values()) < K:  # its share would tell how many exactly
        return HealthCheck(
            "Split",
            "fewer than 10 learners in an arm",
            ok=not arms.split.broken,
            says="Find out who is missing; until then no effect is shown.",
        )
    counts = [shown(count) for count in arms.n.values()]  # as on the page beside it
    shares = " / ".join(f"{100 * count / sum(counts):.1f}" for count in counts)
    return HealthCheck(
        f"Split {shares}",
        f"p = {arms.split.p_value:.2f}",
        ok=not arms.split.broken,
        says="Find out who is missing; until then no effect is shown.",
    )


def _losses(arms: Seen) -> HealthCheck:
    return HealthCheck(
        "Drawn and never shown, alike in both arms",
        f"p = {arms.loss.p_value:.2f}",
        ok=not arms.loss.broken,
        says="One arm lost more of its learners; find out why they never saw it.",
    )


def _one_arm(experiment: Experiment) -> HealthCheck:
    """Compare the arm that is kept with the one that was seen first, of some who are in."""
    kept = dict(
        Assignment.objects.filter(experiment=experiment)
        .order_by("learner_id")  # which are random, so these are too
        .values_list("learner_id", "variant")[:LOOKED_AT]
    )
    first = signals.exposed_arms(experiment.key, list(kept))
    both = sum(kept[learner] != arm for learner, arm in first.items())
    return HealthCheck(
        "Seen in both arms",
        _said(both),
        ok=not both,
        says="They count with the arm they saw first. Find out who changed what was drawn.",
    )


def _paused(experiment: Experiment, *, as_of: datetime) -> HealthCheck | None:
    """Say for how long the variant's learners saw the control; nothing where there was no pause."""
    paused = time_paused(experiment, as_of=as_of)
    if not paused or experiment.started_at is None:
        return None
    whole = as_of - experiment.started_at
    return HealthCheck(
        "Paused: who had the variant saw both",
        f"{paused / DAY:.1f} of {whole / DAY:.1f} days",
        ok=paused <= PAUSED_MOST * whole,
        says="Gains and losses come out smaller. Where that may decide, register it anew.",
    )


def _left_out(key: str) -> tuple[HealthCheck, HealthCheck]:
    """Count who a person left out, with a note, apart from whom the product knows to be nobody."""
    rows = Exclusion.objects.filter(experiment_key__in=["", key])
    by_itself = rows.filter(note="").exclude(reason=NO_GROUP).count()
    by_hand = rows.exclude(note="").count()
    return (
        HealthCheck("Staff, robots and test accounts kept out", _said(by_itself), ok=True),
        HealthCheck("Left out by hand before the draw", _said(by_hand), ok=True),
    )


def _said(count: int) -> str:
    return people(count) if count else "none"


def _groups(experiment: Experiment) -> tuple[HealthCheck, ...]:
    """Where classes or cohorts are drawn: who is in none, and who left the one that was drawn."""
    unit = experiment.unit
    if unit == LEARNER:
        return ()
    without = Exclusion.objects.filter(experiment_key=experiment.key, reason=NO_GROUP).count()
    moved = movers(experiment.key)
    told = " / ".join(people(moved.get(arm, 0)) for arm in experiment.variants)
    return (
        HealthCheck(
            f"In no {unit}, so not drawn until they are",
            _said(without),
            ok=True,
        ),
        HealthCheck(f"Left the {unit} they were drawn with", told if moved else "none", ok=True),
    )


def _before(experiment: Experiment) -> HealthCheck | None:
    """Compare what learners did before they were in: an arm cannot have changed that.

    From the sums the last look kept: a page must not wait for every learner's history.
    """
    last = experiment.snapshots.order_by("-look").first()
    if last is None:
        return None
    kept = last.results["moments"].get(experiment.primary_metric, {})
    before = [kept[arm]["pre"] for arm in experiment.variants if "pre" in kept.get(arm, {})]
    arms = [Sample(one["n"], one["total"], one["squares"]) for one in before]
    if len(arms) != ARMS or min(arm.n for arm in arms) < K:
        return None
    control, variant = arms
    if control.variance + variant.variance <= 0:
        return None
    p_value = float(difference(control, variant, alpha=BEFORE_ALPHA).p_value)
    alike = p_value >= BEFORE_ALPHA
    return HealthCheck(
        "Difference before the start",
        "none" if alike else f"p = {p_value:.1g}",
        ok=alike,
        says="The arms differed before anybody saw one; the draw or the time before is at fault.",
    )


def _holdout(experiment: Experiment) -> HealthCheck:
    """Draw the comparison group again for some who are in: nobody of it may be."""
    drawn = Assignment.objects.filter(experiment=experiment).values_list("learner_id", flat=True)[
        :LOOKED_AT
    ]
    inside = sum(in_holdout(learner) for learner in drawn)
    return HealthCheck(
        f"Holdout of {HOLDOUT_SHARE:.0%} untouched",
        "yes" if not inside else f"{shown(inside):,} are in",
        ok=not inside,
        says="Learners of the permanent comparison group were drawn; ask who changed its salt.",
    )
