"""Add new events to the five-minute rollups."""

from django.core.management.base import BaseCommand

from signals.clock import now
from signals.derive.rollups import roll_up


class Command(BaseCommand):
    """Runs the conductor of the same name once."""

    help = "Add new events to the five-minute rollups."

    def handle(self, *args: object, **options: object) -> None:
        """Run it and say how much there was."""
        self.stdout.write(f"{roll_up(now=now())} rollup rows touched")
