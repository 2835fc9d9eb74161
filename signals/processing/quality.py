"""How much may be learned from what a learner did? Every rule, on one activity (L2, pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from signals.processing.activity import NOWHERE, Activity, Group, Mask, Surroundings
from signals.processing.rules.registry import RULES
from signals.processing.rules.rule import Effect, Rule

LEAST_SCORE = 0.5  # of a learner; below it nothing they did is learned from


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found on one day from one source."""

    rule: int  # code
    day: int  # since 1970
    source: int
    events: int
    told: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A course of which no event has weight: how many there are, and what kinds of them.

    The history may know more of it, from before events were kept: then the course stands.
    """

    course: int
    events: int  # that the history counted
    groups: Group  # of all of them together


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be learned from one learner.

    weights bool: which events may be learned from. score: share of the actions that no rule
    speaks against, 0..1; weight is 0 where it is below LEAST_SCORE, else 1. doubtful: courses all
    of whose events have no weight, where the learner has.
    """

    weights: Mask
    score: float
    weight: float
    doubtful: tuple[Doubt, ...]
    findings: tuple[Finding, ...]


def judge(
    activity: Activity, surroundings: Surroundings, *, rules: Sequence[Rule] = RULES
) -> Verdict:
    """Return what every rule found, and what follows for learning."""
    weights = np.ones(len(activity), bool)
    against = np.zeros(len(activity), bool)
    findings: list[Finding] = []
    for rule in rules:
        if rule.find is None:
            continue
        found = rule.find(activity, surroundings)
        if not found.any():
            continue
        findings += _by_day(rule, activity, found)
        if rule.effect is Effect.NO_WEIGHT:
            weights &= ~found
        if rule.against_learner:
            against |= found
    score = _score(activity, against)
    if score < LEAST_SCORE:
        nothing = np.zeros(len(activity), bool)
        slips = {rule.code for rule in rules if _of_people(rule)}
        told = tuple(finding for finding in findings if finding.rule not in slips)
        return Verdict(nothing, score, 0.0, (), told)
    return Verdict(weights, score, 1.0, _doubtful(activity, weights), tuple(findings))


def _of_people(rule: Rule) -> bool:
    """Say whether a rule excuses single events of people; of a program it says nothing."""
    return rule.effect is Effect.NO_WEIGHT and not rule.against_learner


def _score(activity: Activity, against: Mask) -> float:
    """Return the share of the actions that nothing speaks against; of all events without any."""
    acts = activity.of(Group.ACTION)
    judged = against[acts] if acts.any() else against
    return 1.0 - float(judged.mean()) if len(judged) else 1.0


def _by_day(rule: Rule, activity: Activity, found: Mask) -> list[Finding]:
    days, sources = activity.days(), activity.sources
    cells = sorted(set(zip(days[found].tolist(), sources[found].tolist(), strict=True)))
    made = []
    for day, source in cells:
        here = found & (days == day) & (sources == source)
        told = rule.tell(activity, here) if rule.tell else ""
        made.append(Finding(rule.code, day, source, int(here.sum()), told))
    return made


def _doubtful(activity: Activity, weights: Mask) -> tuple[Doubt, ...]:
    """Return the courses of which no event has weight."""
    kept = set(activity.courses[weights].tolist())
    courses = sorted(set(activity.courses.tolist()) - kept - {NOWHERE})
    counted = activity.of(Group.HISTORY)
    doubts = []
    for course in courses:
        here = activity.courses == course
        groups = Group(int(np.bitwise_or.reduce(activity.groups[here])))
        doubts.append(Doubt(course, int((here & counted).sum()), groups))
    return tuple(doubts)
