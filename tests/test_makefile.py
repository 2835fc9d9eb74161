"""What `make clean` runs is there: it stops the servers before their files are removed."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_make_clean_runs_a_program_that_is_there(tmp_path: Path) -> None:
    shown = subprocess.run(
        ["make", "-n", "clean", "PYTHON=python3"],  # noqa: S607  whichever make there is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    programs = set(re.findall(r"python3 (.+) remove", shown))
    assert len(programs) == 1
    asked = subprocess.run(  # noqa: S603  our own
        [sys.executable, *programs.pop().split(), "status"],
        cwd=ROOT,
        env={**os.environ, "NORTHWAY_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout == "postgres=not running\nvalkey=not running\n"
