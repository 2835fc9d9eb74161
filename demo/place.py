"""Where does one demo keep its files, and with which environment does the product run? (demo)

Own data gets a folder, and so a database, of its own: simulated learners never mix with it. So
does each lab.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from demo.processes import ROOT


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one demo: `var` is the product's, `folder` is ours inside it."""

    var: Path
    folder: Path

    @property
    def embedded(self) -> bool:
        """Say whether the database is the one under `var`, and so as old as our marks."""
        return "DATABASE_URL" not in os.environ

    @property
    def key(self) -> Path:
        """Return the file of the API key."""
        return self.folder / "key"

    @property
    def world(self) -> Path:
        """Return the file that says which world pages show."""
        return self.folder / "world.json"

    @property
    def accounts(self) -> Path:
        """Return the file of the accounts made."""
        return self.folder / "accounts.json"

    def environment(self) -> dict[str, str]:
        """Return the environment of every process of this demo."""
        return {
            **os.environ,
            "NORTHWAY_VAR": str(self.var),
            "NORTHWAY_DEBUG": "1",  # also with a DATABASE_URL: accounts and clock are local mode's
            "NORTHWAY_DEMO_CLOCK": "1",
            "NORTHWAY_DEMO_FOLDER": str(self.folder),
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def done(self, name: str) -> bool:
        """Say whether a step was finished here before."""
        return (self.folder / "done" / name).exists()

    def mark(self, name: str) -> None:
        """Note that a step is finished."""
        path = self.folder / "done" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{now().isoformat()}\n", encoding="utf-8")


def now() -> datetime:
    """Return the time of the machine; what is pure takes it as an argument."""
    return datetime.now(tz=UTC)  # noqa: TID251  nothing of Django here


def choose(
    files: tuple[Path, ...], environment: Mapping[str, str] = os.environ, *, truth: str = ""
) -> Place:
    """Return the place of the demo world, of these files of somebody's own, or of a lab."""
    var = Path(environment.get("NORTHWAY_VAR", ROOT / "var")).resolve()
    if files:
        var = var / f"own-{_digest(*(str(path.resolve()) for path in files))}"
    if truth:
        var = var / f"own-{truth}"
    database = environment.get("DATABASE_URL", "")
    folder = f"demo-{_digest(database)}" if database else "demo"
    return Place(var=var, folder=var / folder)


def _digest(*words: str) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:8]


def show_world(
    place: Place, *, name: str, learners: int, days: int, until: datetime, loading: str = ""
) -> None:
    """Tell the pages which world they show; `loading` names one that is on its way."""
    told = {
        "name": name,
        "learners": learners,
        "days": days,
        "played_until": until.isoformat(),
        "loading": loading,
    }
    partial = place.world.with_suffix(".partial")
    partial.write_text(json.dumps(told) + "\n", encoding="utf-8")
    partial.replace(place.world)
