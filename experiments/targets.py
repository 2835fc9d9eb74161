"""Is an experiment for this learner? By the condition of its plan (measurement).

Asked before the first sight alone: who is in stays in, whatever becomes true of them later. A
condition that cannot be read lets nobody in.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from experiments.data import Plan
from experiments.stats.targeting import meets
from signals.data import Audience, LearnerState

Attributes = Mapping[str, object]
NOTHING_KNOWN: Attributes = MappingProxyType({})
AGE_BAND, COURSES = "age_band", "courses"  # what the product itself knows of a learner
KNOWN_ATTRIBUTES = (AGE_BAND, COURSES)
_KEPT = 256  # conditions that are kept read
_UNREADABLE = (TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


def is_for(plan: Plan, attributes: Attributes) -> bool:
    """Say whether a learner with these attributes may be drawn."""
    if not plan.targeting:
        return True
    condition = _read(plan.targeting)
    if condition is None:
        return False
    try:
        return meets(attributes, condition)
    except _UNREADABLE:  # a list where a number should be; a number beyond all numbers
        return False


def known_attributes(state: LearnerState) -> Attributes:
    """Return what the product itself knows of a learner: no more than a decision reads anyway."""
    return {AGE_BAND: state.age_band, COURSES: len(state.course_ids)}


def kind_attributes(kind: Audience) -> Attributes:
    """Return the same of learners who are alike."""
    return {AGE_BAND: kind.age_band, COURSES: kind.courses}


def is_countable(plan: Plan) -> bool:
    """Say whether the product itself knows all that a plan asks of a learner."""
    condition = _read(plan.targeting) if plan.targeting else {}
    return condition is not None and named_in(condition) <= set(KNOWN_ATTRIBUTES)


def named_in(condition: object) -> set[str]:
    """Return the attributes a condition names, by the first part of their paths."""
    if isinstance(condition, list):
        return {name for one in condition for name in named_in(one)}
    if not isinstance(condition, dict):
        return set()
    found: set[str] = set()
    for key, wanted in condition.items():
        found |= named_in(wanted) if key.startswith("$") else {key.partition(".")[0]}
    return found


@lru_cache(maxsize=_KEPT)
def _read(text: str) -> Mapping[str, object] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
