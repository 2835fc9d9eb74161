"""Rebuild the features of learners whose events changed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from signals.derive.features import derive_features
from signals.management.moment import add_now, chosen_now


class Command(BaseCommand):
    """Runs the conductor of the same name once."""

    help = "Rebuild the features of learners whose events changed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the moment of a played world."""
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say how much there was."""
        self.stdout.write(f"{derive_features(now=chosen_now(options['now']))} learners rebuilt")
