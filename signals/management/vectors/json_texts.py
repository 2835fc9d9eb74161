"""Does any JSON text, good or bad, hurt a door that reads JSON? Sends each where it fits.

A text that is no JSON must be refused with a reason, and kept in quarantine as it came where events
come in; one that is must not be; and nothing may ever be answered with a server's error. Runs in
databases of its own.
"""

import base64
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client
from django.test.utils import setup_databases, teardown_databases

from signals import api
from signals.capture import quarantine
from signals.capture.keys import PREFIX_LENGTH
from signals.clock import now
from signals.data import SYSTEM
from signals.management.vectors.lrs import Report, read
from signals.models import Quarantine

SOURCE = "json-texts"
BATCH, TOKENS, STATEMENTS = "/signals/v1/batch", "/signals/v1/tokens", "/xapi/statements"
RECOMMENDATIONS, FEEDBACK = "/personalize/v1/recommendations", "/personalize/v1/feedback"
STATE = "/xapi/activities/state"
AGENT = '{"mbox":"mailto:a@lms.example"}'
SCOPES = ("capture", "tokens", "recommend", "feedback")
NOT_TAKEN = {400, 413}  # a wish has a few hundred bytes
MARK = b'"@TEXT@"'
ACCEPT, REFUSE = "accept", ("reject", "refuse")


@dataclass(frozen=True, slots=True)
class Doors:
    """A source whose key opens the doors."""

    client: Client
    key: str

    def post(self, address: str, body: bytes, method: str = "POST") -> HttpResponse:
        """Send a body with the key."""
        pair = base64.b64encode(f"{self.key[:PREFIX_LENGTH]}:{self.key}".encode()).decode()
        xapi = {"Authorization": f"Basic {pair}", "X-Experience-API-Version": "1.0.3"}
        of_xapi = address.startswith("/xapi/")
        headers = xapi if of_xapi else {"Authorization": f"Bearer {self.key}"}
        answer = self.client.generic(
            method, address, body, "application/json", headers=headers, secure=True
        )
        if not isinstance(answer, HttpResponse):
            raise TypeError("an answer of capture is never streamed")
        return answer


def run(path: Path) -> Report:
    """Run a file of texts (name, expect, b64 a line) in databases made for it."""
    held = setup_databases(verbosity=0, interactive=False)
    logging.getLogger("django.request").setLevel(logging.ERROR)  # refusals are what is asked for
    try:
        return run_texts(path)
    finally:
        teardown_databases(held, verbosity=0)


def run_texts(path: Path) -> Report:
    """Run a file of texts against a new source that keeps whole statements."""
    key = api.create_key(SOURCE, scopes=SCOPES, days=1, actor=SYSTEM, now=now(), profile="store")
    doors = Doors(Client(raise_request_exception=False), key)
    report = Report()
    for case in read(path):
        text = base64.b64decode(case["b64"])
        for place, check in PLACES.items():
            problem = check(doors, text, case["expect"])
            named = {"id": f"{case['name']} as {place}", "title": case["expect"], "section": place}
            report.add(named, "failed" if problem else "passed", problem)
    return report


def _whole_body(doors: Doors, text: bytes, _expect: str) -> str:
    """No text of the vectors is a batch: all are refused and kept."""
    return _refused(doors, BATCH, text, text)


def _statements_body(doors: Doors, text: bytes, _expect: str) -> str:
    if text.strip() == b"[]":
        return _wrong(doors.post(STATEMENTS, text), {200})
    return _refused(doors, STATEMENTS, text, text)


def _token_request(doors: Doors, text: bytes, _expect: str) -> str:
    return _wrong(doors.post(TOKENS, text), {400})


def _recommendations(doors: Doors, text: bytes, _expect: str) -> str:
    return _wrong(doors.post(RECOMMENDATIONS, text), NOT_TAKEN)


def _feedback(doors: Doors, text: bytes, _expect: str) -> str:
    return _wrong(doors.post(FEEDBACK, text), NOT_TAKEN)


