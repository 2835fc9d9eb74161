"""What do both import commands share? Progress on stderr, the report on stdout and as JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class ImportCommand(BaseCommand):
    """A command that takes in a file."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, the columns and where the report goes."""
        parser.add_argument("file", type=Path, help=".csv, .csv.gz or .parquet")
        parser.add_argument(
            "--map",
            nargs="+",
            default=[],
            metavar="FIELD=COLUMN",
            help="which column holds a field, where its name does not say so",
        )
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the report here")

    def say(self, text: str) -> None:
        """Tell progress."""
        self.stderr.write(text)

    def given(self, pairs: list[str]) -> dict[str, str]:
        """Return field -> column of --map."""
        found: dict[str, str] = {}
        for pair in (part for text in pairs for part in text.replace(",", " ").split()):
            field, equals, column = pair.partition("=")
            if not equals or not field or not column:
                raise CommandError(f"--map takes FIELD=COLUMN, not {pair!r}.")
            found[field] = column
        return found

    def finish(self, report: Mapping[str, Any], out: Path | None) -> None:
        """Print the report and write it as JSON where asked."""
        for name, value in report.items():
            if name != "reasons":
                self.stdout.write(f"{name.replace('_', ' ')}: {value}")
        for reason in report["reasons"]:
            first = reason["examples"][0] if reason["examples"] else {"row": "?", "value": ""}
            self.stdout.write(
                f"  {reason['count']} x {reason['reason']}"
                f" (first in row {first['row']}: {first['value']!r})"
            )
        if out is not None:
            text = json.dumps(report, indent=2, ensure_ascii=False, default=str)
            out.write_text(text + "\n", encoding="utf-8")
