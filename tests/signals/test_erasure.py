"""Does a learner's data go everywhere, with a receipt, and does it stay away?"""

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connections
from django.test import Client

from signals import api
from signals.data import SYSTEM, Exposed, NewEvent
from signals.models import Account, Document, Tombstone
from signals.models.names import keyed
from signals.privacy import registry
from tests.factories import PASSWORD, Person, ada, ben, moment, new_course, new_learner, wire_event
from tests.signals.derive.rows import one_of_each
from tests.signals.door import Door

pytestmark = pytest.mark.django_db

IN_KEYS = "signals_datakey"
REMEMBERS = "signals_erasedlearner"  # in the keys database as well: what backups are told
EVERYWHERE = {
    "signals_account",
    "signals_consent",
    "signals_consentchange",
    "signals_document",
    "signals_doubtfulcourse",
    "signals_event",
    "signals_exposure",
    "signals_formatobservation",
    "signals_forumpost",
    "signals_identity",
    "signals_learner",
    "signals_learnercourse",
    "signals_learnerfeature",
    "signals_learnermodule",
    "signals_learnerquality",
    "signals_learnersession",
    "signals_membership",
    "signals_pendinglearner",
    "signals_qualityfinding",
    "signals_searchquery",
}


def _with_traces() -> Person:
    """Return ada with rows in every table of signals that knows learners."""
    person = ada()
    course = new_course("c1", modules=["m1"])
    Door().send(
        wire_event("course.enrolled", course="c1"),
        wire_event("lesson.completed", course="c1", module="m1"),
        wire_event("search.performed", value=1, context={"query": "bread"}),
        wire_event("forum.posted", course="c1", context={"text": "hello"}),
    )
    other = NewEvent("course.viewed", new_learner("ben"), moment(), course_id=course.course_id)
    api.record([other], now=moment())
    api.expose([Exposed("x", person.learner_id, "model", moment())])
    one_of_each(person.learner_id, course_id=course.course_id)
    return person


def _tables_that_know(learner_id: int) -> set[str]:
    found = set()
    for model in apps.get_app_config("signals").get_models():
        columns = {field.attname for field in model._meta.concrete_fields}
        if (
            "learner_id" in columns
            and model._default_manager.filter(learner_id=learner_id).exists()
        ):
            found.add(model._meta.db_table)
    return found


def test_every_table_that_knows_a_learner_forgets_and_others_stay() -> None:
    person = _with_traces()
    Document.objects.create(source_id=1, learner_id=person.learner_id, updated_at=moment())
    ben = api.find_learner("ben")
    assert ben is not None
    of_ben = _tables_that_know(ben)
    assert _tables_that_know(person.learner_id) == {*EVERYWHERE, IN_KEYS}
    receipt = api.erase_learner(person.learner_id, actor=SYSTEM, now=moment())
    assert _tables_that_know(person.learner_id) == {REMEMBERS}
    assert _tables_that_know(ben) == of_ben
    assert receipt["keys_destroyed"] == 1
    assert [row.action for row in api.ledger_rows(limit=2)] == [
        "learner.key_destroyed",
        "learner.erased",
    ]
    assert not Account.objects.filter(username="ada").exists()


def test_every_table_with_a_learner_is_known_to_the_test_above() -> None:
    """A new table that stores learners must be erased: this fails until it is."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT table_name FROM information_schema.columns"
            " WHERE column_name = 'learner_id' AND table_name LIKE 'signals\\_%'"
            " AND table_name NOT LIKE 'signals\\_event\\_%'"
        )
        assert {name for (name,) in cursor.fetchall()} == EVERYWHERE


def test_an_erased_learner_does_not_come_back() -> None:
    person = ada()
    api.erase_learner(person.learner_id, actor=SYSTEM, now=moment())
    assert Tombstone.objects.count() == 1
    assert api.find_learner("ada") is None
    with pytest.raises(api.ErasedLearnerError):
        api.ensure_learner("ada", now=moment())
    with pytest.raises(LookupError):
        api.erase_learner(person.learner_id, actor=SYSTEM, now=moment())


def test_an_event_of_a_page_left_open_during_erasure_is_dropped() -> None:
    course_id = new_course("c1").course_id
    person = ada()
    api.erase_learner(person.learner_id, actor=SYSTEM, now=moment())
    late = NewEvent("course.viewed", person.learner_id, moment(), course_id=course_id)
    assert api.record([late], now=moment()).dropped_by_consent == 1


def test_the_export_holds_what_is_held() -> None:
    person = _with_traces()
    export = api.export_learner(person.learner_id)
    assert export["external_id"] == "ada"
    held = export["signals"]
    assert isinstance(held, dict)
    assert {name: len(rows) for name, rows in held.items()} == {
        "learner": 1,
        "account": 1,
        "account_edits": 0,
        "sign_ins": 0,
        "log": 3,
        "consent": 1,
        "requests": 0,
        "consent_changes": 3,
        "courses": 1,
        "modules": 1,
        "events": 4,
        "features": 1,
        "formats": 1,
        "sessions": 1,
        "quality": 1,
        "quality_findings": 1,
        "quality_courses": 1,
        "exposures": 1,
        "groups": 1,
        "searches": 1,
        "forum_posts": 1,
    }
    assert "password" not in held["account"][0]


def test_other_apps_are_asked_to_erase_and_to_export() -> None:
    person = ada()
    asked: list[int] = []
    api.on_erase("a test", lambda learner_id: asked.append(learner_id) or 3)  # type: ignore[func-returns-value]
    api.on_export("a test", lambda learner_id: {"own": learner_id})
    try:
        assert api.export_learner(person.learner_id)["a test"] == {"own": person.learner_id}
        receipt = api.erase_learner(person.learner_id, actor=SYSTEM, now=moment())
    finally:
        registry._erase.pop("a test")
        registry._export.pop("a test")
    removed = receipt["removed"]
    assert isinstance(removed, dict)
    assert (asked, removed["a test"]) == ([person.learner_id], 3)


def signed_in(name: str) -> Client:
    browser = Client()
    said = browser.post("/signin/", {"username": name, "password": PASSWORD})
    assert said.status_code == 302
    return browser


def test_sessions_and_failed_sign_ins_go_and_those_of_others_stay() -> None:
    person, other = ada(), ben()
    browser, theirs = signed_in("ada"), signed_in("ben")
    for name in ("ada", "ben"):
        Client().post("/signin/", {"username": name, "password": "wrong"})

    receipt = api.erase_learner(person.learner_id, actor=SYSTEM, now=moment())

    assert receipt["sessions_ended"] == 1
    assert [session.get_decoded()["learner_id"] for session in Session.objects.all()] == [
        other.learner_id
    ]
    assert set(AccessAttempt.objects.values_list("username", flat=True)) == {keyed("ben")}
    assert cache.get(f"django.contrib.sessions.cached_db{browser.session.session_key}") is None
    assert browser.get("/home/").status_code == 302
    assert theirs.get("/home/").status_code == 200
