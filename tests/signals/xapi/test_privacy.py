"""Does what statements say of a learner go with the learner, and can the learner have it?"""

import json

import pytest

from signals import api
from signals.capture.retention import purge_expired
from signals.data import SYSTEM
from signals.models import Event, Learner, Statement, StatementId
from tests.factories import moment, new_course
from tests.signals.xapi.lms import Lms, statement

pytestmark = pytest.mark.django_db
ADA = {"objectType": "Agent", "name": "Ada Lovelace", "mbox": "mailto:lovelace@canary.example"}
BEN = {"objectType": "Agent", "name": "Ben", "mbox": "mailto:ben@canary.example"}


def erase(external_id: str) -> None:
    """Erase a learner."""
    learner_id = api.find_learner(external_id)
    assert learner_id is not None
    api.erase_learner(learner_id, actor=SYSTEM, now=moment())


def test_erasing_deletes_what_a_learner_did() -> None:
    lms, sent = Lms(profile="store"), statement(actor=ADA)
    lms.post(sent, statement(actor=BEN))
    erase("lovelace@canary.example")
    assert Statement.objects.count() == 1
    assert lms.call("GET", f"statementId={sent['id']}").status_code == 404


def test_erasing_takes_a_learner_out_of_what_others_did() -> None:
    lms, sent = Lms(profile="store"), statement(actor=BEN, context={"instructor": ADA})
    lms.post(sent)
    erase("lovelace@canary.example")
    kept = lms.get(f"statementId={sent['id']}")
    assert kept["actor"] == BEN
    assert "lovelace" not in json.dumps(kept).lower()
    agent = json.dumps({"mbox": ADA["mbox"]})
    assert lms.get(f"agent={agent}&related_agents=true")["statements"] == []


def test_what_others_added_about_a_learner_goes_with_the_learner() -> None:
    lms = Lms(profile="store")
    extensions = {
        "https://x.example/said": "Well done, ada lovelace",
        "https://x.example/to": [{"mail": "lovelace@canary.example"}],
        "https://x.example/of/lovelace@canary.example": 1,
        "https://x.example/grade": 2,
    }
    context = {"instructor": ADA, "extensions": extensions}
    sent = statement(actor=BEN, context=context, result={"extensions": {"a:b": "Ada Lovelace"}})
    lms.post(sent)
    erase("lovelace@canary.example")
    kept = lms.get(f"statementId={sent['id']}")
    assert kept["context"]["extensions"] == {"https://x.example/grade": 2}
    assert kept["result"] == {"extensions": {}}


def test_erasing_one_of_a_group_leaves_the_others() -> None:
    group = {"objectType": "Group", "member": [ADA, BEN]}
    lms, sent = Lms(profile="store"), statement(actor=group)
    lms.post(sent)
    erase("lovelace@canary.example")
    members = lms.get(f"statementId={sent['id']}")["actor"]["member"]
    assert "lovelace" not in json.dumps(members).lower()
    assert BEN in members
    erase("ben@canary.example")
    assert Statement.objects.count() == 0


def test_a_destroyed_key_of_anybody_named_makes_a_statement_unreadable() -> None:
    lms = Lms(profile="store")
    lms.post(statement(actor=BEN, context={"instructor": ADA}))
    row = Statement.objects.get()
    erase("lovelace@canary.example")
    row.save()  # as from a backup made before
    assert lms.get()["statements"] == []


@pytest.mark.parametrize("profile", ["capture", "store"])
def test_late_statements_of_the_erased_are_answered_and_not_kept(profile: str) -> None:
    new_course("c1:c1")
    lms = Lms(profile=profile)
    lms.post(statement(actor=ADA))
    erase("lovelace@canary.example")
    assert lms.post(statement(actor=ADA)).status_code == 200
    assert Event.objects.count() == Statement.objects.count() == Learner.objects.count() == 0


def test_who_was_erased_is_taken_out_of_late_statements_of_others() -> None:
    lms, sent = Lms(profile="store"), statement(actor=BEN, context={"instructor": ADA})
    lms.post(statement(actor=ADA))
    erase("lovelace@canary.example")
    lms.post(sent)
    assert "lovelace" not in json.dumps(lms.get(f"statementId={sent['id']}")).lower()


def test_a_learner_is_handed_their_statements() -> None:
    sent = statement(actor=ADA)
    Lms(profile="store").post(sent, statement(actor=BEN, context={"instructor": ADA}))
    learner_id = api.find_learner("lovelace@canary.example")
    assert learner_id is not None
    held = api.export_learner(learner_id)["capture.xapi"]
    assert isinstance(held, dict)
    assert [body["id"] for body in held["statements"]] == [sent["id"]]
    assert held["named_in_statements_of_others"] == 1
    assert "ben" not in json.dumps(held)


def test_ids_go_after_35_days_and_statements_after_13_months() -> None:
    lms = Lms(profile="store")
    lms.post(statement())
    purge_expired(now=moment(days=-34))
    assert (StatementId.objects.count(), Statement.objects.count()) == (1, 1)
    assert purge_expired(now=moment(days=-36))["statement_ids"] == 1
    assert Statement.objects.count() == 1
    assert purge_expired(now=moment(days=-430))["statements"] == 1
