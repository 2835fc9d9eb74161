"""What does a reading say to somebody who has five seconds? Sentences with base and interval."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import isclose

from experiments.data import Effect, Plan
from experiments.metrics import METRICS
from experiments.stats.srm import Loss, Split
from experiments.stats.verdict import EXTEND, INVALID, REVIEW, ROLL_BACK, SHIP, Advice

K = 10  # fewer learners than this are never shown
ROUNDED_TO = 5  # so that two pages cannot be subtracted to one person


def shown(learners: int) -> int:
    """Return a number of learners as it may be shown: rounded to 5, and 0 for fewer than 10."""
    return 0 if learners < K else ROUNDED_TO * round(learners / ROUNDED_TO)


def told(value: float) -> float:
    """Return a measured number as it may leave: three significant digits.

    A mean with all its digits and the number of learners give their sum, and with it what one
    learner did.
    """
    return float(f"{value:.3g}")


def people(learners: int) -> str:
    """Return a number of learners in words that are true of it."""
    return f"{shown(learners):,}" if learners >= K else "fewer than 10"


def amount(value: float, *, metric: str) -> str:
    """Return a level: 8.1% for a share, 1.24 modules for anything else."""
    unit = METRICS[metric].unit
    return f"{value:.1%}" if unit == "share" else f"{value:.2f} {unit}"


def step(value: float, *, metric: str) -> str:
    """Return a difference with its sign: +1.1 points, -0.20 modules."""
    unit = METRICS[metric].unit
    return f"{value * 100:+.1f} points" if unit == "share" else f"{value:+.2f} {unit}"


def interval(effect: Effect) -> str:
    """Return both ends of an effect's interval, the unit said once: +1.2 to +6.6 points."""
    low, _, _ = step(effect.low, metric=effect.metric).partition(" ")
    return f"{low} to {step(effect.high, metric=effect.metric)}"


def day(when: date) -> str:
    """Return 4 November 2026."""
    return f"{when.day} {when:%B %Y}"


def describe(effect: Effect, *, plan: Plan, confidence: float) -> str:
    """Return one effect: both levels, how many learners, the difference and its interval."""
    metric = effect.metric
    control, variant = plan.variants[0], plan.variants[1]
    base = amount(effect.control_mean, metric=metric)
    return (
        f"{METRICS[metric].title.capitalize()}: {amount(effect.variant_mean, metric=metric)} with "
        f"“{variant}” ({people(effect.n_variant)} learners) against "
        f"{base} with “{control}” ({people(effect.n_control)}), "
        f"a difference of {step(effect.difference, metric=metric)}{_off(effect)} "
        f"({confidence:.1%} interval {interval(effect)}): {effect.reading}."
    )


def _off(effect: Effect) -> str:
    """Say so where the difference is not that of the two levels beside it."""
    plain = isclose(effect.difference, effect.variant_mean - effect.control_mean, abs_tol=1e-9)
    return "" if plain else " once what they did before is taken off"


def reading(
    effects: Sequence[Effect],
    *,
    plan: Plan,
    look: int,
    n: Mapping[str, int],
    confidence: float,
    detectable: Mapping[str, float],
) -> str:
    """Return what a look says: the conclusion first, then its numbers."""
    said = [_conclusion(effects, plan=plan, look=look)]
    said += [describe(effect, plan=plan, confidence=confidence) for effect in effects]
    said += [
        f"{METRICS[effect.metric].title.capitalize()} would have to differ by "
        f"{step(detectable[effect.metric], metric=effect.metric).lstrip('+')} to be seen reliably."
        for effect in effects
        if effect.reading == "not clear" and effect.metric in detectable
    ]
    read = {effect.metric for effect in effects}
    said += [
        f"{METRICS[metric].title.capitalize()}: nothing to read at this look."
        for metric in plan.metrics
        if metric not in read
    ]
    fewest = min(n.get(arm, 0) for arm in plan.variants)
    if fewest < plan.planned_per_arm:
        has = "There are votes of" if plan.interleaved else "The smaller arm has"
        said.append(f"{has} {people(fewest)} of the {plan.planned_per_arm:,} learners planned.")
    return " ".join(said)


