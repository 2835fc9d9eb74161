"""Does a decision come out again as it was logged? (L4) One by its id, or all of some days."""

import json
from argparse import ArgumentTypeError
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from personalize.data import Replayed
from personalize.decision import log, replayed
from signals.clock import now

SHOWN = 10  # decisions that are named where many differ


class Command(BaseCommand):
    """Replay and compare; ends with an error where something is not the same."""

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
        differ = [one for one in found if one.made and not one.same]
        not_possible = Counter(one.said[0] for one in found if not one.made)
        told = {
            "decisions": len(found),
            "same": sum(one.same for one in found),
            "different": len(differ),
            "not_possible": dict(not_possible),
        }
        self.stdout.write(f"{told['decisions']} decisions, {told['same']} came out the same.")
        for reason, times in not_possible.items():
            self.stdout.write(f"{times} could not be made again. {reason}")
        if options["json"] is not None:
            options["json"].write_text(json.dumps(told), encoding="utf-8")
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


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no id of a list; it looks like a UUID.") from error
