"""Does the history depend on the order, the batches or the number of deliveries? It must not."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signals import api, catalogue
from signals.data import NewEvent
from signals.models import Event, LearnerCourse, LearnerModule
from tests.factories import moment, new_course, new_learner

pytestmark = pytest.mark.django_db

NOW = moment()
KINDS: dict[str, float | None] = {
    "course.viewed": None,
    "course.enrolled": None,
    "course.unenrolled": None,
    "course.completed": None,
    "course.rated": 1.0,
    "lesson.started": None,
    "lesson.progressed": 0.2,
    "lesson.completed": None,
    "quiz.scored": 0.2,
}

happenings = st.lists(
    st.tuples(
        st.sampled_from(sorted(KINDS)),
        st.integers(0, 3),  # hours ago: often the same, so that ties are met
        st.integers(0, 4),  # adds to the value
        st.booleans(),  # which of two learners
        st.booleans(),  # which of two modules
    ),
    min_size=1,
    max_size=10,
)


def _state() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    return (
        sorted(LearnerCourse.objects.values_list(), key=repr),
        sorted(LearnerModule.objects.values_list(), key=repr),
    )


def _deliver(events: Sequence[NewEvent], *, sizes: int) -> int:
    Event.objects.all().delete()
    LearnerCourse.objects.all().delete()
    LearnerModule.objects.all().delete()
    return sum(
        api.record(events[start : start + sizes], now=NOW).accepted
        for start in range(0, len(events), sizes)
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(what=happenings, seed=st.integers(0, 1000), sizes=st.integers(1, 10))
def test_any_order_any_batches_and_any_resends_leave_the_same_history(
    world: tuple[list[int], int, list[int]],
    what: list[tuple[str, int, int, bool, bool]],
    seed: int,
    sizes: int,
) -> None:
    learners, course_id, modules = world
    events = [
        NewEvent(
            kind=kind,
            learner_id=learners[other],
            occurred_at=NOW - timedelta(hours=hours),
            course_id=course_id,
            module_id=modules[second],
            value=None if (base := KINDS[kind]) is None else base * (1 + more),
            id=UUID(int=number),
        )
        for number, (kind, hours, more, other, second) in enumerate(what)
    ]
    assert _deliver(events, sizes=len(events)) == len(events)
    straight = _state()
    rng = np.random.default_rng(seed)
    twice = [*events, *events]
    shuffled = [twice[place] for place in rng.permutation(len(twice))]
    assert _deliver(shuffled, sizes=sizes) == len(events)
    assert _state() == straight


@pytest.fixture
def world() -> tuple[list[int], int, list[int]]:
    """Two learners and a course of two modules."""
    course = new_course("c1", modules=["m1", "m2"])

    modules = [module.module_id for module in catalogue.modules(course.course_id)]
    return [new_learner(), new_learner()], course.course_id, modules
