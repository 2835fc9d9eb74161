"""What do the databases need before a new version serves? Run once a deployment, or more often."""

import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection

from signals.management.report import add_json, write_json

LOCK = 7_311_906_255_530_022  # one release at a time
TRIES = 30
PAUSE_S = 2.0
LOCK_NOT_AVAILABLE = "55P03"
STEPS: tuple[tuple[str, dict[str, object]], ...] = (
    ("migrate", {"verbosity": 0, "interactive": False}),
    ("migrate", {"database": "keys", "verbosity": 0, "interactive": False}),
    ("ensure_schedules", {}),
    ("ensure_experiments", {}),
    ("ensure_partitions", {}),
)


class Command(BaseCommand):
    """Migrates while the version before serves; a table that is in use is asked for again."""

    help = "Bring both databases, schedules and partitions up to this version, without a stop"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the report goes."""
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each step, waiting for tables in use, and say what was done."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            [alone] = cursor.fetchone() or [False]
            if not alone:
                raise CommandError("Another release is under way.")
        waited = 0
        try:
            for name, said in STEPS:
                waited += self._until_free(name, said)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        self.stdout.write(f"Released; waited {waited} times for a table in use.")
        write_json(options["json"], {"waited": waited})

    def _until_free(self, name: str, said: dict[str, object]) -> int:
        """Run a command, and again where a lock was not given in time; return how often again."""
        for tried in range(TRIES):
            try:
                call_command(name, **said, stdout=self.stdout)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                    raise
                self.stdout.write(f"{name}: a table is in use; asked for again.")
                time.sleep(PAUSE_S)
            else:
                return tried
        raise CommandError(
            f"{name} did not get its lock in {TRIES} tries. Look for a long transaction in"
            " pg_stat_activity, then run release again; what was done stays done."
        )
