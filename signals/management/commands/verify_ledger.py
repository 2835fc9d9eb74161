"""Was the ledger touched since it was written? Recomputes the whole chain."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signals import anchors
from signals.ledger import LedgerBrokenError
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Says how long the chain is; fails at the first entry that does not fit."""

    help = "Verify the ledger's chain, and hold it against every signed anchor"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the report goes."""
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify it."""
        try:
            found = anchors.verify()
        except (LedgerBrokenError, anchors.AnchorKeyError) as broken:
            at = getattr(broken, "sequence", None)
            write_json(options["json"], {"holds": False, "broken_at": at})
            raise CommandError(str(broken)) from broken
        self.stdout.write(f"The chain of {found.entries} entries holds.")
        if found.last is None:
            self.stdout.write("Nothing was anchored: a cut tail could not be seen.")
        else:
            self.stdout.write(f"So do {found.anchors} anchors, the last of {found.last.at}.")
        report = {"holds": True, "entries": found.entries, "anchors": found.anchors}
        write_json(options["json"], report)
