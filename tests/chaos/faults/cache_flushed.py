"""Everything in the cache and the broker is gone, again and again."""

from time import sleep

from tests.chaos.faults.base import Scene

TITLE = "cache and broker emptied five times"


def strike(scene: Scene) -> None:
    """Flush it."""
    for _ in range(5):
        scene.product.cache().flushall()
        sleep(0.8)
