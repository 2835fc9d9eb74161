"""Count the searches of closed weeks to terms of at least ten learners."""

from django.core.management.base import BaseCommand

from signals.clock import now
from signals.derive.demand import derive_demand


class Command(BaseCommand):
    """Runs the conductor of the same name once."""

    help = "Count the searches of closed weeks to terms of at least ten learners."

    def handle(self, *args: object, **options: object) -> None:
        """Run it and say how much there was."""
        self.stdout.write(f"{derive_demand(now=now())} terms stored")
