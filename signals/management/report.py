"""Who ran a command, and what came of it? The name for the ledger, and the report as JSON."""

import json
import os
from collections.abc import Mapping
from getpass import getuser
from pathlib import Path

from django.core.management.base import CommandParser

from signals.data import Actor, ActorKind


def add_json(parser: CommandParser) -> None:
    """Add the option --json."""
    parser.add_argument("--json", type=Path, metavar="OUT", help="write what came of it here too")


def write_json(out: Path | None, report: Mapping[str, object], *, private: bool = False) -> None:
    """Write a report where one is asked for; a private one is readable by its owner alone."""
    if out is None:
        return
    if private:
        out.touch(mode=0o600)
        out.chmod(0o600)
    out.write_text(json.dumps(report, indent=2, default=str) + "\n", encoding="utf-8")


def operator() -> Actor:
    """Return who runs this process, as the ledger names them: by their account of the machine."""
    try:
        name = getuser()
    except (KeyError, OSError):  # a container need not know its user by name
        name = str(os.getuid())
    return Actor(ActorKind.STAFF, f"{name[:50]} at the command line")
