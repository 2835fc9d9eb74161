"""Who lost both device and recovery codes? Takes their second step away, with a ledger entry."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signals.clock import now
from signals.data import SYSTEM
from signals.management.report import add_json, write_json
from signals.models import Account
from signals.privacy import second_factor


class Command(BaseCommand):
    """Makes the next sign-in one that sets a second step up."""

    help = "Take the second step of an account away (make sure first that it is them who asks)"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whose, and why."""
        parser.add_argument("name", help="the name they sign in with")
        parser.add_argument("--reason", required=True, help="for the ledger")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Take it away."""
        account = Account.objects.filter(username=options["name"]).first()
        if account is None:
            raise CommandError("There is no such account.")
        if not second_factor.remove(SYSTEM, account.pk, reason=options["reason"], now=now()):
            raise CommandError("This account has no second step.")
        self.stdout.write("Taken away. Whoever signs in next with their password sets one up anew.")
        write_json(options["json"], {"taken_away": 1})
