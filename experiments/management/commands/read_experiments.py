"""Take the planned looks whose moment has come."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from experiments import api
from signals.management.moment import add_now, chosen_now


class Command(BaseCommand):
    """Runs every night, by the clock or by hand; a look that was taken is not taken again."""

    help = (
        "Compute and keep every planned look of running experiments that is due, and read again "
        "what was shipped 30, 90 and 180 days ago; then who came back, week by week."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file to write and the moment of a played world."""
        parser.add_argument("--json", metavar="OUT", help="write the looks taken to this file")
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the looks and print what they say."""
        taken = api.take_due_looks(now=chosen_now(options["now"]))
        for look in taken:
            self.stdout.write(f"{look.key}, look {look.look}: {look.sentence}")
        if not taken:
            self.stdout.write("No look is due.")
        for again in api.take_due_rereads(now=chosen_now(options["now"])):
            self.stdout.write(f"{again.key}, read again after {again.day} days: {again.sentence}")
        if read := api.read_returns(now=chosen_now(options["now"])):
            self.stdout.write(f"Who came back, week by week: read of {read} experiments.")
        if options["json"]:
            Path(options["json"]).write_text(
                json.dumps([asdict(look) for look in taken]), encoding="utf-8"
            )
