"""In how many texts of teaching does each stem stand? Files in, the table of `commonness` out (L3).

Needs no database. A text is read in stretches of a hundred and twenty words that count, so that a
long lecture is more than one.
"""

import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from personalize.algorithms.retrieval.commonness import LEAST, written
from personalize.algorithms.retrieval.words import words
from personalize.management.interaction_files import read_table

STRETCH = 120  # words that count


class Command(BaseCommand):
    help = "Count in how many texts each word stands, for telling common words from rare ones"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--texts", required=True, nargs=2, action="append", metavar=("FILE", "COLUMN")
        )
        parser.add_argument("--language", default="en")
        parser.add_argument("--out", required=True, type=Path, help="write the table here")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write what was counted here")

    def handle(self, *args: object, **options: Any) -> None:
        texts, found_in = 0, Counter[str]()
        for name, column in options["texts"]:
            for stretch in _stretches(Path(name), column, options["language"]):
                texts += 1
                found_in.update(set(stretch))
        if not texts:
            raise CommandError("There is no text in these columns; look at --texts.")
        options["out"].write_text(written(texts, found_in), "utf-8")
        counted = {"texts": texts, "words": sum(times >= LEAST for times in found_in.values())}
        self.stdout.write(
            f"{counted['words']:,} words stand in {LEAST} or more of {texts:,} texts."
        )
        if options["json"]:
            options["json"].write_text(json.dumps(counted, indent=2) + "\n")


def _stretches(path: Path, column: str, language: str) -> Iterator[Sequence[str]]:
    table = read_table(path)
    if column not in table.column_names:
        raise CommandError(
            f"{path} has no column {column}; it has {', '.join(table.column_names)}."
        )
    for text in table.column(column).to_pylist():
        stems = words(str(text or ""), language)
        for begin in range(0, len(stems), STRETCH):
            yield stems[begin : begin + STRETCH]
