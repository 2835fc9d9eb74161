"""The disk of the models is full when a night's model is to be written."""

import subprocess
import sys

from tests.chaos.faults.base import Scene
from tests.signals.spool.deployment import ROOT

TITLE = "no room for a new model"
MOST_BYTES = 30_000  # a file this training may write


def strike(scene: Scene) -> None:
    """Let no file grow; the training says so and the live model stays."""
    before = scene.product.live()
    limited = (
        "import resource,runpy,sys;"
        f"resource.setrlimit(resource.RLIMIT_FSIZE,({MOST_BYTES},{MOST_BYTES}));"
        "sys.argv=['manage.py','retrain'];runpy.run_path('manage.py',run_name='__main__')"
    )
    done = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-W", "ignore", "-c", limited],
        env=scene.product.environment,
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if done.returncode == 0 and b"promoted" in done.stdout:
        scene.notes.append("a training without room said that its model is live")
    if scene.product.live() != before:
        scene.notes.append("another model is live after a training without room")
