"""Go on with erasures that something interrupted: a killed process, a cache or a database away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from signals.management.moment import add_now, chosen_now
from signals.management.report import add_json, write_json
from signals.privacy import erasure, requests


class Command(BaseCommand):
    """Runs the conductor of the same name once."""

    help = "Go on with erasures that are not at their end"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the moment of a played world, and where the report goes."""
        add_now(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say how many are done, and how many wait."""
        done = erasure.resume(now=chosen_now(options["now"]))
        said = {"done": done, "waiting": len(requests.waiting_erasures())}
        self.stdout.write(f"{said['done']} erasures are done now, {said['waiting']} wait.")
        write_json(options["json"], said)
