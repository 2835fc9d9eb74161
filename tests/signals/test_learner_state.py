"""Does the decision get a learner's history right, in one statement, within what is allowed?"""

from datetime import timedelta

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from signals import api, catalogue
from signals.data import NOTHING, Actor, ActorKind, Allowed, NewEvent, Purpose, Touch
from signals.models import ConsentChange, Learner
from signals.privacy import registry
from tests.factories import ada, ben, cold, consents, moment, new_course, new_learner

pytestmark = pytest.mark.django_db


def did(learner_id: int, kind: str, course_id: int, hours: float, **fields: object) -> None:
    """Record an event of some hours ago."""
    event = NewEvent(kind, learner_id, moment(hours=hours), course_id=course_id, **fields)  # type: ignore[arg-type]
    assert api.record([event], now=moment()).accepted == 1


def test_one_statement_tells_kind_consent_and_history(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    learner_id = ada().learner_id
    first, second = new_course("c1").course_id, new_course("c2").course_id
    did(learner_id, "course.enrolled", second, 5)
    did(learner_id, "course.viewed", first, 2)
    with django_assert_num_queries(1):
        state = api.learner_state(external_id="ada", now=moment())
    assert state is not None
    assert (state.learner_id, state.kind) == (learner_id, "real")
    assert state.allowed == Allowed(personalization=True, fine_grained=True, inferred=True)
    assert state.course_ids.tolist() == [second, first]
    assert state.touches.tolist() == [Touch.ENROLLED, Touch.VIEWED]
    assert np.allclose(state.last_at, [moment(hours=h).timestamp() for h in (5, 2)], atol=2)
    arrays = (state.course_ids, state.touches, state.last_at)
    assert [str(array.dtype) for array in arrays] == ["int32", "int8", "float64"]
    again = api.learner_state(learner_id, now=moment())
    assert again is not None
    assert again.course_ids.tolist() == state.course_ids.tolist()


def test_somebody_new_has_an_empty_history_and_the_unknown_none() -> None:
    state = api.learner_state(cold().learner_id, now=moment())
    assert state is not None
    assert (len(state.course_ids), len(state.touches), len(state.last_at)) == (0, 0, 0)
    assert state.allowed == Allowed(personalization=True, fine_grained=False, inferred=False)
    assert api.learner_state(external_id="nobody", now=moment()) is None
    assert api.learner_state(12345, now=moment()) is None


def test_the_strongest_touch_counts_and_leaving_after_joining() -> None:
    learner_id = new_learner()
    course = new_course("c1", modules=["m1"])
    module = catalogue.modules(course.course_id)[0].module_id

    def touch() -> int:
        state = api.learner_state(learner_id, now=moment())
        assert state is not None
        return int(state.touches[0])

    steps = (
        ("course.viewed", Touch.VIEWED),
        ("lesson.started", Touch.STARTED),
        ("course.enrolled", Touch.ENROLLED),
        ("course.unenrolled", Touch.LEFT),
        ("course.enrolled", Touch.ENROLLED),
        ("course.completed", Touch.COMPLETED),
        ("course.unenrolled", Touch.COMPLETED),
    )
    for hours, (kind, expected) in zip(range(9, 0, -1), steps, strict=False):
        did(learner_id, kind, course.course_id, hours, module_id=module)
        assert touch() == expected


def test_without_personalization_views_and_ratings_are_absent() -> None:
    learner_id = new_learner("eve")
    viewed, joined = new_course("c1").course_id, new_course("c2").course_id
    did(learner_id, "course.viewed", viewed, 3)
    did(learner_id, "course.enrolled", joined, 5)
    did(learner_id, "course.viewed", joined, 1)
    consents(learner_id, Purpose.PERSONALIZATION, granted=False)
    state = api.learner_state(learner_id, now=moment())
    assert state is not None
    assert state.allowed == NOTHING
    assert state.course_ids.tolist() == [joined]
    assert abs(state.last_at[0] - moment(hours=5).timestamp()) < 2


def test_switches_of_higher_tiers_rest_on_personalization_age_and_gpc() -> None:
    learner_id = ada().learner_id
    everything = Allowed(personalization=True, fine_grained=True, inferred=True)
    assert api.allowed(learner_id) == everything
    consents(learner_id, Purpose.PERSONALIZATION, granted=False)
    assert api.allowed(learner_id) == NOTHING
    consents(learner_id, Purpose.PERSONALIZATION)
    assert api.allowed(learner_id) == everything
    assert api.honour_gpc(learner_id, now=moment()) == Allowed(
        personalization=True, fine_grained=False, inferred=False
    )
    Learner.objects.filter(learner_id=learner_id).update(age_band="under13")
    assert api.allowed(learner_id) == NOTHING


def test_every_switch_leaves_its_proof() -> None:
    learner_id = ben().learner_id
    actor = Actor(ActorKind.LEARNER, str(learner_id))
    api.set_consent(
        learner_id,
        purpose=Purpose.FINE_GRAINED,
        granted=True,
        via="page",
        actor=actor,
        now=moment(),
    )
    change = ConsentChange.objects.latest("at", "pk")
    assert (change.purpose, change.granted, change.legal_basis) == ("fine_grained", True, "consent")
    assert api.ledger_rows(limit=1)[0].action == "consent.fine_grained"
    assert api.verify_ledger() == 2


def test_an_objection_is_a_request_that_was_met_at_once_and_written_down_once() -> None:
    learner_id = new_learner()
    for purpose, granted in (
        (Purpose.FINE_GRAINED, False),
        (Purpose.PERSONALIZATION, False),
        (Purpose.PERSONALIZATION, False),
        (Purpose.PERSONALIZATION, True),
    ):
        consents(learner_id, purpose, granted=granted)
    (request,) = api.requests_made()
    assert (request.kind, request.done_at) == ("object", request.asked_at)


def test_other_apps_hear_of_a_switch_in_the_same_transaction() -> None:
    heard: list[tuple[int, Allowed]] = []
    api.on_consent(
        "a test", lambda learner_id, now_allowed, _at: heard.append((learner_id, now_allowed))
    )
    try:
        learner_id = ben().learner_id
    finally:
        registry._consent.pop("a test")
    assert heard == [(learner_id, NOTHING)]


def test_training_rows_hold_choices_of_real_learners_who_did_not_object() -> None:
    course = new_course("c1").course_id
    other = new_course("c2").course_id
    eve, tester = new_learner("eve"), new_learner("tester", kind="test")
    objector = ben().learner_id
    for learner_id in (eve, tester, objector):
        did(learner_id, "course.enrolled", course, 5)
    did(eve, "course.viewed", other, 9)
    rows = api.training_rows()
    assert rows.learner_ids.tolist() == [eve, eve]
    assert rows.course_ids.tolist() == [other, course]
    assert rows.weights.tolist() == [pytest.approx(0.2), 1.0]
    assert np.allclose(rows.times * 86400, [moment(hours=h).timestamp() for h in (9, 5)], atol=2)
    assert api.training_rows(until=moment() - timedelta(hours=7)).course_ids.tolist() == [other]


def test_a_mandatory_course_is_nobodys_choice() -> None:
    eve = new_learner("eve")
    assigned, own = new_course("c1").course_id, new_course("c2").course_id
    did(eve, "course.enrolled", assigned, 5, context={"mandatory": True})
    did(eve, "course.completed", assigned, 4)
    did(eve, "course.enrolled", own, 3)
    assert api.training_rows().course_ids.tolist() == [own]


def test_a_course_left_again_is_no_choice_and_a_bad_rating_weighs_little() -> None:
    eve = new_learner("eve")
    left, disliked = new_course("c1").course_id, new_course("c2").course_id
    did(eve, "course.enrolled", left, 5)
    did(eve, "course.unenrolled", left, 4)
    did(eve, "course.enrolled", disliked, 3)
    did(eve, "course.rated", disliked, 2, value=1)
    rows = api.training_rows()
    assert (rows.course_ids.tolist(), rows.weights.tolist()) == ([disliked], [0.25])


def test_no_rows_are_no_rows() -> None:
    assert len(api.training_rows().times) == 0


def test_progress_is_told_by_module(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    eve = new_learner("eve")
    course = new_course("c1", modules=["m1", "m2"])
    one, two = (module.module_id for module in catalogue.modules(course.course_id))
    did(eve, "lesson.progressed", course.course_id, 2, module_id=two, value=0.5)
    did(eve, "lesson.completed", course.course_id, 1, module_id=one)
    with django_assert_num_queries(1):
        first, second = api.module_states(eve)
    assert (first.module_id, first.progress) == (one, 1)
    assert (second.module_id, second.progress, second.completed_at) == (two, 0.5, None)
    assert api.module_states(eve, course_ids=[course.course_id + 1]) == []
