"""Count the searches of closed weeks to terms of at least ten learners."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from signals.clock import now
from signals.derive.demand import derive_demand
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Runs the conductor of the same name once."""

    help = "Count the searches of closed weeks to terms of at least ten learners."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the report goes."""
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say how much there was."""
        terms = derive_demand(now=now())
        self.stdout.write(f"{terms} terms stored")
        write_json(options["json"], {"terms": terms})
