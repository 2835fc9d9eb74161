"""Does POST /signals/v1/batch take what the contract says, and refuse the rest with a reason?"""

import gzip
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.db.utils import OperationalError
from pytest_django import DjangoAssertNumQueries

from signals import api
from signals.capture import quarantine
from signals.capture.rows import copy_body
from signals.data import SYSTEM, Purpose
from signals.models import Event, ForumPost, LearnerCourse, LearnerModule, Quarantine, SearchQuery
from tests.factories import ada, consents, moment, new_course, new_learner, some_uuid, wire_event
from tests.signals.door import Door, problem

pytestmark = pytest.mark.django_db

REQUEST = {"request_id": str(some_uuid())}
IN_COURSE: dict[str, Any] = {"course": "c1"}
IN_MODULE: dict[str, Any] = {"course": "c1", "module": "m1"}
ALL_KINDS: dict[str, dict[str, object]] = {
    "course.viewed": {**IN_COURSE, "context": {"referrer": "search"}},
    "course.enrolled": {**IN_COURSE, "context": {"mandatory": True}},
    "course.unenrolled": IN_COURSE,
    "course.completed": IN_COURSE,
    "course.rated": {**IN_COURSE, "value": 4},
    "lesson.started": IN_MODULE,
    "lesson.completed": IN_MODULE,
    "lesson.progressed": {**IN_MODULE, "value": 0.5},
    "quiz.scored": {**IN_MODULE, "value": 0.75, "context": {"attempt": 2}},
    "video.played": {**IN_MODULE, "context": {"speed": 1.5}},
    "video.paused": {**IN_MODULE, "value": 33, "context": {"speed": 1}},
    "video.seeked": {**IN_MODULE, "context": {"from_s": 10, "to_s": 4}},
    "search.performed": {"value": 3, "context": {"query": "sourdough"}},
    "forum.posted": {**IN_COURSE, "context": {"text": "Why fold?", "reply_to": "p1"}},
    "rec.shown": {"context": REQUEST},
    "rec.clicked": {**IN_COURSE, "context": REQUEST},
    "rec.dismissed": {**IN_COURSE, "context": REQUEST},
    "rec.snoozed": {**IN_COURSE, "context": REQUEST},
    "order.paid": {"value": 49.5, "context": {"currency": "EUR", "plan": "year"}},
    "subscription.started": {"value": 9, "context": {"plan": "month"}},
    "subscription.ended": {"value": 0},
    "live.joined": {"value": 45, "context": {"event_id": "e1"}},
}


@pytest.fixture
def door() -> Door:
    """A platform, with a course of two modules."""
    new_course("c1", modules=["m1", "m2"])
    return Door()


def test_the_contract_names_every_kind_and_no_other() -> None:
    # platform.used is what a statement of xAPI becomes that no kind of the contract names.
    assert set(api.kind_codes()) == {*ALL_KINDS, "platform.used"}


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_kind_of_the_contract_is_accepted(door: Door, kind: str) -> None:
    learner_id = ada().learner_id
    assert door.send(wire_event(kind, **ALL_KINDS[kind]))["accepted"] == 1
    event = Event.objects.get()
    assert (event.learner_id, event.kind) == (learner_id, api.kind_codes()[kind])


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("course.liked", IN_COURSE, "unknown_kind"),
        ("platform.used", {}, "unknown_kind"),
        ("course.viewed", {}, "course_required"),
        ("lesson.started", IN_COURSE, "module_required"),
        ("course.rated", IN_COURSE, "value_required"),
        ("course.rated", {**IN_COURSE, "value": 0}, "value_out_of_range"),
        ("course.rated", {**IN_COURSE, "value": 5.5}, "value_out_of_range"),
        ("lesson.progressed", {**IN_MODULE, "value": 1.01}, "value_out_of_range"),
        ("search.performed", {"value": 1}, "invalid_context"),
        ("video.seeked", {**IN_COURSE, "context": {"from_s": -1, "to_s": 2}}, "invalid_context"),
        ("rec.shown", {"context": {"request_id": "7"}}, "invalid_context"),
        ("rec.shown", {"context": []}, "invalid_context"),
        ("course.viewed", {**IN_COURSE, "context": {"referrer": "tv"}}, "invalid_context"),
        ("course.viewed", {"course": "c9"}, "unknown_course"),
        ("lesson.started", {"course": "c1", "module": "m9"}, "unknown_module"),
        ("course.viewed", {**IN_COURSE, "id": "7"}, "invalid_field"),
        ("course.viewed", {**IN_COURSE, "learner": ""}, "invalid_field"),
        ("course.viewed", {**IN_COURSE, "learner": 7}, "invalid_field"),
        ("course.viewed", {"course": 7}, "invalid_field"),
        ("course.viewed", {**IN_COURSE, "occurred_at": "infinity"}, "invalid_field"),
        ("course.viewed", {**IN_COURSE, "occurred_at": "now"}, "invalid_field"),
        ("course.viewed", {**IN_COURSE, "occurred_at": "2026-01-01T10:00:00"}, "invalid_field"),
        ("course.viewed", {**IN_COURSE, "occurred_at": "0001-01-01T00:00:00+14:00"}, "too_old"),
        ("course.viewed", {**IN_COURSE, "occurred_at": "9999-12-31T23:59:59Z"}, "future"),
    ],
)
def test_what_does_not_fit_is_quarantined_with_its_reason(
    door: Door, kind: str, fields: dict[str, object], code: str
) -> None:
    bad = wire_event(kind, **fields)
    counts = door.send(wire_event(**IN_COURSE), bad, wire_event(**IN_COURSE))
    assert (counts["accepted"], counts["quarantined"]) == (2, 1)
    (error,) = counts["errors"]
    assert (error["index"], error["code"]) == (1, code)
    assert error["detail"]
    kept = Quarantine.objects.get()
    assert (kept.code, kept.whole_body) == (code, False)
    assert msgspec.json.decode(quarantine.opened(kept))["kind"] == kind


