"""How do tests knock at the door of events? Over HTTP, as a platform does."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.http import HttpResponse
from django.test import Client

from tests.factories import new_key

BATCH = "/signals/v1/batch"
TOKENS = "/signals/v1/tokens"


class Door:
    """A platform with a key."""

    def __init__(self, *scopes: str, source: str = "lms", origins: Sequence[str] = ()) -> None:
        """Make a key; without scopes it may capture."""
        self.key = new_key(source, *scopes, origins=origins)

    def post(self, body: bytes, address: str = BATCH, **headers: str) -> HttpResponse:
        """Post a body."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = Client().post(
            address,
            body,
            content_type=named.pop("Content-Type", "application/json"),
            headers={"Authorization": f"Bearer {self.key}", **named},
        )
        assert isinstance(answer, HttpResponse)
        return answer

    def send(self, *events: dict[str, object], sent_at: str | None = None) -> dict[str, Any]:
        """Post events and return the counts of a 200."""
        answer = self.post(msgspec.json.encode({"sent_at": sent_at, "batch": events}))
        assert answer.status_code == 200, answer.content
        counts: dict[str, Any] = msgspec.json.decode(answer.content)
        parts = ("accepted", "duplicates", "dropped_by_consent", "quarantined")
        assert sum(counts[part] for part in parts) == len(events)
        return counts


def problem(answer: HttpResponse) -> dict[str, Any]:
    """Return the problem an answer states."""
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = msgspec.json.decode(answer.content)
    assert body["status"] == answer.status_code
    assert body["detail"]
    return body
