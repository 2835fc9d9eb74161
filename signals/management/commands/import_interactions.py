"""Bring in a history: who took which course, when or in what order (L1)."""

from time import perf_counter
from typing import Any

from django.core.management.base import CommandError, CommandParser

from signals.capture.imports.interactions import import_interactions
from signals.clock import now
from signals.management.imports import ImportCommand
from signals.management.report import operator

FIELDS = ("learner", "course", "time", "order")


class Command(ImportCommand):
    """Merges a history, idempotently, and reports what was refused, and why."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the columns by name too."""
        super().add_arguments(parser)
        for field in FIELDS:
            parser.add_argument(f"--{field}", metavar="COL", help=f"the column of the {field}")
        parser.add_argument("--kind", default="enrolled", help="enrolled, completed or viewed")

    def handle(self, *_args: object, **options: Any) -> None:
        """Run it."""
        started = perf_counter()
        named = {field: options[field] for field in FIELDS if options[field]}
        try:
            report = import_interactions(
                options["file"],
                given={**self.given(options["map"]), **named},
                kind=options["kind"],
                actor=operator(),
                now=now(),
                say=self.say,
            )
        except ValueError as error:
            raise CommandError(str(error)) from error
        seconds = round(perf_counter() - started, 2)
        self.finish({**report.as_dict(), "seconds": seconds}, options["json"])
