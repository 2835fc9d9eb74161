"""What is known of the last requests, as arrays all rules can be played over? (L4, pure)

A row of a request whose list its learner's history made holds, of every course, what the model
says and what the policy adds whatever people decide; what people decide is added when it is
played (slates.py). A row of any other request holds its list with some to spare. Rows are bytes of
one fixed form, so that thousands are read as they lie.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

ALLOWED, BLOCKED, TAKEN = 1, 2, 4  # bits of a course: may be shown, lacks what it needs, is done
SPARE = 8  # courses kept beyond the end of a list that nobody's history makes
LONGEST = 50  # items of one answer
NOWHERE = -1
TIMES_MOST = 255  # showings that are told apart
FORM = 2  # of a row; raise it when a field comes or goes


@dataclass(frozen=True, slots=True)
class Own:
    """Requests whose list a learner's history made: R requests, N courses, F fields."""

    served_at: Floats  # (R,) seconds since the epoch
    learners: NDArray[np.int32]  # (R,) whose, numbered within the panel
    surfaces: NDArray[np.int16]  # (R,) codes
    k: NDArray[np.int16]  # (R,) places of the list
    returning: NDArray[np.bool_]  # (R,) enough history for the model alone
    goals: NDArray[np.int32]  # (R,) code of the stated goal's field, -1 for none
    matched: NDArray[np.bool_]  # (R,) too unsure picks give way (decision/thresholds.py)
    trust: Floats  # (R,) what the best match counts
    usual: Floats  # (R,) how well known what the learner takes is; nan where that is not counted
    shares: Floats  # (R, F) of the learner's history
    base: Singles  # (R, N) what the model says
    rest: Singles  # (R, N) what the policy adds, whatever people decide
    opened: Singles  # (R, N) chances, nan where none is told
    completed: Singles  # (R, N)
    flags: NDArray[np.uint8]  # (R, N) ALLOWED, BLOCKED, TAKEN
    seen: NDArray[np.uint8]  # (R, N) showings without a click, where they were often
    explores: NDArray[np.bool_]  # (R,) a place may go to what is tried out


@dataclass(frozen=True, slots=True)
class Common:
    """Requests whose list is not made for one learner."""

    served_at: Floats
    learners: NDArray[np.int32]  # -1 for nobody's
    surfaces: NDArray[np.int16]
    k: NDArray[np.int16]
    places: NDArray[np.int32]  # (R, LONGEST + SPARE) NOWHERE past the end


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Panel:
    """The last requests, and what holds for all of them; each is a key of what is made of it."""

    own: Own
    common: Common
    popularity: Floats  # (N,)
    tried: Floats  # (N,) how likely each is tried out, beside the others that may be; 0 never
    model: str
    whole: bool = True  # False: the newest alone, while the rest is made ready

    @property
    def requests(self) -> int:
        """Return how many there are."""
        return len(self.own.k) + len(self.common.k)


def own_form(n: int, fields: int) -> np.dtype[Any]:
    """Return how a row of an own list lies in bytes."""
    return np.dtype(
        [
            ("surface", "<i2"),
            ("k", "<i2"),
            ("returning", "?"),
            ("matched", "?"),
            ("explores", "?"),
            ("goal", "<i4"),
            ("trust", "<f8"),
            ("usual", "<f8"),
            ("shares", "<f8", (fields,)),
            ("base", "<f4", (n,)),
            ("rest", "<f4", (n,)),
            ("opened", "<f4", (n,)),
            ("completed", "<f4", (n,)),
            ("flags", "u1", (n,)),
            ("seen", "u1", (n,)),
        ]
    )


COMMON_FORM = np.dtype([("surface", "<i2"), ("k", "<i2"), ("places", "<i4", (LONGEST + SPARE,))])


def packed(form: np.dtype[Any], **values: object) -> bytes:
    """Return one row in this form."""
    row = np.zeros(1, dtype=form)
    for name, value in values.items():
        row[name][0] = value
    return row.tobytes()


def opened(
    own: Sequence[tuple[float, int, bytes]],
    common: Sequence[tuple[float, int, bytes]],
    *,
    popularity: Floats,
    tried: Floats,
    fields: int,
    model: str,
) -> Panel:
    """Return the panel of some rows: when served, whose (numbered within it), and its bytes."""
    n = len(popularity)
    told = _rows(own, own_form(n, fields))
    lists = _rows(common, COMMON_FORM)
    return Panel(
        own=Own(
            served_at=np.array([row[0] for row in own], dtype=np.float64),
            learners=np.array([row[1] for row in own], dtype=np.int32),
            surfaces=_field(told, "surface"),
            k=_field(told, "k"),
            returning=_field(told, "returning"),
            goals=_field(told, "goal"),
            matched=_field(told, "matched"),
            trust=_field(told, "trust"),
            usual=_field(told, "usual"),
            shares=_field(told, "shares"),
            base=_field(told, "base"),
            rest=_field(told, "rest"),
            opened=_field(told, "opened"),
            completed=_field(told, "completed"),
            flags=_field(told, "flags"),
            seen=_field(told, "seen"),
            explores=_field(told, "explores"),
        ),
        common=Common(
            served_at=np.array([row[0] for row in common], dtype=np.float64),
            learners=np.array([row[1] for row in common], dtype=np.int32),
            surfaces=_field(lists, "surface"),
            k=_field(lists, "k"),
            places=_field(lists, "places"),
        ),
        popularity=popularity,
        tried=tried,
        model=model,
    )


def _rows(rows: Sequence[tuple[float, int, bytes]], form: np.dtype[Any]) -> NDArray[Any]:
    return np.frombuffer(b"".join(row[2] for row in rows), dtype=form)


def _field(rows: NDArray[Any], name: str) -> NDArray[Any]:
    return np.ascontiguousarray(rows[name])
