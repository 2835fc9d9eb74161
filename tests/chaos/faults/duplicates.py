"""The same batches come from eight senders at the same time, again and again."""

import json
import threading
from uuid import uuid4

from tests.chaos.faults.base import Scene
from tests.factories import moment

TITLE = "the same batches from eight senders at once"
SENDERS, ROUNDS, EVENTS = 8, 12, 20


def strike(scene: Scene) -> None:
    """Send each batch eight times in parallel."""
    for _ in range(ROUNDS):
        events = [
            {
                "id": str(uuid4()),
                "learner": f"learner-{n}",
                "kind": "search.performed",
                "value": 1,
                "context": {"query": f"again {n}"},
                "occurred_at": moment(minutes=1).isoformat(),
            }
            for n in range(EVENTS)
        ]
        _together(scene, events)


def _together(scene: Scene, events: list[dict[str, object]]) -> None:
    ids = {str(event["id"]) for event in events}
    with scene.ledger.lock:
        scene.ledger.sent |= ids
    start = threading.Barrier(SENDERS)

    def send(number: int) -> None:
        turned = events[number:] + events[:number]
        body = json.dumps({"batch": turned}).encode()
        start.wait(30)
        scene.product.send(scene.ledger, ids, body)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