def _agent_of_a_query(doors: Doors, text: bytes, _expect: str) -> str:
    """No text of the vectors is an agent."""
    asked = urlencode({"activityId": "a:a", "agent": text})
    return _wrong(doors.post(f"{STATE}?{asked}", b"", "GET"), {400})


def _merged_document(doors: Doors, text: bytes, expect: str) -> str:
    """Documents that are JSON objects are merged; nothing else can be."""
    asked = urlencode({"activityId": "a:a", "agent": AGENT, "stateId": "s"})
    answers = [doors.post(f"{STATE}?{asked}", body) for body in (b'{"kept":1}', text)]
    wanted = {400} if expect in REFUSE else {204, 400}
    return _wrong(answers[0], {204}) or _wrong(answers[1], wanted)


def _context_of_an_event(doors: Doors, text: bytes, expect: str) -> str:
    """Neighbours of a text that is JSON are always kept; one that is none may break the body."""
    events = [_event({"currency": "EUR"}) for _ in range(3)]
    events[1]["context"] = "@TEXT@"
    body = json.dumps({"batch": events}).encode().replace(MARK, text)
    before = Quarantine.objects.count()
    answer = doors.post(BATCH, body)
    problem = _wrong(answer, {200} if expect == ACCEPT else {200, 400})
    if problem:
        return problem
    if answer.status_code == 200:
        counts = json.loads(answer.content)
        if counts["accepted"] < 2:
            return f"neighbours were lost: {counts}"
        if counts["accepted"] + counts["quarantined"] != len(events):
            return f"an event is neither stored nor kept: {counts}"
    elif Quarantine.objects.count() == before:
        return "the refused body is not in quarantine"
    return ""


def _extension_of_a_statement(doors: Doors, text: bytes, expect: str) -> str:
    """A statement is read to its last value: what is JSON is stored, what is none is refused."""
    statement = {
        "actor": {"account": {"homePage": "https://lms.example", "name": "ada"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
        "object": {"id": "https://lms.example/a"},
        "context": {"extensions": {"https://lms.example/x": "@TEXT@"}},
    }
    body = json.dumps(statement).encode().replace(MARK, text)
    if expect in REFUSE:
        return _refused(doors, STATEMENTS, body, body)
    problem = _wrong(doors.post(STATEMENTS, body), {200} if expect == ACCEPT else {200, 400})
    # A text with a NUL is JSON and cannot be stored: it is refused, and kept.
    return _refused(doors, STATEMENTS, body, body) if problem and rb"\u0000" in text else problem


def _refused(doors: Doors, address: str, body: bytes, kept: bytes) -> str:
    newest = Quarantine.objects.order_by("-pk")
    before = newest.values_list("pk", flat=True).first()
    problem = _wrong(doors.post(address, body), {400})
    row = newest.first()
    if not problem and (row is None or row.pk == before):
        return "it is not in quarantine"
    if not problem and row is not None and quarantine.opened(row) != kept:
        return "the quarantine holds something else"
    return problem


def _event(context: dict[str, object]) -> dict[str, object]:
    at = now().isoformat()
    return {
        "id": str(uuid4()),
        "kind": "order.paid",
        "learner": "ada",
        "occurred_at": at,
        "value": 5,
        "context": context,
    }


def _wrong(answer: HttpResponse, wanted: set[int]) -> str:
    if answer.status_code in wanted:
        return ""
    shown = answer.content[:200].decode(errors="replace")
    return f"{answer.status_code}, not {sorted(wanted)}: {shown}"


PLACES: dict[str, Callable[[Doors, bytes, str], str]] = {
    "batch": _whole_body,
    "context of an event": _context_of_an_event,
    "statements": _statements_body,
    "extension of a statement": _extension_of_a_statement,
    "token request": _token_request,
    "recommendations": _recommendations,
    "feedback": _feedback,
    "agent of a query": _agent_of_a_query,
    "merged document": _merged_document,
}
