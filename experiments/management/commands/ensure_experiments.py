"""Plan, register and start the first experiment where that has not been done."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from experiments import api
from experiments.data import FIRST_EXPERIMENT
from signals.data import SYSTEM
from signals.management.moment import add_now, chosen_now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Runs once on every start; what is there already is left as it is."""

    help = "Register and start the first experiment (model against generic list), once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the moment of a played world, and where the report goes."""
        add_now(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Ensure it and say where it stands."""
        state = api.ensure_first_experiment(SYSTEM, now=chosen_now(options["now"]))
        self.stdout.write(f"{FIRST_EXPERIMENT}: {state}")
        write_json(options["json"], {"experiment": FIRST_EXPERIMENT, "state": str(state)})
