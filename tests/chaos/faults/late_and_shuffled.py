"""What happened over a week comes late, in any order, some of it twice."""

import json
from uuid import uuid4

import numpy as np

from tests.chaos.faults.base import Scene
from tests.factories import moment

TITLE = "a week's events late, shuffled, some twice"
EVENTS, BATCH = 800, 40


def strike(scene: Scene) -> None:
    """Send them."""
    events = [
        {
            "id": str(uuid4()),
            "learner": f"learner-{n % 50}",
            "kind": "search.performed",
            "value": 1,
            "context": {"query": f"late {n}"},
            "occurred_at": moment(minutes=12 * n).isoformat(),
        }
        for n in range(EVENTS)
    ]
    with scene.ledger.lock:
        scene.ledger.sent |= {str(event["id"]) for event in events}
    twice = events + events[::4]
    shuffled = [twice[n] for n in np.random.default_rng(7).permutation(len(twice))]
    for at in range(0, len(shuffled), BATCH):
        batch = shuffled[at : at + BATCH]
        ids = {str(event["id"]) for event in batch}
        if scene.product.send(scene.ledger, ids, json.dumps({"batch": batch}).encode()) != 200:
            scene.notes.append("a late batch was not answered 200")
