"""What is true about a learner's courses, as a reminder could say it? (L5)"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict
from datetime import UTC, datetime

from django.core.cache import cache

from personalize.agents.nudges import Begun, Kind, Nudge, Step, propose
from personalize.decision import feedback
from personalize.experience import kept_paths
from signals import aggregates, catalogue
from signals import api as signals
from signals.data import LearnerState, Touch

REACH_S = 24 * 3600  # where learners stop in a course changes slowly
COURSES_MOST = 5  # those open last; who has more half done is not reminded of the rest
_READ = "nudges.reach"
_BEGUN = frozenset({Touch.ENROLLED, Touch.STARTED})


def proposal(
    state: LearnerState, *, said: AbstractSet[str] = frozenset(), now: datetime
) -> Nudge | None:
    """Return the reminder worth giving to a learner, or None. Raises django.db.Error."""
    silenced = {given.course_id for given in feedback.silenced(state.learner_id, now=now)}
    touched = list(
        zip(state.course_ids.tolist(), state.touches.tolist(), state.last_at.tolist(), strict=True)
    )
    offered = catalogue.courses()
    half_done = [
        (course_id, datetime.fromtimestamp(at, tz=UTC))
        for course_id, touch, at in touched
        if touch in _BEGUN and course_id in offered and course_id not in silenced
    ][-COURSES_MOST:]
    begun = _begun(state.learner_id, half_done)
    step = None if half_done else _step(state, touched, silenced)
    return propose(begun, step, now=now, said=said)


def stored(nudge: Nudge) -> dict[str, object]:
    """Return a reminder as JSON keeps it."""
    return asdict(nudge) | {"kind": str(nudge.kind)}


def of_stored(facts: Mapping[str, object]) -> Nudge | None:
    """Return a kept reminder; None where its facts went with a consent."""
    if not facts:
        return None
    return Nudge(**{**facts, "kind": Kind(str(facts["kind"]))})  # type: ignore[arg-type]  # JSON


def _begun(learner_id: int, half_done: list[tuple[int, datetime]]) -> list[Begun]:
    """Return courses with how far the learner is in them. One statement beside cached ones."""
    states = signals.module_states(learner_id, course_ids=[course for course, _at in half_done])
    found = []
    for course_id, last_at in half_done:
        own = {state.module_id: state for state in states if state.course_id == course_id}
        found.append(
            Begun(
                course=catalogue.courses([course_id])[course_id],
                modules=catalogue.modules(course_id),
                states=own,
                last_at=max([last_at, *(state.last_at for state in own.values())]),
                reach=_reach(course_id),
            )
        )
    return found


def read_reach() -> int:
    """Look where learners stop in every course, for a day; how many courses that is known of."""
    if cache.get(_READ):
        return 0
    found = aggregates.module_reach()
    cache.set_many({f"{_READ}:{c}": [*reached.items()] for c, reached in found.items()}, REACH_S)
    cache.set(_READ, 1, REACH_S)
    return len(found)


def _reach(course_id: int) -> dict[int, int]:
    """Return how many learners finished each module of a course; nothing until it was read."""
    held = cache.get(f"{_READ}:{course_id}") or ()
    return {int(module): int(n) for module, n in held}


def _step(
    state: LearnerState, touched: list[tuple[int, int, float]], silenced: set[int]
) -> Step | None:
    """Return the next course of the path of somebody with nothing half done."""
    finished = frozenset(course for course, touch, _at in touched if touch == Touch.COMPLETED)
    found = kept_paths.step_of(state.learner_id, finished)
    if found is None or not touched or found[2] in silenced:
        return None
    number, of, course_id = found
    course = catalogue.courses().get(course_id)
    if course is None:
        return None
    last = max(at for _course, _touch, at in touched)
    return Step(course, number, of, datetime.fromtimestamp(last, tz=UTC))
