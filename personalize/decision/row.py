"""How does one decision look in PostgreSQL's binary COPY format? (L4)

Arrays are encoded by numpy in one piece, because thousands of numbers a second pass here while
requests wait for the same interpreter.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from personalize.decision.parts import Parts

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
TRAILER = struct.pack(">h", -1)
COLUMNS = (
    "served_at",
    "learner_id",
    "request_id",
    "took_ms",
    "propensity",
    "surface",
    "source",
    "intent",
    "rules",
    "signals",
    "tiers",
    "parts_wide",
    "model",
    "goal",
    "course_ids",
    "module_ids",
    "scores",
    "confidences",
    "slots",
    "part_codes",
    "part_values",
    "drafted_for",
    "teams",
    "inputs",
)

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_INT2, _INT4, _FLOAT4 = 21, 23, 700  # type oids
_NULL = struct.pack(">i", -1)
_ELEMENTS = {
    _INT2: np.dtype([("size", ">i4"), ("value", ">i2")]),
    _INT4: np.dtype([("size", ">i4"), ("value", ">i4")]),
    _FLOAT4: np.dtype([("size", ">i4"), ("value", ">f4")]),
}


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What is kept of one answered request; the arrays of items are parallel."""

    served_at: datetime
    request_id: UUID
    learner_id: int | None
    surface: int
    source: int
    intent: int
    rules: int
    signals: int
    tiers: int
    took_ms: float
    propensity: float | None
    model: str | None
    goal: str | None
    course_ids: NDArray[np.int32]
    module_ids: NDArray[np.int32] | None
    scores: NDArray[np.float64]
    confidences: NDArray[np.int16]
    slots: NDArray[np.int16]
    parts: Parts
    drafted_for: int | None = None  # the experiment whose two rankers made it
    teams: bytes | None = None  # whose each item was, a byte each
    inputs: bytes | None = None  # what it was made from (decision/inputs.py)

    def encoded(self) -> bytes:
        """Return the row as COPY reads it, in the order of COLUMNS."""
        microseconds = round((self.served_at - _EPOCH).total_seconds() * 1_000_000)
        codes, values = self.parts.codes, self.parts.values
        wide = codes.shape[1] if codes.any() else 0
        return b"".join(
            (
                struct.pack(">hiq", len(COLUMNS), 8, microseconds),
                _scalar(">q", self.learner_id),
                struct.pack(">i16s", 16, self.request_id.bytes),
                _scalar(">f", self.took_ms),
                _scalar(">f", self.propensity),
                *(
                    struct.pack(">ih", 2, number)
                    for number in (
                        self.surface,
                        self.source,
                        self.intent,
                        self.rules,
                        self.signals,
                        self.tiers,
                        wide,
                    )
                ),
                _text(self.model),
                _text(self.goal),
                _array(_INT4, self.course_ids),
                _NULL if self.module_ids is None else _array(_INT4, self.module_ids),
                _array(_FLOAT4, self.scores),
                _array(_INT2, self.confidences),
                _array(_INT2, self.slots),
                _array(_INT4, codes.ravel()[: wide * len(codes)]),
                _array(_FLOAT4, values.ravel()[: wide * len(codes)]),
                _scalar(">i", self.drafted_for),
                _bytes(self.teams),
                _bytes(self.inputs),
            )
        )


def _scalar(form: str, value: float | None) -> bytes:
    if value is None:
        return _NULL
    packed = struct.pack(form, value)
    return struct.pack(">i", len(packed)) + packed


def _text(value: str | None) -> bytes:
    return _bytes(None if value is None else value.encode())


def _bytes(raw: bytes | None) -> bytes:
    return _NULL if raw is None else struct.pack(">i", len(raw)) + raw


def _array(oid: int, values: NDArray[np.generic]) -> bytes:
    if not len(values):
        return struct.pack(">iiii", 12, 0, 0, oid)
    elements = np.empty(len(values), dtype=_ELEMENTS[oid])
    elements["size"] = elements.dtype["value"].itemsize
    elements["value"] = values
    body = elements.tobytes()
    return struct.pack(">iiiiii", 20 + len(body), 1, 0, oid, len(values), 1) + body
