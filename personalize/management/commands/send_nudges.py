"""Write down and send the reminders that are due by e-mail (L5)."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandParser

from personalize.experience.nudges import outbox
from signals.management.moment import add_now, chosen_now


class Command(BaseCommand):
    """Print what was written down, sent, and not."""

    help = "Send reminders by e-mail to those who switched them on; safe to run again"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file for the result and, in a played world, the moment."""
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the result here too")
        add_now(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it once; what a mail server refuses is tried again by a later run."""
        ran = outbox.run(now=chosen_now(options["now"]))
        self.stdout.write(
            f"{ran.written} written down, {ran.sent} sent, {ran.failed} failed, "
            f"{ran.dropped} dropped as no longer true or wanted."
        )
        if options["json"] is not None:
            options["json"].write_bytes(msgspec.json.encode(asdict(ran)))
