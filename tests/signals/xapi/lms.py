"""How do tests send statements? Over HTTP, as a platform with a key does."""

import base64
import json
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client

from signals import api
from signals.data import SYSTEM
from tests.factories import moment

ADDRESS = "/xapi/statements"
ADL = "http://adlnet.gov/expapi"
COURSE = f"{ADL}/activities/course"


class Lms:
    """A platform with a key, which sends with Basic auth."""

    def __init__(self, name: str = "moodle", *, profile: str = "capture", scopes: str = "capture"):
        """Make its key."""
        self.name = name
        self.client = Client()  # one: making it reads the middleware
        self.key = api.create_key(
            name,
            scopes=scopes.split(),
            days=30,
            actor=SYSTEM,
            now=moment(),
            profile=profile,
        )

    @property
    def basic(self) -> str:
        """Return the header of Basic auth: the key's id and the key."""
        return "Basic " + base64.b64encode(f"{self.key[:12]}:{self.key}".encode()).decode()

    def call(
        self,
        method: str,
        query: str = "",
        body: bytes | str = b"",
        *,
        address: str = ADDRESS,
        kind: str = "application/json",
        **headers: str,
    ) -> HttpResponse:
        """Send a request."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.generic(
            method,
            f"{address}?{query}" if query else address,
            body,
            kind,
            headers={
                "Authorization": self.basic,
                "X-Experience-API-Version": "1.0.3",
                **named,
            },
        )
        assert isinstance(answer, HttpResponse)
        return answer

    def post(self, *statements: dict[str, object], **headers: str) -> HttpResponse:
        """POST statements as an array."""
        return self.call("POST", body=json.dumps(statements), **headers)

    def put(self, statement: dict[str, object], **headers: str) -> HttpResponse:
        """PUT a statement under its id."""
        query = f"statementId={statement['id']}"
        return self.call("PUT", query, json.dumps(statement), **headers)

    def get(self, query: str = "", **headers: str) -> dict[str, Any]:
        """GET statements of a 200."""
        answer = self.call("GET", query, **headers)
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = json.loads(answer.content)
        return found


def statement(**parts: Any) -> dict[str, Any]:
    """Return what Moodle sends when ada joins course c1, an hour ago, with a new id."""
    body = {
        "id": str(uuid4()),
        "actor": {
            "name": "Ada Lovelace",
            "account": {"homePage": "https://moodle.example", "name": "ada"},
        },
        "verb": {"id": f"{ADL}/verbs/registered", "display": {"en": "enrolled onto"}},
        "object": {"id": "c1:c1", "definition": {"type": COURSE}},
        "timestamp": moment(hours=1).isoformat(),
    } | parts
    return {name: part for name, part in body.items() if part is not None}