def _conclusion(effects: Sequence[Effect], *, plan: Plan, look: int) -> str:
    if not effects:
        return f"Too few learners to read anything at look {look} of {len(plan.look_days)}."
    control, variant = plan.variants[0], plan.variants[1]
    worse = [
        METRICS[effect.metric].title
        for effect in effects
        if effect.track == "progression" and effect.reading == "worse"
    ]
    if worse:
        return f"Do not ship {variant}: {' and '.join(worse)} went down, and progression decides."
    for effect in effects:
        if effect.metric == plan.primary_metric and effect.reading != "not clear":
            title = METRICS[effect.metric].title
            return f"{variant.capitalize()} is {effect.reading} than {control} on {title}."
    so_far = "" if look == len(plan.look_days) else " yet"
    return f"No difference between {variant} and {control} is shown{so_far}."


_ADVICE = {
    INVALID: "nothing may be read",
    ROLL_BACK: "roll back",
    SHIP: "ship",
    EXTEND: "go on to the next look",
    REVIEW: "people decide",
}


def advised(advice: Advice) -> str:
    """Return what follows from a look by the order of verdicts, and what stands in the way."""
    said = f"By the order of verdicts: {_ADVICE[advice.verdict]}"
    if advice.verdict in {EXTEND, REVIEW} and advice.because:
        doubtful = " and ".join(METRICS[metric].title for metric in advice.because)
        said += f", because {doubtful} may have lost more than the margin"
    if advice.verdict == REVIEW and advice.second_approver:
        said += "; to ship all the same asks for a second approver"
    return f"{said}."


def waiting(
    *, plan: Plan, n: Mapping[str, int], look: int, when: date, detectable: Mapping[str, float]
) -> str:
    """Return what may be said before a look: who is in it, when it comes, what it can see."""
    inside = _inside(plan, n)
    planned = f"{plan.planned_per_arm:,} planned with each"
    if plan.interleaved:
        inside = f"{people(n.get(plan.variants[0], 0))} with lists of both"
        planned = f"{plan.planned_per_arm:,} with a vote are planned"
    comes = f"Look {look} of {len(plan.look_days)} is on {day(when)}"
    visible = " or ".join(
        f"{step(size, metric=metric).lstrip('+')} in {METRICS[metric].title}"
        for metric, size in detectable.items()
    )
    sees = f"; with the learners of today it can see a difference of {visible}" if visible else ""
    return f"Learners so far: {inside} ({planned}). {comes}{sees}."


def _inside(plan: Plan, n: Mapping[str, int]) -> str:
    """Return how many are in each arm; arms are quoted, for one may be called “with”."""
    return " and ".join(f"{people(n.get(arm, 0))} with “{arm}”" for arm in plan.variants)


def exploratory(plan: Plan) -> str:
    """Return what an exploratory experiment is for."""
    return (
        f"It is exploratory: too small to see an effect of {plan.mde:.0%} reliably, "
        "so it may teach and never ships by itself."
    )


def broken_split(split: Split, *, plan: Plan, n: Mapping[str, int]) -> str:
    """Return why no effect is shown where the arms did not get their shares."""
    if plan.interleaved:
        return (
            "The coins of the draft are broken: one ranker had the first pick more often than the "
            f"other (chance alone would do that with a probability of {split.p_value:.1g}). No "
            "preference is shown; find out which lists were not drafted."
        )
    seen = _inside(plan, n)
    promised = " and ".join(f"{share:.0%}" for share in plan.shares)
    return (
        f"The split is broken: {seen} where {promised} were planned (chance alone would do that "
        f"with a probability of {split.p_value:.1g}). No effect is shown; find out who is missing."
    )


def unequal_loss(loss: Loss, *, plan: Plan, n: Mapping[str, int]) -> str:
    """Return why no effect is shown where one arm lost more of its learners than another."""
    seen = _inside(plan, n)
    return (
        f"One arm lost more of its learners than the other: {seen} were seen of those who were "
        f"drawn (chance alone would do that with a probability of {loss.p_value:.1g}). No effect "
        "is shown; find out why they never saw it."
    )
