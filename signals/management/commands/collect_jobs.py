"""Read job posts from a file, a folder or a listed feed (L1)."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signals.capture.jobs.base import JobSourceError
from signals.capture.jobs.collect import collect_feeds, collect_jobs
from signals.capture.jobs.registry import SOURCES
from signals.clock import now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Reads one source once, or all listed feeds."""

    help = "Read job posts: a source and where it is; without both, all feeds of JOB_FEEDS."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the source, where it is, and where the report goes."""
        parser.add_argument("source", nargs="?", choices=tuple(SOURCES))
        parser.add_argument("origin", nargs="?", help="a file, a folder, or a listed address")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say how much there was."""
        if options["source"] is None:
            read = collect_feeds(now=now())
            self.stdout.write(f"{read} feeds read")
            write_json(options["json"], {"feeds": read})
            return
        if options["origin"] is None:
            raise CommandError("Say where it is: a file, a folder, or an address of JOB_FEEDS.")
        try:
            report = collect_jobs(options["source"], options["origin"], now=now())
        except JobSourceError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{report.posts} posts of {report.as_of}, {report.terms} terms kept")
        write_json(options["json"], {**asdict(report), "as_of": report.as_of.isoformat()})
