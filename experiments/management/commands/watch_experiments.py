"""Stop the running experiments that do harm, and open to more those that do none."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from experiments import api
from signals.management.moment import add_now, chosen_now


class Command(BaseCommand):
    """Runs every five minutes, by the clock or by hand."""

    help = (
        "Roll back every running experiment whose progression or guardrails fell; open the others "
        "to the next share of their plans where the evidence is enough."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file to write and the moment of a played world."""
        parser.add_argument("--json", metavar="OUT", help="write what was rolled back to this file")
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, stop what does harm, and print why."""
        at = chosen_now(options["now"])
        stopped = api.roll_back_harm(now=at)
        for one in stopped:
            self.stdout.write(f"{one.key}: {one.reason}")
        if not stopped:
            self.stdout.write("Nothing that may not fall fell.")
        for key, share in api.widen_by_evidence(now=at):
            self.stdout.write(f"{key}: open to {share:.1%} of learners from now on.")
        if options["json"]:
            Path(options["json"]).write_text(
                json.dumps([asdict(one) for one in stopped]), encoding="utf-8"
            )
