"""How well are crawlers told from browsers by what they call themselves? (L2)

The file is a JSON list. An entry with `pattern` holds `instances` of a crawler; an entry with
`browser` (or `browsers`, or a text alone) holds agents of ordinary browsers. Where the file names
no browser, 200 ordinary ones are taken (`signals/management/browsers.py`).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from signals.management.browsers import ORDINARY
from signals.processing.rules.crawler import is_crawler, names_itself

BROWSERS = ("browser", "browsers")
SHOWN = 5


class Command(BaseCommand):
    """Reads agents, asks the rule, and reports recall and false positives."""

    help = "Measure the crawler rule on a JSON list of agents: recall, false_positive_rate."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the agents and the file for the figures."""
        parser.add_argument("--agents", type=Path, required=True, metavar="F")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print."""
        crawlers, browsers = _read(options["agents"])
        if not crawlers:
            raise CommandError(
                "The file holds no crawler: give entries like "
                '{"pattern": "Googlebot", "instances": ["Googlebot/2.1"]}.'
            )
        missed = [agent for agent in crawlers if not is_crawler(agent)]
        accused = [agent for agent in browsers if is_crawler(agent)]
        figures = {
            "recall": 1 - len(missed) / len(crawlers),
            "recall_unlisted": sum(map(names_itself, crawlers)) / len(crawlers),
            "false_positive_rate": len(accused) / len(browsers),
            "crawlers": len(crawlers),
            "browsers": len(browsers),
            "missed": missed[:SHOWN],
            "accused": accused[:SHOWN],
        }
        self.stdout.write(
            f"recall {figures['recall']:.4f} of {len(crawlers)} crawlers "
            f"({figures['recall_unlisted']:.4f} by their own words alone), false positives "
            f"{figures['false_positive_rate']:.4f} of {len(browsers)} browsers"
        )
        if options["json"] is not None:
            options["json"].write_text(json.dumps(figures), encoding="utf-8")


def _read(path: Path) -> tuple[list[str], list[str]]:
    """Return the agents of crawlers and of browsers; CommandError where it is no such file."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read as JSON: {error}") from error
    if isinstance(told, dict):  # the same in two lists
        entries = [*told.get("crawlers", []), {"browsers": told.get("browsers", [])}]
    else:
        entries = told if isinstance(told, list) else []
    crawlers = [agent for entry in entries for agent in _crawlers(entry)]
    browsers = [agent for entry in entries for agent in _browsers(entry)]
    return crawlers, browsers or list(ORDINARY)


def _crawlers(entry: object) -> Iterator[str]:
    if isinstance(entry, dict) and "pattern" in entry:
        yield from entry.get("instances", [])


def _browsers(entry: object) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, dict) and "pattern" not in entry:
        for key in (*BROWSERS, "instances"):
            value = entry.get(key, [])
            yield from [value] if isinstance(value, str) else value
