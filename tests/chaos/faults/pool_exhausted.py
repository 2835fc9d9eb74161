"""Somebody else holds every connection PostgreSQL has to give."""

from contextlib import ExitStack, suppress
from time import sleep

import psycopg

from tests.chaos.faults.base import Scene

TITLE = "no connection left in PostgreSQL for 6 s"
MORE_THAN_THERE_ARE = 120


def strike(scene: Scene) -> None:
    """Cut what others hold and take all there are; then let go."""
    with ExitStack() as held:
        for _ in range(MORE_THAN_THERE_ARE):
            with suppress(psycopg.OperationalError):
                held.enter_context(scene.product.database())
        with suppress(psycopg.OperationalError), scene.product.database() as connection:
            connection.execute("SELECT 1")
        sleep(6)
    sleep(2)
