"""Count what was paid in the last four closed weeks, and in the four before."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from signals.clock import now
from signals.derive.revenue import count_revenue
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Runs the conductor of the same name once."""

    help = "Count what was paid in the last four closed weeks, and in the four before."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the report goes."""
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say how much there was."""
        parts = count_revenue(now=now())
        self.stdout.write(f"{parts} parts counted")
        write_json(options["json"], {"parts": parts})
