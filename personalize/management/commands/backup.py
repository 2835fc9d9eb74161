"""A backup of data, models, what waits on this node's disk and the anchors of the ledger."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from personalize.operations import backup
from personalize.operations.pg_tools import ToolError
from signals.clock import now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Makes a folder named after the moment; it is there when it is whole."""

    help = "Back up everything but keys into FOLDER (keys: backup_keys, elsewhere)"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder, and how long backups are kept there."""
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--keep-days", type=int, metavar="N", help="delete backups in FOLDER older than this"
        )
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and say where it is."""
        at = now()
        try:
            made = backup.save_data(options["folder"], now=at)
        except (backup.BackupError, ToolError) as problem:
            raise CommandError(str(problem)) from problem
        days = options["keep_days"]
        expired = 0 if days is None else backup.expire(options["folder"], days=days, now=at)
        self.stdout.write(f"{made} is whole; {expired} old ones were deleted.")
        write_json(options["json"], {"backup": str(made), "expired": expired})
