"""A backup of the keys database, in a place of its own, kept thirty days at most."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from personalize.operations import backup
from personalize.operations.pg_tools import ToolError
from signals.clock import now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Deletes what is older by itself: a copy of a key undoes an erasure."""

    help = "Back up the keys database into FOLDER, and delete its backups of over 30 days ago"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and say where it is."""
        try:
            made = backup.save_keys(options["folder"], now=now())
        except (backup.BackupError, ToolError) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{made} is whole.")
        write_json(options["json"], {"backup": str(made)})
