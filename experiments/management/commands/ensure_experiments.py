"""Plan, register and start what comes with the product where that has not been done."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from experiments import api
from experiments.data import FIRST_EXPERIMENT
from signals.data import SYSTEM
from signals.management.moment import add_now, chosen_now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Runs once on every start; what is there already is left as it is."""

    help = "Register and start the experiments that come with the product, once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the moment of a played world, and where the report goes."""
        add_now(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Ensure it and say where it stands."""
        now = chosen_now(options["now"])
        state = api.ensure_first_experiment(SYSTEM, now=now)
        openings = api.ensure_openings(SYSTEM, now=now)
        for key, where in {FIRST_EXPERIMENT: state, **openings}.items():
            self.stdout.write(f"{key}: {where}")
        told = {"experiment": FIRST_EXPERIMENT, "state": str(state), "openings": openings}
        write_json(options["json"], told)
