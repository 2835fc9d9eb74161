"""L1: what may a decision know about a learner? Kind, consent and history in one statement."""

import math
import struct
from collections.abc import Collection
from datetime import UTC, datetime
from typing import cast

import numpy as np
import orjson

from signals import sealing
from signals.data import Allowed, LearnerState, ModuleState, Touch
from signals.hot import HotStatement
from signals.models import LearnerModule
from signals.models.statements import array_values
from signals.privacy.consent import ALLOWED_SQL, PERSONALIZATION_SQL

_EPOCH_2000_S = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
_TRUE = b"\x01"
_FLOAT = struct.Struct(">d")

# What a learner did in a course. Views and ratings are personalization's (tier 1): without it
# only what the contract needs is read, with the time of that alone.
_NEEDED_AT = "greatest(h.enrolled_at, h.unenrolled_at, h.completed_at, h.started_at)"
_TOUCH = f"""CASE
    WHEN h.completed_at IS NOT NULL THEN {Touch.COMPLETED.value}
    WHEN h.unenrolled_at >= coalesce(h.enrolled_at, h.unenrolled_at) THEN {Touch.LEFT.value}
    WHEN h.enrolled_at IS NOT NULL THEN {Touch.ENROLLED.value}
    WHEN h.started_at IS NOT NULL THEN {Touch.STARTED.value}
    ELSE {Touch.VIEWED.value} END"""
_STATE = f"""
SELECT l.learner_id, l.kind, {ALLOWED_SQL}, a.courses, a.touches, a.times,
       l.age_band,
       (SELECT json_object_agg(m.kind, m."group")::text FROM signals_membership m
        WHERE m.learner_id = l.learner_id),
       (SELECT f.score_mean FROM signals_learnerfeature f
        WHERE p.granted AND f.learner_id = l.learner_id)
FROM signals_learner l
LEFT JOIN signals_consent c USING (learner_id)
CROSS JOIN LATERAL (SELECT {PERSONALIZATION_SQL} AS granted) p
CROSS JOIN LATERAL (
    SELECT array_agg(course_id) AS courses, array_agg(touch) AS touches, array_agg(at) AS times
    FROM (
        SELECT h.course_id, ({_TOUCH})::int AS touch,
               CASE WHEN p.granted THEN h.last_at ELSE {_NEEDED_AT} END AS at
        FROM signals_learnercourse h
        WHERE h.learner_id = l.learner_id AND (p.granted OR {_NEEDED_AT} IS NOT NULL)
        ORDER BY at, h.course_id
    ) ordered
) a
"""  # noqa: S608  put together from constants
_BY_ID = HotStatement(f"{_STATE} WHERE l.learner_id = $1::bigint")
_BY_LOOKUP = HotStatement(
    f"""{_STATE}
WHERE l.learner_id = (SELECT learner_id FROM signals_identity WHERE lookup = $1::bytea)
"""  # noqa: S608  as above
)


def learner_state(
    learner_id: int | None = None, *, external_id: str | None = None
) -> LearnerState | None:
    """Return a learner as the decision needs them, None when unknown. One statement.

    Raises:
        django.db.Error: the database is away; the caller falls back.
        TypeError: neither or both ids are given.
    """
    if (learner_id is None) == (external_id is None):
        raise TypeError("Give learner_id or external_id, one of them.")
    if external_id is not None:
        rows = _BY_LOOKUP.rows(sealing.lookup(external_id))
    else:
        rows = _BY_ID.rows(cast("int", learner_id))
    if not rows:
        return None
    number, kind, personalization, fine_grained, inferred, *arrays, band, groups, score = rows[0]
    courses, touches, times = arrays
    return LearnerState(
        learner_id=int.from_bytes(number or b"", signed=True),
        kind=(kind or b"").decode(),
        age_band=(band or b"").decode(),
        allowed=Allowed(personalization == _TRUE, fine_grained == _TRUE, inferred == _TRUE),
        course_ids=array_values(courses, ">i4").astype(np.int32),
        touches=array_values(touches, ">i4").astype(np.int8),
        last_at=array_values(times, ">i8").astype(np.float64) * 1e-6 + _EPOCH_2000_S,
        groups=orjson.loads(groups) if groups else {},
        score_mean=_FLOAT.unpack(score)[0] if score else math.nan,
    )


def module_states(
    learner_id: int, *, course_ids: Collection[int] | None = None
) -> list[ModuleState]:
    """Return how far a learner is in each module touched, by course and module."""
    rows = LearnerModule.objects.filter(learner_id=learner_id)
    if course_ids is not None:
        rows = rows.filter(course_id__in=course_ids)
    return [
        ModuleState(
            module_id=row.module_id,
            course_id=row.course_id,
            progress=row.progress,
            completed_at=row.completed_at,
            score=row.score,
            last_at=row.last_at,
        )
        for row in rows.order_by("course_id", "module_id")
    ]
