"""Store the events that wait on this node's disk."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from signals.capture.spool.drain import drain
from signals.clock import now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Runs the conductor once; web processes and the worker run it by themselves."""

    help = "Store the events that wait in SPOOL_DIR; safe to run at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where the report goes."""
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say how much there was."""
        report = asdict(drain(now=now()))
        self.stdout.write(", ".join(f"{count} {what}" for what, count in report.items()))
        write_json(options["json"], report)
