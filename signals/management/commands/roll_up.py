"""Add new events to the five-minute rollups."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from signals.clock import now
from signals.derive.rollups import roll_up
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Runs the conductor of the same name once."""

    help = "Add new events to the five-minute rollups."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the report goes."""
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say how much there was."""
        rows = roll_up(now=now())
        self.stdout.write(f"{rows} rollup rows touched")
        write_json(options["json"], {"rows": rows})
