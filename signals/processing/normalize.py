"""In which order do events count? One order for every delivery (L2, pure).

An event is known by when it occurred as sent, its source and its id: the key it is stored under,
the same in every resend. So copies fall together, and what arrives late or shuffled stands where
it belongs. The corrected moment is not used: it depends on when a copy happened to arrive.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from signals.processing.activity import NOWHERE, Activity, Group


@dataclass(frozen=True, slots=True)
class Stored:
    """One event of one learner as it is stored."""

    occurred: int  # microseconds since 1970, as sent
    source: int
    id: bytes
    kind: int
    course: int | None = None
    module: int | None = None
    value: float | None = None
    flags: int = 0


def normalize(events: Sequence[Stored], *, groups: Mapping[int, Group]) -> Activity:
    """Return the events as arrays, each key once, by moment, then source, then id.

    `groups` says what each kind means; a kind it does not know is an action.
    """
    by_key = {(event.occurred, event.source, event.id): event for event in events}
    ordered = [by_key[key] for key in sorted(by_key)]
    return Activity(
        at=np.array([event.occurred for event in ordered], np.float64) / 1e6,
        kinds=np.array([event.kind for event in ordered], np.int16),
        groups=np.array([int(groups.get(event.kind, Group.ACTION)) for event in ordered], np.int32),
        courses=np.array([_number(event.course) for event in ordered], np.int32),
        modules=np.array([_number(event.module) for event in ordered], np.int32),
        values=np.array(
            [np.nan if event.value is None else event.value for event in ordered], np.float64
        ),
        flags=np.array([event.flags for event in ordered], np.int16),
        sources=np.array([event.source for event in ordered], np.int32),
    )


def _number(place: int | None) -> int:
    return NOWHERE if place is None else place
