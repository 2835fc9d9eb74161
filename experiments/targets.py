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


@lru_cache(maxsize=_KEPT)
def _read(text: str) -> Mapping[str, object] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
