"""What does the whole product come to in a lab: HTTP, capture, database, training, experiment?

`make demo TRUTH=...` is run once from an empty folder, and what the product's own experiment says
at its looks is read. NORTHWAY_TRUTHS names which truths are played.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.lab.truths import BAITED, RIVALS, TRUTHS
from demo.playing import EXPERIMENT
from demo.processes import ROOT

PLAYED = os.environ.get("NORTHWAY_TRUTHS", "curious,null").split(",")
OF_THE_TESTS = ("DATABASE_URL", "KEYS_URL", "BROKER_URL", "CACHE_URL", "DJANGO_SETTINGS_MODULE")
BETTER = "Model is better than generic on click-through"
LOOKS = 3


@pytest.fixture
def empty() -> Iterator[dict[str, str]]:
    """Return the environment of a demo that begins with nothing."""
    kept = {name: value for name, value in os.environ.items() if name not in OF_THE_TESTS}
    with tempfile.TemporaryDirectory(prefix="northway-lab-") as folder:
        Path(folder).chmod(0o755)
        yield {**kept, "NORTHWAY_VAR": f"{folder}/var"}


@pytest.mark.prove
@pytest.mark.parametrize("truth", PLAYED)
def test_the_experiment_of_the_product_finds_nothing_where_there_is_nothing(
    truth: str, empty: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert truth in TRUTHS, f"NORTHWAY_TRUTHS names {truth}; there are {', '.join(TRUTHS)}."
    command = [sys.executable, "-m", "demo.run", "--truth", truth, "--check"]
    done = subprocess.run(  # noqa: S603  our own demo
        command, env=empty, cwd=ROOT, capture_output=True, text=True, check=False
    )
    told = [line.strip() for line in done.stdout.splitlines() if EXPERIMENT in line]
    looks = [line for line in told if line.startswith(f"{EXPERIMENT}, look ")]
    with capsys.disabled():
        print("", truth, *told, sep="\n")  # noqa: T201  what is asked for
    assert done.returncode == 0, done.stdout[-3000:]
    assert len(looks) == LOOKS or truth in BAITED  # harm ends an experiment before its last look
    if truth not in RIVALS:  # where there is something to find, so few learners may not show it
        assert not any(BETTER in look for look in looks)
