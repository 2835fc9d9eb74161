"""What was decided for one request, before it is logged and shown? (L4)"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from personalize.data import Slot, Source
from personalize.decision.context import Context
from personalize.decision.parts import CODES, Parts
from signals.data import NOTHING, Allowed
from signals.request_ids import Arm


@dataclass(frozen=True, slots=True)
class Chosen:
    """Courses (and lessons), first to last, with everything that explains them."""

    source: Source
    arm: Arm
    course_ids: NDArray[np.int32]
    parts: Parts
    slots: tuple[Slot, ...]
    module_ids: NDArray[np.int32] | None = None
    learner_id: int | None = None
    allowed: Allowed = NOTHING
    consent_at: float = 0.0  # seconds since the epoch
    model: str | None = None
    goal: str = ""
    signals: int = 0
    propensity: float = 1.0
    touched: NDArray[np.int32] | None = None
    seen: dict[int, int] | None = None
    drafted_for: int | None = None  # the experiment that has two rankers in this list
    teams: bytes | None = None  # whose each item is, a byte each; with drafted_for
    chances: Mapping[int, float] = field(
        default_factory=dict
    )  # course -> that it is opened within 7 days
    known: Context | None = None  # what it was made from, for the log
    most_chosen: str = ""  # model whose popular courses are in it, "" for none
    ranker: str = ""  # that put it in order, "" for none
    drafted: tuple[str, ...] = ()  # the two rankers that share it, and the salt of the draft
    following: Mapping[int, int] = field(default_factory=dict)  # course -> its next lesson, or 0
    pool: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))


def listed(
    source: Source,
    arm: Arm,
    course_ids: Iterable[int],
    *,
    part: str,
    k: int,
    without: frozenset[int] = frozenset(),
) -> Chosen:
    """Return the first k courses of an order that nobody's history made."""
    first = [course_id for course_id in course_ids if course_id not in without][:k]
    return Chosen(
        source=source,
        arm=arm,
        course_ids=np.array(first, dtype=np.int32),
        parts=by_place(len(first), part),
        slots=(Slot.GREEDY,) * len(first),
    )


def by_place(n: int, part: str) -> Parts:
    """Return the parts of a list whose score is its order: 1, then evenly down."""
    return Parts(
        codes=np.full((n, 1), CODES[part], dtype=np.int32),
        values=(1.0 - np.arange(n) / max(n, 1)).reshape(n, 1),
    )
