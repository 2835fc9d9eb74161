"""PostgreSQL is away for a while."""

import os
from time import sleep

from tests.chaos.faults.base import Scene
from tests.chaos.product import SERVERS

TITLE = "PostgreSQL away"
AWAY_S = float(os.environ.get("NORTHWAY_AWAY_S", "10"))


def strike(scene: Scene) -> None:
    """Take it away and give it back; what came meanwhile went to disk."""
    with scene.product.holding(SERVERS):
        scene.product.kill_postgres()
        sleep(AWAY_S)
    sleep(3)
    if not scene.ledger.spooled:
        scene.notes.append("nothing went to disk while PostgreSQL was away")
