"""What happened in a visit, as events the product takes (demo; pure).

The events are the bodies of `POST /signals/v1/batch`. Their ids are made from the world's seed,
so that a day sent twice is stored once.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import numpy as np

from demo.learners import Learner, Visit
from demo.world import World

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Slate:
    """A list as the product answered it: its id and the courses in order."""

    request_id: str
    courses: tuple[str, ...]


def namespace(world_name: str, seed: int) -> UUID:
    """Return the namespace of one world's event ids."""
    return uuid5(NAMESPACE_URL, f"northway-demo/{world_name}/{seed}")


@dataclass
class Diary:
    """The events of one visit; `at` moves on as things take time."""

    external: str
    session: str
    at: datetime
    namespace: UUID
    events: list[Event] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=round(seconds))

    def write(
        self,
        kind: str,
        course: str | None = None,
        *,
        module: str | None = None,
        value: float | None = None,
        **context: object,
    ) -> None:
        """Note an event now."""
        self.events.append(
            {
                "id": str(uuid5(self.namespace, f"{self.session}/{len(self.events)}")),
                "kind": kind,
                "learner": self.external,
                "course": course,
                "module": module,
                "occurred_at": self.at.isoformat(),
                "session": self.session,
                "value": value,
                "context": {name: told for name, told in context.items() if told is not None},
            }
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """One visit being played: the world, who came, what they note, and their luck."""

    world: World
    visit: Visit
    diary: Diary
    rng: np.random.Generator

    @property
    def learner(self) -> Learner:
        """Return who came."""
        return self.visit.learner
