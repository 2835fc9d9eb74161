"""After restoring a backup of either database: forget again who was erased since it was taken."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signals.management.moment import add_now, chosen_now
from signals.management.report import add_json, write_json
from signals.privacy import restored


class Command(BaseCommand):
    """Runs before the restored product takes requests."""

    help = "Forget again, after a restore, everybody who was erased since the backup"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the moment of a played world, and where the report goes."""
        add_now(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it, say what it did, and fail where it has to be run again."""
        done = restored.replay(now=chosen_now(options["now"]))
        self.stdout.write(
            f"{done.remembered} erased learners are remembered; {done.tombstones} tombstones were"
            f" put back, {done.keys} keys destroyed again, {done.learners} learners erased again,"
            f" {done.refused} refused bodies cleaned."
        )
        write_json(options["json"], asdict(done))
        if done.waiting:
            raise CommandError(
                f"{done.waiting} learners could not be erased to the end. See the log for what is"
                " away, then run replay_tombstones again before the product takes requests."
            )
