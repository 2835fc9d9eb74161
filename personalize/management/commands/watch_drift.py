"""Hold what arrives against the same hours of the two weeks before (L3)."""

from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandParser

from personalize.engine.drift.watch import watch_drift
from signals.management.moment import add_now, chosen_now


class Command(BaseCommand):
    """Print what moved beyond chance."""

    help = "Look for drift in what arrives and what is answered; opens, renews and ends alerts"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file for the result and, in a played world, the moment."""
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the result here too")
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and tell what moved; drift is a result, not an error."""
        watched = watch_drift(now=chosen_now(options["now"]))
        for look in watched.looks:
            for moved in look.moved:
                minutes = moved.steps * 5
                self.stdout.write(
                    f"{look.feature} {moved.part}: {moved.change:+.1%} in {minutes} minutes "
                    f"({abs(moved.score):.1f} standard errors, limit {moved.limit:.1f})"
                )
        self.stdout.write(watched.says)
        if options["json"] is not None:
            options["json"].write_bytes(msgspec.json.encode(watched))