@pytest.mark.parametrize(
    ("poison", "code"),
    [
        (b'"ses\\u0000sion"', "invalid_text"),
        (b'"\\ud800"', "invalid_text"),
        (b'"\\udc00\\ud800 tail"', "invalid_text"),
    ],
)
def test_poisoned_text_is_refused_and_neighbours_survive(
    door: Door, poison: bytes, code: str
) -> None:
    good = msgspec.json.encode(wire_event(**IN_COURSE))
    bad = msgspec.json.encode(wire_event(**IN_COURSE, session="@")).replace(b'"@"', poison)
    answer = door.post(b'{"batch":[' + good + b"," + bad + b"]}")
    counts = msgspec.json.decode(answer.content)
    assert (answer.status_code, counts["accepted"], counts["quarantined"]) == (200, 1, 1)
    assert counts["errors"][0]["code"] == code


def test_whole_surrogate_pairs_and_escaped_backslashes_are_text(door: Door) -> None:
    event = msgspec.json.encode(wire_event(**IN_COURSE, session="@"))
    whole = event.replace(b'"@"', b'"\\ud83d\\ude00 \\\\ud800 \\\\u0000"')
    counts = msgspec.json.decode(door.post(b'{"batch":[' + whole + b"]}").content)
    assert counts["accepted"] == 1


@pytest.mark.parametrize("number", [b"1e400", b"-1e999"])
def test_a_number_no_machine_holds_fails_its_event_alone(door: Door, number: bytes) -> None:
    good = msgspec.json.encode(wire_event(**IN_COURSE))
    bad = msgspec.json.encode(wire_event("course.rated", **IN_COURSE, value=77))
    body = b'{"batch":[' + good + b"," + bad.replace(b"77", number) + b"]}"
    counts = msgspec.json.decode(door.post(body).content)
    assert (counts["accepted"], counts["quarantined"]) == (1, 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b" ", "$"),
        (b"\x00", "$"),
        (b"[]", "$"),
        (b"{}", "$"),
        (b'{"batch": 7}', "$.batch"),
        (b'{"batch": [], "sent_at": "yesterday"}', "$.sent_at"),
        (b'{"batch": [], "sent_at": "2026-01-01T00:00:00"}', "$.sent_at"),
        (b'{"batch": [NaN]}', "$"),
        (b'{"batch": [{"value": Infinity}]}', "$"),
        (b'{"batch": [], "sent_at": "\xff"}', "$.sent_at"),
        (b'{"batch": [' + b"[" * 5000 + b"]" * 5000 + b"]}", "$"),
    ],
)
def test_a_body_that_is_no_batch_gets_400_and_is_kept(door: Door, body: bytes, field: str) -> None:
    answer = door.post(body)
    assert answer.status_code == 400
    assert problem(answer)["field"] == field
    kept = Quarantine.objects.get()
    assert (kept.whole_body, quarantine.opened(kept)) == (True, body)


def test_gzip_is_read_and_a_bomb_is_not(door: Door) -> None:
    body = msgspec.json.encode({"batch": [wire_event(**IN_COURSE)]})
    answer = door.post(gzip.compress(body), Content_Encoding="gzip")
    assert msgspec.json.decode(answer.content)["accepted"] == 1
    bomb = door.post(gzip.compress(bytes(64 * 1024 * 1024)), Content_Encoding="gzip")
    assert (bomb.status_code, problem(bomb)["title"]) == (413, "Body too large")
    assert door.post(gzip.compress(body)[:-9], Content_Encoding="gzip").status_code == 400
    assert door.post(body, Content_Encoding="gzip").status_code == 400


