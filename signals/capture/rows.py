"""L1: what does an accepted event look like on its way to PostgreSQL? Packed for binary COPY."""

import struct
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from signals.capture.contract import EPOCH, MICROSECOND

# In the order of the columns; those before `course_id` are never null.
COLUMNS = (
    ("seq", "integer"),
    ("tier", "smallint"),
    ("marks", "smallint"),
    ("kind", "smallint"),
    ("flags", "smallint"),
    ("source_id", "integer"),
    ("occurred_at", "timestamptz"),
    ("corrected_at", "timestamptz"),
    ("received_at", "timestamptz"),
    ("learner_id", "bigint"),
    ("id", "uuid"),
    ("course_id", "integer"),
    ("module_id", "integer"),
    ("session", "bigint"),
    ("value", "double precision"),
    ("request_id", "uuid"),
    ("context", "jsonb"),
    ("sealed", "bytea"),
)
HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
JSONB_VERSION = b"\x01"
_EPOCH_2000 = (datetime(2000, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND

_SEQ = struct.Struct(">hii").pack
_FIXED = struct.Struct(">ihihihihiiiqiqiqiqi16s").pack
_INT = struct.Struct(">ii").pack
_BIG = struct.Struct(">iq").pack
_FLOAT = struct.Struct(">id").pack
_UUID = struct.Struct(">i16s").pack
_LENGTH = struct.Struct(">i").pack
_NULL = _LENGTH(-1)


class Row(msgspec.Struct, frozen=True, gc=False):
    """An accepted event: its key, its place in its batch, and its columns but `seq`, packed."""

    key: tuple[int, int, bytes]  # occurred_at, source_id, id
    index: int
    packed: bytes
    sent: object  # as it came, should PostgreSQL refuse the row

    @property
    def source_id(self) -> int:
        """Return who sent it."""
        return self.key[1]


class Draft(msgspec.Struct, gc=False):
    """An event that passed its contract, before its learner and texts are known."""

    index: int
    event_id: bytes
    kind: int
    tier: int
    marks: int
    flags: int
    occurred: int  # microseconds since 1970
    corrected: int
    course_id: int | None
    module_id: int | None
    session: int | None
    value: float | None
    request_id: bytes | None
    context: bytes | None
    text: str | None
    sealed: bytes | None = None


def pack(draft: Draft, *, source_id: int, learner_id: int, received: int, sent: object) -> Row:
    """Return the row of a draft."""
    fixed = _FIXED(
        2,
        draft.tier,
        2,
        draft.marks,
        2,
        draft.kind,
        2,
        draft.flags,
        4,
        source_id,
        8,
        draft.occurred - _EPOCH_2000,
        8,
        draft.corrected - _EPOCH_2000,
        8,
        received - _EPOCH_2000,
        8,
        learner_id,
        16,
        draft.event_id,
    )
    context, sealed = draft.context, draft.sealed
    packed = b"".join(
        (
            fixed,
            _NULL if draft.course_id is None else _INT(4, draft.course_id),
            _NULL if draft.module_id is None else _INT(4, draft.module_id),
            _NULL if draft.session is None else _BIG(8, draft.session),
            _NULL if draft.value is None else _FLOAT(8, draft.value),
            _NULL if draft.request_id is None else _UUID(16, draft.request_id),
            _NULL if context is None else _LENGTH(len(context) + 1) + JSONB_VERSION + context,
            _NULL if sealed is None else _LENGTH(len(sealed)) + sealed,
        )
    )
    return Row((draft.occurred, source_id, draft.event_id), draft.index, packed, sent)


def copy_body(rows: Iterable[Row]) -> bytes:
    """Return rows as one binary COPY stream; `seq` counts from 0."""
    fields = len(COLUMNS)
    parts = [HEADER]
    for seq, row in enumerate(rows):
        parts.append(_SEQ(fields, 4, seq))
        parts.append(row.packed)
    parts.append(TRAILER)
    return b"".join(parts)
