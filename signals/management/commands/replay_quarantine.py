"""Take in again what was refused and fits by now."""

from argparse import ArgumentTypeError
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.dateparse import parse_date, parse_datetime

from signals.capture.replay import Wanted, replay
from signals.clock import now
from signals.management.report import add_json, operator, write_json


def moment(text: str) -> datetime:
    """Return a day or a moment, in UTC where it says no zone."""
    try:
        day = parse_date(text)
        at = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else parse_datetime(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r}: {error}") from error
    if at is None:
        raise ArgumentTypeError(f"{text!r} is no day like 2026-11-02 and no moment in ISO 8601.")
    return at if at.tzinfo else at.replace(tzinfo=UTC)


class Command(BaseCommand):
    """Runs the conductor once."""

    help = "Replay the quarantine by filter, e.g. --reason unknown_course --source lms; idempotent."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the filters."""
        parser.add_argument("--reason", default="", help="the code of the refusal")
        parser.add_argument("--source", default="", help="the name of the source")
        parser.add_argument("--since", type=moment, help="received at or after this day or moment")
        parser.add_argument("--until", type=moment, help="received before this day or moment")
        parser.add_argument("--backfill", action="store_true", help="take events of 13 months")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would come, store none"
        )
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say what came."""
        names = ("reason", "source", "since", "until")
        came = replay(
            operator(),
            Wanted(**{name: options[name] for name in names}),
            now=now(),
            backfill=options["backfill"],
            dry_run=options["dry_run"],
        )
        would = "would be" if came.dry_run else "were"
        self.stdout.write(
            f"{came.found} refusals: {came.replayed} {would} taken in ({came.stored} new),"
            f" {came.refused} still do not fit {came.reasons or ''}"
        )
        write_json(options["json"], asdict(came))
