"""Look at every alert rule once, and send the messages that are due."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from controltower.alerts.sending import send_alerts
from controltower.alerts.watch import watch_alerts
from signals.clock import now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Runs every minute, by the clock or by hand."""

    help = "Look at every alert rule; open, renew and end alerts; send the messages that are due."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where the report goes."""
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, send, and say what came of it."""
        watched = watch_alerts(now=now())
        sent = send_alerts(now=now())
        self.stdout.write(f"{watched.opened} alerts opened, {watched.over} over, {sent} sent.")
        report = {"opened": watched.opened, "over": watched.over, "sent": sent}
        write_json(options["json"], report)
