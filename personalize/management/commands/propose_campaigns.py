"""Propose a message to each group of learners that stands still (L5)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from personalize.experience.campaigns import deciding
from signals.management.moment import add_now, chosen_now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Print what was done."""

    help = "Propose campaigns from groups of twenty and more; safe to run again"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file for the result and, in a played world, the moment."""
        add_json(parser)
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it once."""
        found = deciding.find(now=chosen_now(options["now"]))
        self.stdout.write(f"{found} proposed; nothing is sent before a person approves it.")
        write_json(options["json"], {"proposed": found})
