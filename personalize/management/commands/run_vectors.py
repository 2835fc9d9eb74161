"""Run a file of test vectors through the product's own code."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

# A kind of vectors is one file in the app it exercises, and a line here.
RUNNERS = {
    "growthbook": "experiments.management.vectors.growthbook.run",
    "json": "signals.management.vectors.json_texts.run",
    "lrs": "signals.management.vectors.lrs.run",
    "stats": "experiments.management.vectors.stats.run",
    "unleash": "experiments.management.vectors.unleash.run",
}


class Command(BaseCommand):
    """Hands over to the runner of a kind of vectors."""

    help = "Run vectors: run_vectors lrs FILE [--json OUT]. Exits 1 when a case fails."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Which vectors, and where the report goes."""
        parser.add_argument("name", choices=sorted(RUNNERS))
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", metavar="OUT", type=Path, help="write the report here")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run and report."""
        if not options["file"].exists():
            raise CommandError(f"There is no file {options['file']}.")
        report = asdict(import_string(RUNNERS[options["name"]])(options["file"]))
        if options["json"]:
            options["json"].write_text(json.dumps(report, indent=2), encoding="utf-8")
        counts = {name: report[name] for name in ("passed", "failed", "skipped")}
        for failure in report["failures"]:
            self.stdout.write(f"{failure['id']}  {failure['title']}\n    {failure['reason']}")
        self.stdout.write(json.dumps(counts))
        if report["failed"]:
            raise CommandError(f"{report['failed']} cases failed.")
