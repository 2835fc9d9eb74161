"""Count what quality rules found on closed days, for the audit page."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from signals.derive.quality import count_quality
from signals.management.moment import add_now, chosen_now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Runs the conductor of the same name once."""

    help = "Count what quality rules found on closed days, for the audit page."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the moment of a played world, and where the report goes."""
        add_now(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say how much there was."""
        cells = count_quality(now=chosen_now(options["now"]))
        self.stdout.write(f"{cells} cells that may be shown")
        write_json(options["json"], {"cells": cells})
