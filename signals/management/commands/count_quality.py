"""Count what quality rules found on closed days, for the audit page."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from signals.derive.quality import count_quality
from signals.management.moment import add_now, chosen_now


class Command(BaseCommand):
    """Runs the conductor of the same name once."""

    help = "Count what quality rules found on closed days, for the audit page."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the moment of a played world."""
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say how much there was."""
        self.stdout.write(
            f"{count_quality(now=chosen_now(options['now']))} cells that may be shown"
        )
