"""Rebuild the features of learners whose events changed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from signals.derive.features import derive_features
from signals.management.moment import add_now, chosen_now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Runs the conductor of the same name once."""

    help = "Rebuild the features of learners whose events changed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the moment of a played world, and where the report goes."""
        add_now(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say how much there was."""
        learners = derive_features(now=chosen_now(options["now"]))
        self.stdout.write(f"{learners} learners rebuilt")
        write_json(options["json"], {"learners": learners})
