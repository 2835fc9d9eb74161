"""Every connection to PostgreSQL is cut, again and again."""

from time import sleep

from tests.chaos.faults.base import Scene

TITLE = "every connection cut, five times"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


def strike(scene: Scene) -> None:
    """End the sessions of all."""
    for _ in range(5):
        with scene.product.database() as connection:
            connection.execute(CUT)
        sleep(1)
