"""At which moment does a command act? Now; in a played world, at the moment it names."""

from datetime import datetime

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from signals.clock import now


def add_now(parser: CommandParser) -> None:
    """Add the option --now."""
    parser.add_argument(
        "--now",
        metavar="ISO",
        help="act at this moment (only where NORTHWAY_DEMO_CLOCK is on)",
    )


def chosen_now(text: str | None) -> datetime:
    """Return the moment; raise CommandError where it may not be chosen or is none."""
    if text is None:
        return now()
    if not settings.DEMO_CLOCK:
        raise CommandError("--now is for played worlds: set NORTHWAY_DEMO_CLOCK=1, or leave it.")
    moment = parse_datetime(text)
    if moment is None or moment.tzinfo is None:
        raise CommandError(f"{text} is no moment. Write it like 2026-11-04T08:00:00+00:00.")
    return moment
