"""Give approved campaigns to their next learners, and end what is over (L5)."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from personalize.experience.campaigns import running
from signals.management.moment import add_now, chosen_now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Print what was done."""

    help = "Give approved campaigns to their next learners; safe to run again"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file for the result and, in a played world, the moment."""
        add_json(parser)
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it once."""
        found = asdict(running.run(now=chosen_now(options["now"])))
        self.stdout.write(", ".join(f"{n} {what}" for what, n in found.items()) + ".")
        write_json(options["json"], found)
