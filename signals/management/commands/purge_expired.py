"""Let go of what is older than its retention: events, searches, posts, refused input."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from signals.capture.retention import purge_expired
from signals.management.moment import add_now, chosen_now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Runs the nightly conductor of the same name once."""

    help = "Drop months of events, old texts and quarantine past their retention."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the moment of a played world, and where the report goes."""
        add_now(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say how much there was."""
        gone = purge_expired(now=chosen_now(options["now"]))
        self.stdout.write(", ".join(f"{count} {what}" for what, count in gone.items()))
        write_json(options["json"], gone)
