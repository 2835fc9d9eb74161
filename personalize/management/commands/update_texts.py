"""Bring the files of translations up to date with what code and templates say to learners."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from personalize.management import texts


class Command(BaseCommand):
    """Add new texts, drop those that are gone, and compile what is translated."""

    help = "Update locale/*/LC_MESSAGES from the sources; run it when texts or translations change"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file for the result."""
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the result here too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write both files of each language, and say how many texts wait for a translation."""
        wanted, told = texts.texts(), {}
        for code, name in settings.LANGUAGES:
            if code == settings.LANGUAGE_CODE:
                continue
            file = texts.file_of(code)
            file.parent.mkdir(parents=True, exist_ok=True)
            known = texts.read(file) if file.exists() else {}
            file.write_text(texts.written(wanted, known, code), encoding="utf-8")
            self._compile(file, code)
            waiting = [text for text in wanted if not all(known.get(text, ("",)))]
            told[code] = {"texts": len(wanted), "waiting": [text.one for text in waiting]}
            self.stdout.write(f"{name}: {len(wanted)} texts, {len(waiting)} wait for a translation")
            for text in waiting:
                self.stdout.write(f"  {text.one}")
        if options["json"] is not None:
            options["json"].write_text(json.dumps(told), encoding="utf-8")

    def _compile(self, file: Path, language: str) -> None:
        known = texts.read(file)
        file.with_suffix(".mo").write_bytes(texts.compiled(known, language))
