"""Read the key figures beside the permanent comparison group."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from experiments import api
from signals.management.moment import add_now, chosen_now


class Command(BaseCommand):
    """Runs every night, by the clock or by hand."""

    help = "Read each key figure of those who take part and of the comparison group; keep it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file to write and the moment of a played world."""
        parser.add_argument(
            "--json", metavar="OUT", help="write how many can be shown to this file"
        )
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, keep, and say how many can be shown."""
        shown = api.read_lifts(now=chosen_now(options["now"]))
        self.stdout.write(f"{shown} of {len(api.KEY_FIGURES)} key figures can be shown.")
        if options["json"]:
            Path(options["json"]).write_text(json.dumps({"shown": shown}), encoding="utf-8")
