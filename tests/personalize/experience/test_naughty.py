"""Does a string of the public collection break a door or a page? It is taken or refused."""

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.http.response import HttpResponseBase
from django.test import Client

from signals.models import Event, Quarantine
from tests.factories import PASSWORD, ada, new_course, new_key, root, wire_event

pytestmark = [pytest.mark.django_db, pytest.mark.prove]

TEXT_FIELDS = ("id", "kind", "learner", "occurred_at", "course", "module", "session", "value")
RECOMMEND = "/personalize/v1/recommendations"


@pytest.fixture
def naughty() -> list[str]:
    """Return the strings."""
    data = os.environ.get("NORTHWAY_DATA")
    if not data:
        pytest.skip("no data")
    logging.getLogger("django.request").setLevel(logging.ERROR)
    strings: list[str] = json.loads(
        (Path(data) / "vectors" / "naughty_strings.json").read_text(encoding="utf-8")
    )
    return [*strings, "NUL \x00 inside", "half \ud800 a pair"]


@pytest.fixture
def client() -> Client:
    """Return a browser whose server tells of its errors by their status."""
    return Client(raise_request_exception=False)


def answered(text: str, answer: HttpResponseBase) -> None:
    assert answer.status_code < 500, (ascii(text), getattr(answer, "content", b"")[:300])


def test_capture_takes_or_keeps_each_event(naughty: list[str], client: Client) -> None:
    new_course("sql", modules=["m"])
    ada()
    key = {"Authorization": f"Bearer {new_key()}"}
    for text in naughty:
        events = [wire_event(**{"course": "sql", field: text}) for field in TEXT_FIELDS]
        events.append(wire_event("search.performed", value=1, context={"query": text}))
        events.append(wire_event("forum.posted", course="sql", context={"text": text}))
        events.append(wire_event("course.viewed", course="sql", context={"referrer": text}))
        before = Event.objects.count(), Quarantine.objects.count()
        answer = client.post(
            "/signals/v1/batch", json.dumps({"batch": events}), "application/json", headers=key
        )
        assert answer.status_code == 200, (ascii(text), answer.content)
        counts = answer.json()
        assert counts["duplicates"] == counts["dropped_by_consent"] == 0
        assert counts["accepted"] + counts["quarantined"] == len(events)
        assert Event.objects.count() == before[0] + counts["accepted"]
        assert Quarantine.objects.count() == before[1] + counts["quarantined"]


def machine_requests(text: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield what programs send with a text in each place."""
    yield "/signals/v1/tokens", {"learner": text, "origin": "https://lms.example"}
    yield "/signals/v1/tokens", {"learner": "ada", "origin": text}
    yield RECOMMEND, {"learner": text}
    yield RECOMMEND, {"learner": "ada", "surface": text}
    yield RECOMMEND, {"learner": "ada", "unit": text, "intent": text, "k": text}
    yield "/personalize/v1/feedback", {"request_id": text, "course": "sql", "action": "undo"}
    named = {"request_id": str(uuid4()), "course": text, "action": "not_for_me"}
    yield "/personalize/v1/feedback", {**named, "learner": text}
    yield "/personalize/v1/feedback", {**named, "course": "sql", "action": text, "learner": "ada"}


def test_programs_are_answered(naughty: list[str], client: Client) -> None:
    new_course("sql")
    ada()
    key = {"Authorization": f"Bearer {new_key('lms', 'tokens', 'recommend', 'feedback')}"}
    for text in naughty:
        for address, body in machine_requests(text):
            sent = json.dumps(body)
            answered(text, client.post(address, sent, "application/json", headers=key))
        typed = text.encode(errors="replace")
        answered(text, client.get(RECOMMEND, {"learner": typed}, headers=key))
        why = f"/personalize/v1/why/{uuid4()}/{quote(typed)}"
        answered(text, client.get(why, headers=key))


def test_pages_and_forms_are_answered(naughty: list[str], client: Client) -> None:
    new_course("sql")
    client.force_login(ada().account)
    for text in naughty:
        typed = text.encode(errors="replace")
        for address, name in (
            ("/search/", "q"),
            ("/explore/", "field"),
            ("/home/picks/", "intent"),
        ):
            answered(text, client.get(address, {name: typed}))
        answered(text, client.get(f"/course/{quote(typed)}/"))
        for part in ("goal", "all"):
            fields = {"part": part, "goal": typed, "interests": typed, "minutes_per_week": typed}
            answered(text, client.post("/goal/", fields))
        answered(text, client.post("/course/sql/rate/", {"rating": typed}))
        answered(text, client.post("/personalization/", {"purpose": typed, "on": typed}))
        feedback = {"course": typed, "action": typed}
        answered(text, client.post(f"/feedback/{uuid4()}/", feedback))


def test_sign_in_and_the_search_of_the_ledger_are_answered(
    naughty: list[str], client: Client
) -> None:
    person = root()
    staff = Client(raise_request_exception=False)
    staff.force_login(person.account)
    for text in naughty[::4]:
        typed = text.encode(errors="replace")
        answered(text, client.post("/signin/", {"username": typed, "password": PASSWORD}))
        answered(text, staff.get("/tower/ledger/", {"action": typed, "subject": typed}))
        answered(text, staff.get("/admin/signals/quarantine/", {"q": typed}))
