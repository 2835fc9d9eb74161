"""Make the months that events go to: those ahead, and those of events that have none."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from signals.derive import partitions
from signals.management.moment import add_now, chosen_now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Runs the nightly conductor of the same name once."""

    help = "Make the partitions of events that are missing; what waited in the default moves there."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the moment of a played world, and where the report goes."""
        add_now(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say what is ready."""
        made = partitions.ensure_partitions(chosen_now(options["now"]))
        state = partitions.state()
        self.stdout.write(
            f"{made} months made; ready to {state.ahead_to:%Y-%m}, {state.waiting} events without."
        )
        write_json(options["json"], {"made": made, "waiting": state.waiting})
