"""Ten times as many come at once."""

from time import sleep

from tests.chaos.answers import Answers
from tests.chaos.faults.base import Scene
from tests.signals.spool.deployment import Ledger

TITLE = "ten times as many senders and readers for 8 s"
SHEDS = True
MANY = 10
ALLOWED = frozenset({200, 429, 503, 0})


def strike(scene: Scene) -> None:
    """Let them come; what is not taken is answered 429 or 503, and nothing acknowledged is lost."""
    more, others = Ledger(), Answers()
    with scene.product.readers(others, many=MANY):
        for _ in range(2):
            with scene.product.clients(more, resend=False):
                sleep(4)
    with scene.ledger.lock:
        scene.ledger.sent |= more.sent
        scene.ledger.acked |= more.acked
    odd = {*more.statuses, *others.statuses} - ALLOWED
    if odd:
        scene.notes.append(f"answers of a spike: {sorted(odd)}")
    scene.notes += others.wrong[:3]
