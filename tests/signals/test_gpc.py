"""Global Privacy Control: a browser's wish, stored for the account with proof, never a server's."""

from typing import Any

import msgspec
import pytest
from django.test import Client

from signals import api
from signals.data import SYSTEM, Allowed
from signals.models import Consent, ConsentChange, Event
from tests.factories import Person, ada, moment, new_course, new_key, wire_event
from tests.signals.door import BATCH, TOKENS, Door

pytestmark = pytest.mark.django_db

GPC = {"Sec-GPC": "1"}
LMS = "https://lms.example"
WITHOUT_TIERS_2_AND_3 = Allowed(personalization=True, fine_grained=False, inferred=False)
EVERYTHING = Allowed(personalization=True, fine_grained=True, inferred=True)


def signed_in(person: Person) -> Client:
    browser = Client()
    browser.force_login(person.account)
    return browser


def proofs(person: Person) -> list[tuple[str, bool, str, str]]:
    rows = ConsentChange.objects.filter(learner_id=person.learner_id, via="gpc")
    return list(rows.values_list("purpose", "granted", "legal_basis", "actor"))


def of_video() -> bytes:
    new_course("c1", modules=["m1"])
    watched = wire_event("video.played", course="c1", module="m1", context={"speed": 1})
    return msgspec.json.encode({"batch": [watched]})


def dropped(answer: Any) -> int:
    assert answer.status_code == 200, answer.content
    counts = msgspec.json.decode(answer.content)
    return int(counts["dropped_by_consent"])


def test_it_leaves_one_proof_and_one_entry_however_often_it_is_sent() -> None:
    person = ada()
    browser = signed_in(person)
    for _ in range(2):
        browser.get("/goal/", headers=GPC)
        signed_in(person).get("/explore/", headers=GPC)
    assert api.allowed(person.learner_id) == WITHOUT_TIERS_2_AND_3
    assert proofs(person) == [
        ("gpc", False, "objection by Global Privacy Control", f"learner:{person.learner_id}")
    ]
    (entry,) = api.ledger_rows(action_prefix="consent.gpc")
    assert entry.subject == f"learner:{person.learner_id}"


def test_the_account_shows_that_it_is_honoured_also_in_a_browser_without_it() -> None:
    person = ada()
    assert "Global Privacy Control" not in signed_in(person).get("/goal/").content.decode()
    signed_in(person).get("/goal/", headers=GPC)
    assert "Global Privacy Control" in signed_in(person).get("/goal/").content.decode()


def test_it_acts_on_the_very_events_a_session_sends_with_it() -> None:
    person, body = ada(), of_video()
    headers = {"Origin": "http://testserver", **GPC}
    answer = signed_in(person).post(BATCH, body, "application/json", headers=headers)
    assert dropped(answer) == 1
    assert not Event.objects.filter(learner_id=person.learner_id).exists()
    assert len(proofs(person)) == 1


def test_it_acts_on_the_very_events_a_token_sends_with_it() -> None:
    person, body, door = ada(), of_video(), Door("tokens", "capture")
    minted = door.post(msgspec.json.encode({"learner": "ada", "origin": LMS}), TOKENS)
    token = msgspec.json.decode(minted.content)["token"]
    answer = door.post(body, Authorization=f"Bearer {token}", Origin=LMS, Sec_GPC="1")
    assert dropped(answer) == 1
    assert len(proofs(person)) == 1


def test_a_session_that_asks_for_recommendations_with_it_is_honoured() -> None:
    person = ada()
    signed_in(person).get("/personalize/v1/recommendations", headers=GPC)
    assert len(proofs(person)) == 1


def test_a_servers_key_never_sets_it_for_a_learner_even_beside_a_session() -> None:
    person, body = ada(), of_video()
    key = {"Authorization": f"Bearer {new_key('lms', 'capture', 'recommend')}", **GPC}
    browser = signed_in(person)
    assert dropped(browser.post(BATCH, body, "application/json", headers=key)) == 0
    browser.get("/personalize/v1/recommendations?learner=ada", headers=key)
    assert api.allowed(person.learner_id) == EVERYTHING
    assert proofs(person) == []


def test_nobody_is_made_for_it_who_was_erased() -> None:
    person = ada()
    api.erase_learner(person.learner_id, actor=SYSTEM, now=moment())
    api.honour_gpc(person.learner_id, now=moment())
    assert not Consent.objects.exists()
    assert not ConsentChange.objects.exists()


def withdraw(browser: Client, **headers: str) -> str:
    answer = browser.post("/privacy/choose/", headers=headers, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_browser_that_stopped_sending_it_offers_to_choose_again() -> None:
    person = ada()
    browser = signed_in(person)
    browser.get("/goal/", headers=GPC)
    assert "Choose myself again" not in browser.get("/privacy/", headers=GPC).content.decode()
    assert "Choose myself again" in browser.get("/privacy/").content.decode()


def test_choosing_again_switches_nothing_on_and_leaves_its_proof() -> None:
    person = ada()
    browser = signed_in(person)
    browser.get("/goal/", headers=GPC)
    page = withdraw(browser)
    assert "stays off until you turn it on" in page
    assert "Global Privacy Control is honoured" not in page
    assert "You chose again, without Global Privacy Control" in page
    assert api.allowed(person.learner_id) == WITHOUT_TIERS_2_AND_3
    browser.post("/privacy/switch/", {"purpose": "fine_grained", "on": "1"})
    assert api.allowed(person.learner_id).fine_grained
    proof = ConsentChange.objects.get(purpose="gpc", granted=True)
    assert (proof.via, proof.actor) == ("page", f"learner:{person.learner_id}")


def test_it_is_not_withdrawn_in_a_browser_that_sends_it() -> None:
    person = ada()
    browser = signed_in(person)
    browser.get("/goal/", headers=GPC)
    page = withdraw(browser, **GPC)
    assert "Turn it off there first." in page
    assert api.honours_gpc(person.learner_id)


def test_it_is_honoured_again_when_it_is_sent_again() -> None:
    person = ada()
    browser = signed_in(person)
    browser.get("/goal/", headers=GPC)
    withdraw(browser)
    browser.get("/goal/", headers=GPC)
    assert api.honours_gpc(person.learner_id)
    assert len(proofs(person)) == 2
