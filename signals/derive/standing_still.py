"""L2: where do groups of learners stand still in a course, and who stands there?

Three kinds of group, read from where each learner stands (never from events): who finished a module
and not the next one, who enrolled and did not begin, and who did not pass a quiz. Nobody under 18,
nobody who switched personalization off, and no group of fewer than twenty. For the clock, not for
pages.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from signals.data import MINOR_BANDS, Standing
from signals.processing.disclosure import rounded

STUCK, NOT_BEGUN, NOT_PASSED = "stuck", "not_begun", "not_passed"
KINDS = (STUCK, NOT_BEGUN, NOT_PASSED)
LEAST = 20  # learners of a group
AWAY = {STUCK: (6, 14), NOT_BEGUN: (3, 14), NOT_PASSED: (3, 30)}  # days since the last step
UNDER_WAY_DAYS = 60
PASSED = 0.6

_WHO = """
FROM signals_learnercourse c
JOIN signals_learner l ON l.learner_id = c.learner_id AND l.kind = 'real'
LEFT JOIN signals_consent s ON s.learner_id = c.learner_id
"""
_MAY = """
    c.completed_at IS NULL AND (c.unenrolled_at IS NULL OR c.unenrolled_at < c.enrolled_at)
    AND c.enrolled_at IS NOT NULL AND NOT l.age_band = ANY(%(minors)s)
    AND coalesce(s.personalization, true) AND c.last_at >= %(since)s AND c.last_at < %(until)s
"""
_STANDS: Mapping[str, str] = {
    STUCK: f"""
SELECT c.learner_id, c.course_id, n.id AS module_id {_WHO}
JOIN LATERAL (SELECT max(m.position) AS position FROM signals_learnermodule d
              JOIN signals_module m ON m.id = d.module_id
              WHERE d.learner_id = c.learner_id AND d.course_id = c.course_id
                AND d.completed_at IS NOT NULL) f ON f.position IS NOT NULL
JOIN LATERAL (SELECT id FROM signals_module m WHERE m.course_id = c.course_id
              AND m.position > f.position ORDER BY m.position LIMIT 1) n ON true
WHERE {_MAY}""",  # noqa: S608  constants
    NOT_BEGUN: f"""
SELECT c.learner_id, c.course_id, n.id AS module_id {_WHO}
JOIN LATERAL (SELECT id FROM signals_module m WHERE m.course_id = c.course_id
              ORDER BY m.position LIMIT 1) n ON true
WHERE {_MAY} AND NOT EXISTS (SELECT 1 FROM signals_learnermodule d
    WHERE d.learner_id = c.learner_id AND d.course_id = c.course_id)""",  # noqa: S608  constants
    NOT_PASSED: f"""
SELECT c.learner_id, c.course_id, n.module_id {_WHO}
JOIN LATERAL (SELECT d.module_id FROM signals_learnermodule d
              WHERE d.learner_id = c.learner_id AND d.course_id = c.course_id
                AND d.score < %(passed)s ORDER BY d.last_at DESC LIMIT 1) n ON true
WHERE {_MAY}""",  # noqa: S608  constants
}
_UNDER_WAY = f"""
SELECT c.course_id, count(*) {_WHO} WHERE {_MAY} GROUP BY c.course_id
"""
_FINISHED = """
SELECT asked.learner_id, count(d.module_id)
FROM unnest(%(learners)s::bigint[], %(at)s::timestamptz[]) AS asked (learner_id, at)
LEFT JOIN signals_learnermodule d ON d.learner_id = asked.learner_id AND d.course_id = %(course)s
  AND d.completed_at > asked.at AND d.completed_at <= asked.at + %(within)s
GROUP BY asked.learner_id
"""


def standing_still(*, now: datetime) -> tuple[Standing, ...]:
    """Return the groups of twenty and more, the largest first; counts to the nearest five."""
    with connection.cursor() as cursor:
        cursor.execute(_UNDER_WAY, _values(now, (0, UNDER_WAY_DAYS)))
        under_way = dict(cursor.fetchall())
        found = []
        for kind in KINDS:
            cursor.execute(
                "SELECT course_id, module_id, count(*) FROM ("  # noqa: S608  constants
                + _STANDS[kind]
                + ") stands GROUP BY 1, 2 HAVING count(*) >= %(least)s",
                _values(now, AWAY[kind]),
            )
            found += [
                Standing(kind, course, module, rounded(n), rounded(under_way[course]), *AWAY[kind])
                for course, module, n in cursor.fetchall()
            ]
    return tuple(sorted(found, key=lambda one: (-one.learners, one.course_id, one.kind)))


def who_stands(
    kind: str, course_id: int, module_id: int, *, after: int, limit: int, now: datetime
) -> list[int]:
    """Return learners of a group as it is now, by number, those above `after`; KeyError: a kind."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT learner_id FROM ("  # noqa: S608  constants
            + _STANDS[kind]
            + ") stands WHERE course_id = %(course)s AND module_id = %(module)s"
            " AND learner_id > %(after)s ORDER BY learner_id LIMIT %(limit)s",
            _values(now, AWAY[kind])
            | {"course": course_id, "module": module_id, "after": after, "limit": limit},
        )
        return [learner_id for (learner_id,) in cursor.fetchall()]


def finished_since(
    course_id: int, learners: Sequence[int], at: Sequence[datetime], *, within: timedelta
) -> dict[int, int]:
    """Return how many modules of a course each learner finished in a time after their moment."""
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"learners": list(learners), "at": list(at)}
        cursor.execute(_FINISHED, asked | {"course": course_id, "within": within})
        return dict(cursor.fetchall())


def _values(now: datetime, away: tuple[int, int]) -> dict[str, Any]:
    shortest, longest = away
    return {
        "minors": list(MINOR_BANDS),
        "since": now - timedelta(days=longest),
        "until": now - timedelta(days=shortest),
        "passed": PASSED,
        "least": LEAST,
    }
