"""The environment of a deployment, for tests: settings as deploy/compose.yaml gives them."""

import os
import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
OWN = ("DATABASE_URL", "KEYS_URL", "BROKER_URL", "CACHE_URL", "DJANGO_SETTINGS_MODULE")
HOST = "learn.example.org"
VARIABLE = re.compile(r"\$\{(\w+)(?::[-?]([^}]*))?\}")


def compose() -> dict[str, Any]:
    """Return the compose file, its variables filled in."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    given = {"NORTHWAY_HOST": HOST}
    filled = VARIABLE.sub(lambda found: given.get(found[1], found[2] or ""), text)
    loaded: dict[str, Any] = yaml.safe_load(filled)
    return loaded


def environment(folder: Path, urls: dict[str, str], service: str = "web-1") -> dict[str, str]:
    """Return what a service of the compose file is given, its folders moved below `folder`.

    Secrets are files, as there; the URLs of servers are those given.
    """
    secrets = folder / "run" / "secrets"
    secrets.mkdir(parents=True, exist_ok=True)
    for name in ("secret_key", "master_key", "ledger_anchor_key"):
        (secrets / name).write_text(f"{name} of a test, " + "x" * 50)
    (secrets / "database_url").write_text(urls["DATABASE_URL"])
    (secrets / "keys_url").write_text(urls["KEYS_URL"])
    said = compose()["services"][service]["environment"]
    moved = {
        name: value.replace("/run/", f"{folder}/run/").replace("/srv/", f"{folder}/srv/")
        for name, value in said.items()
    }
    moved |= {name: urls[name] for name in ("BROKER_URL", "CACHE_URL")}
    mine = (*OWN, *(f"{name}_FILE" for name in OWN))
    inherited = {name: value for name, value in os.environ.items() if name not in mine}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    (folder / "run" / "northway").mkdir(parents=True, exist_ok=True)
    return {**inherited, **moved, "PATH": path, "PYTHONWARNINGS": "ignore"}
