"""Let a model serve again that served before (L3)."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from personalize.engine import steps
from personalize.engine.artifacts import ModelUnusable
from signals.clock import now
from signals.data import SYSTEM


class Command(BaseCommand):
    """Roll back and say what is live."""

    help = "Make a model live that served before; every process follows at once"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the version."""
        parser.add_argument("version", metavar="VERSION", help="as the page of models lists it")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the result here too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Change the live version or say which ones could be chosen."""
        try:
            row = steps.rollback(options["version"], actor=SYSTEM, now=now())
        except ModelUnusable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Model {row.version} of {row.trained_at:%Y-%m-%d %H:%M} is live.")
        if options["json"] is not None:
            options["json"].write_text(json.dumps({"live": row.version}), encoding="utf-8")
