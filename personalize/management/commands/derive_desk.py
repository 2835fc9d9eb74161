"""Count what creators see: topics wanted, how courses fare, whether briefs met demand (L5)."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from personalize.experience.desk.nightly import derive_desk
from signals.clock import now


class Command(BaseCommand):
    """Runs the conductor of the same name once."""

    help = "Count topics wanted and how courses fare, and measure briefs that are due"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the report goes."""
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the report here too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say how much there was."""
        found = derive_desk(now=now())
        self.stdout.write(found.says)
        if options["json"] is not None:
            options["json"].write_text(json.dumps(asdict(found)) + "\n", encoding="utf-8")
