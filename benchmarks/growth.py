"""How do time, memory and bytes grow with a platform? One size after the other, each in its world.

Learners and courses first grow together, to three and ten times; then learners, courses and events
of a learner grow tenfold alone, so that what grows faster than its cause is seen.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

LEARNERS, COURSES, EVENTS_A_CHOICE = 5_000, 300, 5
SIZES = {  # learners, courses, events: how many times as many
    "1": (1, 1, 1),
    "3": (3, 3, 1),
    "10": (10, 10, 1),
    "10 learners": (10, 1, 1),
    "10 courses": (1, 10, 1),
    "10 events": (1, 1, 10),
}

Figures = Mapping[str, float | int | str | None]


def measure(arguments: argparse.Namespace) -> dict[str, Figures]:
    """Return the figures of `bench size` for every size."""
    learners, courses = arguments.learners or LEARNERS, arguments.courses or COURSES
    each = arguments.events_a_choice or EVENTS_A_CHOICE
    found: dict[str, Figures] = {}
    for name, (more, wider, longer) in SIZES.items():
        with TemporaryDirectory() as folder:
            out = Path(folder) / "size.json"
            words = ["--learners", str(learners * more), "--courses", str(courses * wider)]
            words += ["--events-a-choice", str(each * longer), "--json", str(out)]
            command = [sys.executable, "-m", "benchmarks", "size", *words]
            done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)  # noqa: S603  our own
            if done.returncode:
                raise SystemExit(f"the size of {name} times failed; what it said is above")
            found[name] = json.loads(out.read_text(encoding="utf-8"))
        if arguments.json:  # what was measured is kept where a later size fails
            arguments.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return found
