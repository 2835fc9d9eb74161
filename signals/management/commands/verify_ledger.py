"""Was the ledger touched since it was written? Recomputes the whole chain."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signals import ledger
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Says how long the chain is; fails at the first entry that does not fit."""

    help = "Verify the ledger's chain. Keep the length elsewhere: cut off at the end it still fits."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the report goes."""
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify it."""
        try:
            entries = ledger.verify()
        except ledger.LedgerBrokenError as broken:
            write_json(options["json"], {"holds": False, "broken_at": broken.sequence})
            raise CommandError(str(broken)) from broken
        self.stdout.write(f"The chain of {entries} entries holds.")
        write_json(options["json"], {"holds": True, "entries": entries})
