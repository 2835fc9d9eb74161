"""Which lesson comes next in each course? (L4) For surfaces that recommend lessons."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from personalize.decision.chosen import Chosen
from signals import api as signals
from signals import catalogue
from signals.data import LearnerState, Touch

NO_MODULE = 0


def place(
    chosen: Chosen, *, learner_id: int | None, told: Mapping[int, int] | None = None
) -> Chosen:
    """Return the list with the first unfinished lesson of each course; finished ones drop out.

    One statement for what the learner finished, none where `told` says the next lesson of each
    course. Raises django.db.Error.
    """
    course_ids = chosen.course_ids.tolist()
    following = _following(course_ids, learner_id) if told is None else told
    module_ids = np.array([following.get(one, NO_MODULE) for one in course_ids], dtype=np.int32)
    kept = np.flatnonzero(module_ids != NO_MODULE)
    return replace(_only(chosen, kept), module_ids=module_ids[kept], following=following)


def _following(course_ids: list[int], learner_id: int | None) -> dict[int, int]:
    """Return the first unfinished lesson of each course, NO_MODULE where there is none."""
    finished: frozenset[int] = frozenset()
    if learner_id is not None and course_ids:
        finished = frozenset(
            state.module_id
            for state in signals.module_states(learner_id, course_ids=course_ids)
            if state.completed_at is not None
        )
    return {
        course_id: next(
            (
                module.module_id
                for module in catalogue.modules(course_id)
                if module.module_id not in finished
            ),
            NO_MODULE,
        )
        for course_id in course_ids
    }


def place_begun(chosen: Chosen, state: LearnerState) -> Chosen:
    """Return the list with the next lesson of each course that was begun; new courses stay courses.

    A begun course without a lesson left drops out. One statement, none where nothing was begun.
    """
    inside = (state.touches == Touch.ENROLLED) | (state.touches == Touch.STARTED)
    begun = np.isin(chosen.course_ids, state.course_ids[inside])
    if not begun.any():
        return chosen
    course_ids = chosen.course_ids[begun].tolist()
    return place_told(chosen, _following(course_ids, state.learner_id))


def place_told(chosen: Chosen, told: Mapping[int, int]) -> Chosen:
    """Return the list with the lessons told, by course; one told to have none left drops out."""
    begun = np.isin(chosen.course_ids, list(told))
    if not begun.any():
        return chosen
    at = np.flatnonzero(begun)
    following = place(_only(chosen, at), learner_id=None, told=told)
    module_ids = np.full(len(begun), NO_MODULE, dtype=np.int32)
    rows = at[np.isin(chosen.course_ids[at], following.course_ids)]
    if following.module_ids is not None:
        module_ids[rows] = following.module_ids
    kept = np.flatnonzero(~begun | (module_ids != NO_MODULE))
    return replace(_only(chosen, kept), module_ids=module_ids[kept], following=following.following)


def _only(chosen: Chosen, kept: np.ndarray) -> Chosen:
    return replace(
        chosen,
        course_ids=chosen.course_ids[kept],
        slots=tuple(chosen.slots[at] for at in kept.tolist()),
        parts=chosen.parts.take(kept),
    )