def test_sizes_and_forms_have_their_own_answers(door: Door) -> None:
    assert door.post(b" " * (5 * 1024 * 1024 + 1)).status_code == 413
    many = [{"batch": 0}] * 5001
    assert door.post(msgspec.json.encode({"batch": many})).status_code == 413
    assert door.post(b"{}", Content_Type="text/plain").status_code == 415
    assert door.post(b"{}", Content_Encoding="br").status_code == 415
    assert problem(door.post(b"{}", Content_Type="text/plain"))["field"] == "Content-Type"


def test_an_empty_batch_is_a_batch(door: Door) -> None:
    assert door.send()["accepted"] == 0


def test_a_resend_counts_as_duplicates_and_changes_nothing(door: Door) -> None:
    events = [wire_event(**IN_COURSE), wire_event("course.enrolled", **IN_COURSE)]
    assert door.send(*events)["accepted"] == 2
    again = door.send(*events, events[0])
    assert (again["accepted"], again["duplicates"]) == (0, 3)
    assert Event.objects.count() == 2
    assert LearnerCourse.objects.get().events == 2


def test_the_same_id_twice_in_one_batch_counts_once(door: Door) -> None:
    event = wire_event(**IN_COURSE)
    counts = door.send(event, event)
    assert (counts["accepted"], counts["duplicates"]) == (1, 1)


def test_two_sources_may_use_the_same_id(door: Door) -> None:
    event = wire_event(**IN_COURSE)
    other = Door()
    other.key = api.create_key("another", scopes=["capture"], days=1, actor=SYSTEM, now=moment())
    assert door.send(event)["accepted"] == other.send(event)["accepted"] == 1


def test_a_wrong_clock_is_corrected_and_the_moment_as_sent_is_kept(door: Door) -> None:
    fast = moment() + timedelta(hours=3)
    event = wire_event(**IN_COURSE, occurred_at=(fast - timedelta(minutes=1)).isoformat())
    assert door.send(event, sent_at=fast.isoformat())["accepted"] == 1
    stored = Event.objects.get()
    assert stored.occurred_at == fast - timedelta(minutes=1)
    assert abs(stored.corrected_at - (moment() - timedelta(minutes=1))) < timedelta(seconds=30)
    assert door.send(wire_event(**IN_COURSE, occurred_at=fast.isoformat()))["quarantined"] == 1


def test_a_clock_a_year_off_is_refused_for_want_of_a_place(door: Door) -> None:
    wild = moment() + timedelta(days=400)
    counts = door.send(
        wire_event(**IN_COURSE, occurred_at=wild.isoformat()), sent_at=wild.isoformat()
    )
    assert counts["errors"][0]["code"] == "clock_skew"


def test_old_events_need_the_scope_backfill(door: Door) -> None:
    old = wire_event(**IN_COURSE, occurred_at=moment(days=100).isoformat())
    ancient = wire_event(**IN_COURSE, occurred_at=moment(days=400).isoformat())
    assert [e["code"] for e in door.send(old, ancient)["errors"]] == ["too_old", "too_old"]
    counts = Door("capture", "backfill").send(old, ancient)
    assert (counts["accepted"], counts["errors"][0]["code"]) == (1, "too_old")
    assert Event.objects.get().flags == 2


def test_an_event_two_days_late_is_marked(door: Door) -> None:
    door.send(wire_event(**IN_COURSE, occurred_at=moment(hours=49).isoformat()))
    assert Event.objects.get().flags == 1


def test_an_enrolment_that_answers_a_recommendation_is_marked(door: Door) -> None:
    door.send(wire_event("course.enrolled", **IN_COURSE, context=REQUEST))
    event = Event.objects.get()
    assert (event.flags, str(event.request_id)) == (4, REQUEST["request_id"])


def test_free_text_and_positions_never_stand_in_an_event(door: Door) -> None:
    person = ada()
    door.send(
        wire_event("search.performed", **ALL_KINDS["search.performed"]),
        wire_event("forum.posted", **ALL_KINDS["forum.posted"]),
        wire_event("video.seeked", **ALL_KINDS["video.seeked"]),
        wire_event("course.viewed", **IN_COURSE, context={"referrer": "home", "ip": "10.0.0.1"}),
    )
    assert list(Event.objects.exclude(context=None).values_list("context", flat=True)) == [
        {"referrer": "home"}
    ]
    assert b"sourdough" not in bytes(SearchQuery.objects.get().sealed)
    held = api.export_learner(person.learner_id)["signals"]
    assert isinstance(held, dict)
    assert held["searches"][0]["text"] == "sourdough"
    assert held["forum_posts"][0]["text"] == "Why fold?"
    assert (SearchQuery.objects.get().results, ForumPost.objects.count()) == (3, 1)


