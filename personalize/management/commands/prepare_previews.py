"""Make the newest requests ready, so that previews of rules and weights are over all of them (L4).

The same job runs every ten minutes; this is for the first time.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from personalize.decision.whatif import gather
from signals.clock import now


class Command(BaseCommand):
    """Runs the job of the same name once."""

    help = "Make the newest requests ready to be played under other rules"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the report goes."""
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the report here too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say how many there are."""
        done = gather.prepare(now=now())
        self.stdout.write(f"{done.added} requests made ready, {done.kept} in all.")
        if options["json"] is not None:
            options["json"].write_text(json.dumps(asdict(done)) + "\n", encoding="utf-8")
