#!/usr/bin/env python
"""Which command runs with which servers? Runs Django's commands with the embedded servers up.

Commands that need a database find one without set-up: `personalize.local` starts what the
environment names no URL for, and stops it at the end when nobody else uses it.
"""

import os
import sys
from contextlib import nullcontext

from django.core.management import execute_from_command_line

from personalize import local

# A migration that waits for a table holds up everybody who comes after it: it gives up instead.
LOCK_MS = "3000"
WITHOUT_SERVERS = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "findstatic",
        "help",
        "makemessages",
        "makemigrations",
        "spectacular",
        "startapp",
        "startproject",
        "update_texts",
        "version",
    }
)


def needs_servers(arguments: list[str]) -> bool:
    """Whether a command line talks to the database or the broker."""
    if not arguments or {"-h", "--help", "--version"} & set(arguments):
        return False
    command = arguments[0]
    if command == "check":
        return "--database" in arguments
    if command == "run_vectors":
        return bool({"lrs", "json"} & set(arguments))
    return command not in WITHOUT_SERVERS and not command.startswith("evaluate_")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "personalize.settings")
    if sys.argv[1:2] in (["migrate"], ["release"]):
        os.environ.setdefault("LOCK_TIMEOUT_MS", LOCK_MS)
    if sys.argv[1:2] == ["makemigrations"]:  # looks whether a database is there, and can do without
        os.environ.setdefault("DATABASE_POOL", "0")
    needed = needs_servers(sys.argv[1:])
    try:
        with local.servers() if needed else nullcontext():
            execute_from_command_line(sys.argv)
    except local.LocalServerError as problem:
        raise SystemExit(f"{problem}") from None


if __name__ == "__main__":
    main()
