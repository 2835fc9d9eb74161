"""Read the guardrails of the canary; stop it, promote it or let it go on (L3)."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from personalize.engine.canary import tend_canary
from signals.management.moment import add_now, chosen_now


class Command(BaseCommand):
    """Print what each guardrail found, and what was done."""

    help = "Watch the canary: stop it where a guardrail breaks, promote it where all have held"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file for the result and, in a played world, the moment."""
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the result here too")
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and tell what happened; a canary that is stopped is a result, not an error."""
        tended = tend_canary(now=chosen_now(options["now"]))
        for reading in tended.readings:
            verdict = "holds " if reading.holds else "BROKEN"
            self.stdout.write(f"{verdict} {reading.title}: {reading.says}")
        named = f" {tended.version}" if tended.version else ""
        self.stdout.write(f"{tended.ended}{named}: {tended.says}")
        if options["json"] is not None:
            options["json"].write_text(json.dumps(asdict(tended), indent=1), encoding="utf-8")
