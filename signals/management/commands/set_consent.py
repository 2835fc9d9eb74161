"""Take over learners' switches that were set elsewhere, such as in the learning platform."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signals import api
from signals.data import SYSTEM, Purpose
from signals.management.moment import add_now, chosen_now
from signals.management.report import add_json, write_json


class Command(BaseCommand):
    """Switches one purpose for the learners named, with proof and ledger entry for each."""

    help = "Switch one purpose on or off for learners, by their external ids."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the purpose, the direction and the learners."""
        parser.add_argument("learners", nargs="+", metavar="EXTERNAL")
        parser.add_argument("--purpose", required=True, choices=[str(one) for one in Purpose])
        way = parser.add_mutually_exclusive_group(required=True)
        way.add_argument("--on", dest="granted", action="store_true")
        way.add_argument("--off", dest="granted", action="store_false")
        add_now(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Switch each learner that is known; refuse the rest by name."""
        moment = chosen_now(options["now"])
        known = {external: api.find_learner(external) for external in options["learners"]}
        unknown = [external for external, learner_id in known.items() if learner_id is None]
        if unknown:
            raise CommandError(f"No learner is known as {', '.join(unknown)}; nothing was changed.")
        for learner_id in known.values():
            assert learner_id is not None  # noqa: S101  refused above
            api.set_consent(
                learner_id,
                purpose=Purpose(options["purpose"]),
                granted=options["granted"],
                via="command",
                actor=SYSTEM,
                now=moment,
            )
        way = "on" if options["granted"] else "off"
        self.stdout.write(f"{options['purpose']} {way} for {len(known)} learners")
        report = {"purpose": options["purpose"], "granted": options["granted"]}
        write_json(options["json"], {**report, "learners": len(known)})
