"""How far has a world been played? Kept on disk so that it goes on where it stopped (demo).

A day is decided in memory, then written down whole (`pending.json`: its events and everybody as
they are afterwards), then sent, then it counts (`state.json`). Whatever interrupts it, the same
events are sent again or the day is decided anew; never half of both.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from demo.diary import Event
from demo.learners import Learner


@dataclass(slots=True)
class State:
    """One world: who it is made of, when it began, and the next day to play."""

    name: str
    seed: int
    days: int
    epoch: datetime  # day k lasts 24 hours from epoch + k days
    learners: list[Learner]
    next_day: int = 0
    slates: int = 0
    clicks: int = 0
    events: int = 0

    def begin_of(self, day: int) -> datetime:
        """Return when a day begins."""
        return self.epoch + timedelta(days=day)

    def due(self, now: datetime) -> int:
        """Return how many days lie behind us whole."""
        return max(0, (now - self.epoch) // timedelta(days=1))


def _write(path: Path, data: object) -> None:
    """Write whole or not at all."""
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8") as file:
        json.dump(data, file, separators=(",", ":"))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _pack(state: State) -> dict[str, object]:
    return asdict(state) | {"epoch": state.epoch.isoformat()}


def _unpack(data: dict[str, object]) -> State:
    people = data["learners"]
    assert isinstance(people, list)  # noqa: S101  written by _pack
    learners = [Learner(**one | {"goals": tuple(one["goals"])}) for one in people]
    epoch = datetime.fromisoformat(str(data["epoch"])).astimezone(UTC)
    return State(**data | {"learners": learners, "epoch": epoch})  # type: ignore[arg-type]


class Keeper:
    """The files of one world."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder, made when first written to."""
        self.folder = folder

    def load(self) -> State | None:
        """Return the world as far as it counts, or None when it was never begun."""
        try:
            return _unpack(json.loads((self.folder / "state.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def save(self, state: State) -> None:
        """Let the state count."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _write(self.folder / "state.json", _pack(state))
        (self.folder / "pending.json").unlink(missing_ok=True)

    def decide(self, state: State, events: list[Event]) -> None:
        """Write down a day that is decided and not yet sent."""
        _write(self.folder / "pending.json", {"state": _pack(state), "events": events})

    def pending(self) -> tuple[State, list[Event]] | None:
        """Return the day that was decided and perhaps not sent whole."""
        try:
            found = json.loads((self.folder / "pending.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return _unpack(found["state"]), found["events"]
