"""Brings a backup back into empty databases; run it before the product takes requests."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from personalize.operations import restore
from personalize.operations.backup import BackupError
from personalize.operations.pg_tools import ToolError
from signals.clock import now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Ends with who was erased since forgotten again, and the ledger verified."""

    help = "Bring a backup back into empty databases and forget again who was erased since"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the backups and the reason for the ledger's anchor."""
        parser.add_argument("backup", type=Path, help="a folder made by the command backup")
        parser.add_argument(
            "--keys",
            type=Path,
            metavar="BACKUP",
            help="one made by backup_keys, the newest; leave it out where the keys are not lost",
        )
        parser.add_argument("--reason", required=True, help="signed with the head of the ledger")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring it back and say what came."""
        try:
            done = restore.restore(
                options["backup"], keys=options["keys"], reason=options["reason"], now=now()
            )
        except (BackupError, ToolError) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"Back as of {done.made_at}.")
        self.stdout.write("\n".join(done.steps))
        write_json(options["json"], asdict(done))
