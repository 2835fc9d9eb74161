"""Read the catalogue; propose skills, levels, what to take before, and what to look at (L5)."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandParser

from personalize.agents.metadata.proposing import propose
from signals.management.moment import add_now, chosen_now


class Command(BaseCommand):
    """Print what was proposed and withdrawn."""

    help = "Propose what could be put right of courses; a person decides at /create/metadata/"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file for the result and, in a played world, the moment."""
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the result here too")
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it once; safe to run again."""
        ran = propose(now=chosen_now(options["now"]))
        told = (
            f"{ran.courses} courses read, {ran.proposed} newly proposed, {ran.withdrawn} withdrawn."
        )
        self.stdout.write(ran.why or told)
        if options["json"] is not None:
            options["json"].write_bytes(msgspec.json.encode(asdict(ran)))
