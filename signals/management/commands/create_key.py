"""Make an API key for a system that sends events or asks for recommendations."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signals import api
from signals.clock import now
from signals.data import SYSTEM
from signals.management.report import add_json, write_json

DEFAULT_DAYS = 365


class Command(BaseCommand):
    """Prints the key, once: only its digest is kept."""

    help = "Make an API key for a source (made when new) and print it; it is shown only once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the source, what the key may do, and for how long."""
        parser.add_argument("source", help="short name of the sending system, e.g. moodle")
        parser.add_argument(
            "--scopes",
            default="capture",
            help="of capture, backfill, recommend, feedback, tokens, metrics; separated by commas",
        )
        parser.add_argument(
            "--profile",
            choices=["capture", "store"],
            help="of its xAPI statements keep events alone (capture) or all of them (store)",
        )
        parser.add_argument(
            "--origins",
            default="",
            help="from where its pages may send with a token, e.g. https://lms.example; by commas",
        )
        parser.add_argument("--days", type=int, default=DEFAULT_DAYS, help="until it expires")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the key and print it."""
        scopes, origins = _listed(options["scopes"]), _listed(options["origins"])
        try:
            key = api.create_key(
                options["source"],
                scopes=scopes,
                days=options["days"],
                actor=SYSTEM,
                now=now(),
                profile=options["profile"],
                origins=origins,
            )
        except ValueError as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(key)
        report = {"source": options["source"], "scopes": sorted(scopes), "days": options["days"]}
        write_json(options["json"], {**report, "key": key}, private=True)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
