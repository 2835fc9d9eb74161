"""Bring in occupations: titles and what they ask for, of O*NET's files or a CSV (L1)."""

from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import CommandError, CommandParser

from signals.capture.imports.occupations import import_occupations
from signals.management.imports import ImportCommand


class Command(ImportCommand):
    """Puts the occupations of a source in place of its last and reports what was refused."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder or file, and where the report goes."""
        parser.add_argument("path", type=Path, help="a CSV, or a folder with O*NET's tables")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the report here")

    def handle(self, *_args: object, **options: Any) -> None:
        """Run it."""
        started = perf_counter()
        try:
            report = import_occupations(options["path"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        seconds = round(perf_counter() - started, 2)
        self.finish({**asdict(report), "seconds": seconds}, options["json"])
