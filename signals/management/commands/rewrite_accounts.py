"""Write the small tables of accounts anew, so that names of the erased leave their files."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from signals.management.moment import add_now, chosen_now
from signals.management.report import add_json, write_json
from signals.privacy.rewrite import rewrite_accounts


class Command(BaseCommand):
    """Runs the nightly conductor of the same name once."""

    help = "Write the tables of accounts anew where somebody was erased lately"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the moment of a played world, and where the report goes."""
        add_now(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and say how many tables it was."""
        tables = rewrite_accounts(now=chosen_now(options["now"]))
        self.stdout.write(f"{tables} tables were written anew.")
        write_json(options["json"], {"tables": tables})
