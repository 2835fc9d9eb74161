"""Which world do these pages show, and who may sign in to look at it? (L5; local mode only)

The demo writes two small files into `settings.DEMO_FOLDER`. Without that folder, as in every
deployment, nothing is said.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def shown(_request: HttpRequest) -> dict[str, Any]:
    """Return for every template how to come by `world` and `demo_accounts`, where there are any.

    Both are functions, which templates call: the files are read only by pages that show them.
    """
    folder: Path | None = settings.DEMO_FOLDER
    if folder is None:
        return {}
    return {"world": lambda: _world(folder), "demo_accounts": lambda: _accounts(folder)}


def _read(path: Path) -> dict[str, Any]:
    """Return the content of a file of the demo; nothing while it is not there or not whole."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _world(folder: Path) -> str:
    told = _read(folder / "world.json")
    if not told:
        return ""
    sentence = _("Demo world: %(learners)s simulated learners, %(days)s days until %(until)s.") % {
        "learners": f"{told['learners']:,}",
        "days": told["days"],
        "until": date_format(datetime.fromisoformat(told["played_until"]), "DATE_FORMAT"),
    }
    if told["loading"]:
        sentence += " " + _("Loading behind it: %(what)s.") % {"what": told["loading"]}
    return sentence


def _accounts(folder: Path) -> list[dict[str, str]]:
    told = _read(folder / "accounts.json")
    return [{**one, "password": told["password"]} for one in told.get("accounts", ())]
