"""Measure the product against a plain Django baseline (see benchmarks/)."""

import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

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
NUMBERS = (
    "clients",
    "learners",
    "courses",
    "pairs",
    "repetitions",
    "seconds",
    "events-per-s",
    "events-a-choice",
)


class Command(BaseCommand):
    """Hands over to a process of its own, whose servers and tables are made for the measurement."""

    help = f"Measure one of: {', '.join(NAMES)}"

    def add_arguments(self, parser: CommandParser) -> None:
        """What `python -m benchmarks` takes."""
        parser.add_argument("name", choices=NAMES)
        for option in NUMBERS:
            parser.add_argument(f"--{option}", type=int)
        parser.add_argument("--json", metavar="OUT")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; its output is ours."""
        command = [sys.executable, "-m", "benchmarks", options["name"]]
        for option in (*NUMBERS, "json"):
            given = options[option.replace("-", "_")]
            if given is not None:
                command += [f"--{option}", str(given)]
        done = subprocess.run(command, cwd=settings.BASE_DIR, check=False)  # noqa: S603  our own
        if done.returncode:
            raise CommandError("the benchmark failed; what it said is above")
