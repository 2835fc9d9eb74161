"""How do the learners of a canary get on, beside all others? (L3) From the log of decisions.

Two statements over the hours since it began and one over events, however many learners there are;
which of both models is a learner's is the same hash that serves them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from personalize.data import Source
from personalize.engine import artifacts
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.guards.context import Group, Watched
from personalize.engine.guards.latency import limit_ms
from personalize.engine.live import Pointer
from personalize.engine.serving import in_canary
from personalize.models.decisions import SOURCE_CODES
from signals.api import lately

FOLLOWED = timedelta(minutes=1)  # until when a process may still have served what was before
UNDER_WAY = timedelta(seconds=5)  # a request that was being answered when the learner objected
SHARES = ("slow", "fallback", "empty", "refused", "clicked")

_RANKED = [SOURCE_CODES[source] for source in (Source.MODEL, Source.ONBOARDING)]
_INSTEAD = [SOURCE_CODES[source] for source in (Source.LAST_GOOD, Source.COHORT)]
_POPULAR = SOURCE_CODES[Source.POPULAR]  # a fallback for who has a history, else the usual list

_P95 = """
SELECT model, percentile_cont(0.95) WITHIN GROUP (ORDER BY took_ms)
FROM personalize_decision
WHERE served_at >= %(since)s AND served_at < %(until)s
  AND model IN (%(canary)s, %(live)s) AND source = ANY(%(ranked)s)
GROUP BY model
"""

_LEARNERS = """
SELECT learner_id, count(*),
       count(*) FILTER (WHERE took_ms > %(limit)s),
       count(*) FILTER (WHERE source = ANY(%(instead)s) OR source = %(popular)s AND signals > 0),
       count(*) FILTER (WHERE cardinality(course_ids) = 0),
       count(*) FILTER (WHERE model = %(canary)s AND source = ANY(%(ranked)s)),
       count(*) FILTER (WHERE model = %(live)s AND source = ANY(%(ranked)s))
FROM personalize_decision
WHERE served_at >= %(since)s AND served_at < %(until)s AND learner_id IS NOT NULL
  AND (source = ANY(%(ranked)s) OR source = ANY(%(instead)s) OR source = %(popular)s)
GROUP BY learner_id
"""

_AGAINST_WILL = """
SELECT count(*) FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[])
    AS objected (learner_id, since, until)
JOIN personalize_decision d ON d.learner_id = objected.learner_id
 AND d.served_at >= objected.since AND d.served_at < objected.until
WHERE d.model = %s AND d.served_at >= %s
"""


@dataclass(frozen=True, slots=True)
class _Had:
    """What one learner had: lists, of which slow, fallbacks, empty, and made by which model."""

    learner_id: int
    lists: int
    slow: int
    fallback: int
    empty: int
    by_canary: int
    by_live: int


def watch(pointer: Pointer, *, since: datetime, now: datetime) -> Watched:
    """Return what is known of the pointer's canary from `since` up to `now`."""
    since = since + FOLLOWED
    asked: dict[str, object] = {
        "canary": pointer.canary,
        "live": pointer.version,
        "since": since,
        "until": now,
        "ranked": _RANKED,
        "instead": _INSTEAD,
        "popular": _POPULAR,
    }
    p95 = {str(model): float(ms) for model, ms in _rows(_P95, asked)}
    limit = limit_ms(p95.get(pointer.version, 0.0))
    had = [_Had(*row) for row in _rows(_LEARNERS, asked | {"limit": limit})]
    answered = lately.answers([one.learner_id for one in had], since=since, until=now)
    real = [one for one in had if one.learner_id in answered]
    drawn = [one for one in real if in_canary(one.learner_id, pointer)]
    others = [one for one in real if not in_canary(one.learner_id, pointer)]
    names = {pointer.canary: "canary", pointer.version: "live"}
    return Watched(
        canary=_group(drawn, answered),
        live=_group(others, answered),
        by_canary=sum(one.by_canary for one in drawn),
        instead=sum(one.by_live for one in drawn),
        p95={names[version]: ms for version, ms in p95.items()},
        limit_ms=limit,
        against_will=_against_will(pointer.canary, had, since=since, now=now),
        usable=why_unusable(pointer.canary),
    )


def why_unusable(version: str) -> str:
    """Return why a version cannot be opened; empty where it can."""
    try:
        artifacts.load(settings.MODELS_DIR, version)
    except ModelUnusable as error:
        return str(error)
    return ""


def _group(had: Sequence[_Had], answered: dict[int, tuple[int, int]]) -> Group:
    shares: dict[str, list[float]] = {share: [] for share in SHARES}
    for one in had:
        clicked, refused = answered[one.learner_id]
        counts = (one.slow, one.fallback, one.empty, refused, clicked)
        for share, count in zip(SHARES, counts, strict=True):
            shares[share].append(min(count / one.lists, 1.0))
    return Group(
        learners=len(had),
        lists=sum(one.lists for one in had),
        shares={share: _sums(values) for share, values in shares.items()},
    )


def _sums(values: Sequence[float]) -> tuple[int, float, float]:
    return len(values), sum(values), sum(value * value for value in values)


def _against_will(canary: str, had: Sequence[_Had], *, since: datetime, now: datetime) -> int:
    """Return how many lists the canary made for learners while they objected."""
    learner_ids = [one.learner_id for one in had if one.by_canary]
    periods = lately.objecting(learner_ids, until=now)
    if not periods:
        return 0
    learners, begun, ended = zip(*periods, strict=True)
    begun_and_over = [moment + UNDER_WAY for moment in begun]
    asked = [list(learners), begun_and_over, list(ended), canary, since]
    return int(_rows(_AGAINST_WILL, asked)[0][0])


def _rows(statement: str, asked: Any) -> Sequence[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return list(cursor.fetchall())
