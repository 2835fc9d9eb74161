"""PostgreSQL is killed, three times."""

from time import sleep

from tests.chaos.faults.base import Scene

TITLE = "PostgreSQL killed three times"


def strike(scene: Scene) -> None:
    """Kill -9; the supervisor starts it again."""
    for _ in range(3):
        scene.product.recovered()  # else there is nobody to kill: a crash is replayed first
        scene.product.kill_postgres()
        sleep(1)
