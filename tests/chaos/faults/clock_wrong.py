"""Senders' clocks are three days ahead or behind."""

import json
from datetime import timedelta
from uuid import uuid4

from tests.chaos.faults.base import Scene
from tests.factories import moment

TITLE = "clocks of senders three days ahead and behind"
OFF = (timedelta(days=3), timedelta(days=-3))


def strike(scene: Scene) -> None:
    """Send from both; an event is stored once, or refused and kept."""
    for number in range(60):
        at = moment() + OFF[number % 2]
        events = [
            {
                "id": str(uuid4()),
                "learner": f"learner-{n}",
                "kind": "search.performed",
                "value": 3,
                "context": {"query": f"wish {n}"},
                "occurred_at": (at - timedelta(seconds=n)).isoformat(),
            }
            for n in range(10)
        ]
        ids = {str(event["id"]) for event in events}
        with scene.ledger.lock:
            scene.ledger.sent |= ids
        body = json.dumps({"sent_at": at.isoformat(), "batch": events}).encode()
        if scene.product.send(scene.ledger, ids, body) != 200:
            scene.notes.append("a batch of a wrong clock was not answered 200")
