"""Write the signed head of the ledger to a file outside the database (L1)."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signals import anchors
from signals.ledger import LedgerBrokenError
from signals.management.moment import add_now, chosen_now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Check the ledger and everything anchored of it, then anchor its head."""

    help = "Anchor the ledger's head in the signed file; safe to run again"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a reason where the database was restored, the moment, and where the report goes."""
        parser.add_argument(
            "--restored",
            default="",
            metavar="REASON",
            help="entries that were anchored are gone, because a backup was restored",
        )
        add_now(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Anchor it and tell the line to keep elsewhere."""
        try:
            made = anchors.anchor(now=chosen_now(options["now"]), restored=options["restored"])
            key = anchors.public_key()
        except (LedgerBrokenError, anchors.AnchorKeyError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{made.entries} entries anchored, head {made.head}, at {made.at}.")
        self.stdout.write(f"Public key: {key}")
        write_json(options["json"], {**asdict(made), "public_key": key})