def test_a_resent_search_is_kept_once(door: Door) -> None:
    event = wire_event("search.performed", **ALL_KINDS["search.performed"])
    door.send(event)
    door.send(event)
    assert SearchQuery.objects.count() == 1


def test_sessions_are_kept_as_numbers_that_say_nothing(door: Door) -> None:
    door.send(
        wire_event(**IN_COURSE, session="s-1"),
        wire_event(**IN_COURSE, session="s-1"),
        wire_event(**IN_COURSE, session="s-2"),
    )
    assert len(set(Event.objects.values_list("session", flat=True))) == 2


def test_the_history_says_what_happened(door: Door) -> None:
    door.send(
        wire_event("course.enrolled", **IN_COURSE, context={"mandatory": True}),
        wire_event("course.rated", **IN_COURSE, value=2, occurred_at=moment(hours=3).isoformat()),
        wire_event("course.rated", **IN_COURSE, value=5, occurred_at=moment(hours=2).isoformat()),
        wire_event("lesson.progressed", **IN_MODULE, value=0.4),
        wire_event("quiz.scored", course="c1", module="m2", value=0.9),
        wire_event("lesson.completed", course="c1", module="m2"),
    )
    course = LearnerCourse.objects.get()
    assert (course.rating, course.mandatory, course.events) == (5, True, 6)
    first, second = LearnerModule.objects.order_by("module_id")
    assert (first.progress, first.score, first.completed_at) == (0.4, None, None)
    assert (second.progress, second.score) == (1, 0.9)
    assert second.completed_at is not None


def test_answers_to_recommendations_leave_no_trace_in_the_history(door: Door) -> None:
    door.send(wire_event("rec.clicked", **IN_COURSE, context=REQUEST))
    assert not LearnerCourse.objects.exists()


def test_tiers_are_kept_or_dropped_as_the_learner_allows(door: Door) -> None:
    events = [
        wire_event("course.enrolled", learner="eve", **IN_COURSE),
        wire_event("course.viewed", learner="eve", **IN_COURSE),
        wire_event("video.played", learner="eve", **IN_COURSE),
    ]
    learner_id = new_learner("eve")
    default = door.send(*events)
    assert (default["accepted"], default["dropped_by_consent"]) == (2, 1)
    consents(learner_id, Purpose.FINE_GRAINED)
    assert door.send(*events)["accepted"] == 1
    consents(learner_id, Purpose.PERSONALIZATION, granted=False)
    fresh = [{**event, "id": str(some_uuid())} for event in events]
    objected = door.send(*fresh)
    assert (objected["accepted"], objected["dropped_by_consent"]) == (1, 2)


def test_when_consent_cannot_be_read_nothing_is_taken(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node that never met its databases has no key to seal with, and keeps nothing on disk."""

    def away(*_rows: object, **_named: object) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr("signals.capture.buffer.store", away)
    answer = door.post(msgspec.json.encode({"batch": [wire_event(**IN_COURSE)]}))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert problem(answer)["title"] == "Not stored"
    assert not Event.objects.exists()


def test_an_event_postgresql_refuses_fails_alone(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A context that is no JSON stands for whatever slips through the contract one day."""
    good = [wire_event(**IN_COURSE) for _ in range(6)]
    bad = wire_event("order.paid", value=3, context={"currency": "EUR"})
    real = copy_body
    monkeypatch.setattr(
        "signals.capture.store.copy_body",
        lambda rows: real(rows).replace(b'{"currency"', b'["currency"'),
    )
    counts = door.send(*good[:3], bad, *good[3:])
    assert (counts["accepted"], counts["quarantined"]) == (6, 1)
    assert counts["errors"] == [
        {"index": 3, "code": "storage_refused", "detail": counts["errors"][0]["detail"]}
    ]
    assert Event.objects.count() == 6
    assert Quarantine.objects.get().code == "storage_refused"


def test_a_batch_of_a_known_platform_costs_few_statements(
    door: Door, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    door.send(wire_event(**IN_COURSE))
    body = msgspec.json.encode({"batch": [wire_event(**IN_COURSE) for _ in range(500)]})
    with django_assert_max_num_queries(6):
        assert door.post(body).status_code == 200


def test_events_about_an_erased_learner_are_counted_and_not_stored(door: Door) -> None:
    person = ada()
    api.erase_learner(person.learner_id, actor=SYSTEM, now=moment())
    counts = door.send(wire_event(**IN_COURSE), wire_event(learner="new", **IN_COURSE))
    assert (counts["accepted"], counts["dropped_by_consent"]) == (1, 1)
    assert api.find_learner("ada") is None
