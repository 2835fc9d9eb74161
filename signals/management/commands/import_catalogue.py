"""Bring in a catalogue: courses, modules and skills of a file (L1)."""

from time import perf_counter
from typing import Any

from django.core.management.base import CommandError

from signals.capture.imports.catalogue import import_catalogue
from signals.clock import now
from signals.management.imports import ImportCommand
from signals.management.report import operator


class Command(ImportCommand):
    """Upserts a catalogue and reports what was refused, and why."""

    help = __doc__

    def handle(self, *_args: object, **options: Any) -> None:
        """Run it."""
        started = perf_counter()
        try:
            report = import_catalogue(
                options["file"],
                given=self.given(options["map"]),
                actor=operator(),
                now=now(),
                say=self.say,
            )
        except ValueError as error:
            raise CommandError(str(error)) from error
        seconds = round(perf_counter() - started, 2)
        self.finish({**report.as_dict(), "seconds": seconds}, options["json"])
