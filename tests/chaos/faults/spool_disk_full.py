"""The disk of the spool is full while PostgreSQL is away."""

import subprocess
from time import sleep

from tests.chaos.faults.base import Scene
from tests.chaos.product import SERVERS

NEEDS_ROOT = True
TITLE = "disk of the spool full while PostgreSQL is away"


def strike(scene: Scene) -> None:
    """Put a small file system in its place; what does not fit is refused, never acknowledged."""
    product, spool = scene.product, str(scene.product.var / "spool")
    subprocess.run(  # noqa: S603  a file system of our own; needs root
        ["/bin/mount", "-t", "tmpfs", "-o", "size=160k,mode=0700", "tmpfs", spool], check=True
    )
    try:
        sleep(11)  # until the card of the node is written anew, on the small disk
        with product.holding(SERVERS):
            product.kill_postgres()
            sleep(10)
        product.recovered()
    finally:
        subprocess.run(["/bin/umount", "--lazy", spool], check=True)  # noqa: S603  as above
    if not scene.ledger.statuses.get(503):
        scene.notes.append("the disk was never full")
