"""Runs one benchmark in a world of its own: its own servers, tables and models, then removes them.

`manage.py bench NAME` starts this; `python -m benchmarks NAME` does the same.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = (
    "analyse",
    "assign",
    "capture",
    "growth",
    "peak",
    "recommend",
    "retrain",
    "size",
    "soak",
    "spike",
)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--clients", type=int, default=None, help="connections at once")
    parser.add_argument("--learners", type=int, default=None)
    parser.add_argument("--courses", type=int, default=None)
    parser.add_argument("--pairs", type=int, default=None, help="choices to learn from")
    parser.add_argument("--seconds", type=int, default=None, help="of the flow")
    parser.add_argument("--events-per-s", type=int, default=None, help="of the flow")
    parser.add_argument("--events-a-choice", type=int, default=None, help="of a size")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--json", type=Path, default=None, help="write the figures to this file")
    return parser.parse_args()


def main() -> None:
    """Make the world, measure, print and write the figures."""
    arguments = _arguments()
    if arguments.name == "growth":  # each size makes its own world
        return _write(arguments, import_module("benchmarks.growth").measure(arguments))
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    # On the disk the product would use: a durable commit has to cost what it costs.
    world = Path(tempfile.mkdtemp(prefix="world-", dir=folder))
    world.chmod(0o755)
    os.environ["NORTHWAY_VAR"] = str(world)
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    # These read the two variables above when they are imported.
    local = import_module("personalize.local")
    try:
        with local.servers():
            figures = import_module("benchmarks.world").measure(arguments)
    finally:
        local.remove()
        shutil.rmtree(world, ignore_errors=True)
    return _write(arguments, figures)


def _write(arguments: argparse.Namespace, figures: Mapping[str, object]) -> None:
    text = json.dumps(figures, indent=2)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
