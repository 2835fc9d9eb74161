"""Train a model on newer data where drift asks for it and nothing speaks against it (L3)."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from personalize.engine.drift.retraining import retrain_for_drift
from signals.management.moment import add_now, chosen_now


class Command(BaseCommand):
    """Say what was done, or why nothing was."""

    help = "Retrain where an alert of drift asks for it; never twice in six hours"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file for the result and, in a played world, the moment."""
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the result here too")
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and tell what came of it."""
        done = retrain_for_drift(now=chosen_now(options["now"]))
        self.stdout.write(done.says)
        if options["json"] is not None:
            options["json"].write_text(json.dumps(asdict(done), indent=1), encoding="utf-8")
