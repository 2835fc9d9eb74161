"""Is this week's model better than the one of the week before? (L4) Kept where it is due."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from personalize.decision import verdict
from signals.clock import now


class Command(BaseCommand):
    """Keep the verdict of the week that ended last, and say it."""

    help = "Judge the live model against last week's by what learners did with what was tried out"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file for the result."""
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the result here too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Keep it unless it is kept, and print what it says."""
        verdict.keep_due(now=now())
        newest = verdict.verdicts(limit=1)[0]
        content = newest.content
        self.stdout.write(f"Week of lists up to {content['shown_until'][:10]}:")
        if content["why"]:
            self.stdout.write(f"no comparison ({content['why']}).")
        for one in content["rewards"]:
            self.stdout.write(
                f"{one['reward']}: {one['verdict']}; {one['difference']:+.4f} a draw "
                f"({one['low']:+.4f} to {one['high']:+.4f}), {one['draws']} draws of "
                f"{one['learners']} learners in {one['weeks']} weeks."
            )
        if options["json"] is not None:
            options["json"].write_text(json.dumps(dict(content)), encoding="utf-8")
