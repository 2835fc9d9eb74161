"""Does a decision come out again as it was logged? (L4) One by its id, or all of some days."""

import json
from argparse import ArgumentTypeError
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from personalize.data import Outcome, Replayed
from personalize.decision import log, replayed
from signals.clock import now

SHOWN = 10  # decisions that are named where many differ
EXPLAINED = frozenset({Outcome.CHANGED_SINCE, Outcome.GONE})  # there is something to look at


class Command(BaseCommand):
    """Replay and compare; ends with an error where something is otherwise and nothing changed."""

    help = "Make logged decisions again from what they were made from, and compare"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take an id, or how many days."""
        wanted = parser.add_mutually_exclusive_group(required=True)
        wanted.add_argument("request_id", nargs="?", type=_id, metavar="ID", help="of the list")
        wanted.add_argument("--days", type=int, help="all decisions of so many days up to now")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the result here too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what came out again, and what did not."""
        if options["request_id"] is not None:
            found = [self._one(options["request_id"])]
        else:
            log.flush()
            until = now()
            found = list(
                replayed.all_of(since=until - timedelta(days=options["days"]), until=until)
            )
        told = _counts(found)
        if options["json"] is not None:
            options["json"].write_text(json.dumps(told), encoding="utf-8")
        self._tell(found, told)

    def _tell(self, found: list[Replayed], told: dict[str, int]) -> None:
        """Write counts by kind and name what is otherwise; CommandError where that has no cause."""
        self.stdout.write(f"{len(found)} decisions, {told[Outcome.SAME]} came out the same.")
        for kind in list(Outcome)[1:]:
            if told[kind]:
                self.stdout.write(f"{told[kind]}: {kind}")
        for one in [one for one in found if one.outcome in EXPLAINED][:SHOWN]:
            self.stdout.write(f"{one.request_id}: {' '.join(one.said)}")
        differ = [one for one in found if one.outcome is Outcome.DIFFERENT]
        if differ:
            raise CommandError(
                "\n".join(f"{one.request_id}: {' '.join(one.said)}" for one in differ[:SHOWN])
            )

    def _one(self, request_id: UUID) -> Replayed:
        found = replayed.replayed(request_id)
        if found is None:
            raise CommandError(
                f"There is no decision {request_id}. Decisions are kept 180 days; check the id."
            )
        return found


def _counts(found: list[Replayed]) -> dict[str, int]:
    """Return how many came out how; every kind is named."""
    counted = Counter(one.outcome for one in found)
    return {kind.value: counted[kind] for kind in Outcome}


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no id of a list; it looks like a UUID.") from error
