"""What came of a change? (L4) Lists while it acted, held against the time just before.

From the log of lists and the learners' own steps: in how many lists the course stood, how many
picks were opened within a week, and how many of those begun were passed. Before and during is no
experiment, and the page says so. Lists are judged once their week or their month is over.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from psycopg import sql

from personalize.data import Source
from personalize.decision import cohorts
from personalize.decision.onboarding import SIGNALS_ENOUGH
from personalize.decision.partitions import share_to_read
from personalize.decision.surfaces import SURFACES
from personalize.models import Objective, Override
from personalize.models.decisions import SOURCE_CODES
from signals import api as signals
from signals.aggregates import publishable
from signals.api import lately
from signals.data import Step

LISTS_MOST = 4_000  # of each side, spread evenly
BEFORE_DAYS = 14  # at most; a change that has acted for less is held against as little
OPEN_DAYS, PASS_DAYS = 7.0, 30.0
DAY_S = 86_400.0
Z95 = 1.959964

OPENS = frozenset({Step.VIEWED, Step.ENROLLED})
BEGINS = frozenset({Step.STARTED, Step.ENROLLED})

_LISTS = """
SELECT learner_id, extract(epoch FROM served_at)::float8 / 86400, course_ids
FROM personalize_decision TABLESAMPLE SYSTEM (%(percent)s) REPEATABLE (0)
WHERE served_at >= %(since)s AND served_at < %(until)s AND module_ids IS NULL AND {where}
ORDER BY hashtext(request_id::text) LIMIT %(most)s
"""

Moments = Mapping[tuple[int, int], Sequence[float]]  # learner and course -> days


@dataclass(frozen=True, slots=True)
class Shown:
    """One list: whose, when in days, and of which courses."""

    learner_id: int | None
    at: float
    courses: Sequence[int]


def measure_changes(*, now: datetime) -> int:
    """Measure every change that acts, or ended so lately that its lists still answer; how many."""
    oldest = now - timedelta(days=OPEN_DAYS + PASS_DAYS + 2)
    rows = Override.objects.filter(
        state=Override.APPROVED, starts_at__lt=now, ends_at__gt=oldest
    ).exclude(measured__over=True)
    for row in rows:
        row.measured = measured(row, now=now)
        row.save(update_fields=["measured"])
    return len(rows)


def measured(row: Override, *, now: datetime) -> dict[str, Any]:
    """Return what is known of a change so far, of lists before it and while it acted."""
    end = min(row.undone_at or row.ends_at, row.ends_at, now)
    span = min(end - row.starts_at, timedelta(days=BEFORE_DAYS))
    before = lists_of(row, row.starts_at - span, row.starts_at)
    during = lists_of(row, row.starts_at, end)
    closed = now - timedelta(days=OPEN_DAYS)
    steps = steps_of([*before, *during], since=row.starts_at - span, now=now)
    over = now >= end + timedelta(days=OPEN_DAYS + PASS_DAYS)
    return {
        "at": now.isoformat(),
        "held": _held(row.course_id, steps.allowed(before), steps.allowed(during)),
        "opened": compared(opened(before, steps, closed), opened(during, steps, closed)),
        "passed": compared(passed(before, steps, now), passed(during, steps, now)),
        "final": now >= end + timedelta(days=OPEN_DAYS),
        "over": over,
    }


def lists_of(
    row: Override | Objective,
    since: datetime,
    until: datetime,
    sources: frozenset[Source] | None = None,
) -> list[Shown]:
    """Return lists of a time that a change is for, spread evenly; None: of any source."""
    if until <= since:
        return []
    where: list[sql.Composable] = [sql.SQL("TRUE")]
    if sources is not None:
        where.append(sql.SQL("source = ANY(%(sources)s)"))
    if row.surface in SURFACES:
        where.append(sql.SQL("surface = %(surface)s"))
    if row.cohort.startswith(cohorts.GOAL):
        where.append(sql.SQL("goal = %(goal)s"))
    elif row.cohort:
        new = row.cohort == cohorts.NEW
        where.append(sql.SQL("signals < %(enough)s" if new else "signals >= %(enough)s"))
    query = sql.SQL(_LISTS).format(where=sql.SQL(" AND ").join(where))
    words: dict[str, str | float | datetime | list[int]] = {
        "sources": [SOURCE_CODES[source] for source in sources or ()],
        "percent": share_to_read(LISTS_MOST, since=since, until=until),
        "since": since,
        "until": until,
        "most": LISTS_MOST,
        "surface": SURFACES[row.surface].code if row.surface in SURFACES else 0,
        "goal": row.cohort.removeprefix(cohorts.GOAL),
        "enough": SIGNALS_ENOUGH,
    }
    with connection.cursor() as cursor:
        cursor.execute(query.as_string(None), words)
        return [Shown(*found) for found in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Steps:
    """What learners of lists did, of those who still allow to be counted."""

    counted: frozenset[int]
    opened: Moments
    begun: Moments
    passed: Moments

    def allowed(self, lists: Sequence[Shown]) -> list[Shown]:
        """Return the lists of who allows it now; those of nobody known are left out too."""
        return [one for one in lists if one.learner_id in self.counted]


def steps_of(lists: Sequence[Shown], *, since: datetime, now: datetime) -> Steps:
    learners = sorted({one.learner_id for one in lists if one.learner_id is not None})
    counted = frozenset(lately.lessons(learners, since=since, until=now))
    told = signals.steps(sorted(counted), until=now)
    opens, begun, passes = (defaultdict[tuple[int, int], list[float]](list) for _ in range(3))
    rows = zip(
        told.learner_ids.tolist(),
        told.course_ids.tolist(),
        told.steps.tolist(),
        told.times.tolist(),
        strict=True,
    )
    for learner_id, course_id, step, at in rows:
        for which, found in ((OPENS, opens), (BEGINS, begun), ({Step.COMPLETED}, passes)):
            if step in which:
                found[learner_id, course_id].append(at)
    return Steps(counted, opens, begun, passes)


Hits = list[tuple[int, int, int]]  # learner, what came, of how many


def opened(lists: Sequence[Shown], steps: Steps, closed: datetime) -> Hits:
    """Return of each list whose week is over how many of its picks were opened within it."""
    return [
        (
            one.learner_id,
            sum(_within(steps.opened, one, course, OPEN_DAYS) for course in one.courses),
            len(one.courses),
        )
        for one in lists
        if one.learner_id in steps.counted and one.at * DAY_S <= closed.timestamp()
        if one.learner_id is not None
    ]


def passed(lists: Sequence[Shown], steps: Steps, now: datetime) -> Hits:
    """Return of each list how many picks were begun within a week, and passed in a month."""
    latest = now.timestamp() / DAY_S - OPEN_DAYS - PASS_DAYS
    found: Hits = []
    for one in lists:
        if one.learner_id is None or one.learner_id not in steps.counted or one.at > latest:
            continue
        begun = [c for c in one.courses if _within(steps.begun, one, c, OPEN_DAYS)]
        came = sum(_within(steps.passed, one, c, OPEN_DAYS + PASS_DAYS) for c in begun)
        found.append((one.learner_id, came, len(begun)))
    return found


def _within(moments: Moments, one: Shown, course: int, days: float) -> bool:
    at = moments.get((one.learner_id or 0, course), ())
    return any(one.at < moment <= one.at + days for moment in at)


def _held(course: int, before: Sequence[Shown], during: Sequence[Shown]) -> list[float] | None:
    """Return the shares of lists with the course, None where either stands for too few."""
    sides = []
    for lists in (before, during):
        if publishable(len({one.learner_id for one in lists})) is None:
            return None
        sides.append(round(sum(course in one.courses for one in lists) / len(lists), 4))
    return sides


def compared(before: Hits, during: Hits) -> dict[str, float] | None:
    """Return both rates and their difference with 95% bounds; None: one of them is not told."""
    told = [rate(hits) for hits in (before, during)]
    if told[0] is None or told[1] is None:
        return None
    (was, was_error), (came, came_error) = told[0], told[1]
    half = Z95 * float(np.hypot(was_error, came_error))
    difference = came - was
    return {
        "before": round(was, 5),
        "during": round(came, 5),
        "difference": round(difference, 5),
        "low": round(difference - half, 5),
        "high": round(difference + half, 5),
    }


def rate(hits: Hits) -> tuple[float, float] | None:
    """Return what came of all, and its standard error as a ratio over learners.

    None where fewer learners than may be shown had any of it, or fewer had none: a rate of which
    one is known to be all there is tells what that one did.
    """
    had: dict[int, bool] = {}
    for learner_id, came, of in hits:
        if of:
            had[learner_id] = had.get(learner_id, False) or came > 0
    some = sum(had.values())
    if publishable(some) is None or publishable(len(had) - some) is None:
        return None
    return ratio(hits)


def ratio(hits: Hits) -> tuple[float, float]:
    """Return the sum of what came over that of how many, and its standard error over learners."""
    mine = [hit for hit in hits if hit[2]]
    whose, came, of = (np.array(column) for column in zip(*mine, strict=True))
    _, at = np.unique(whose, return_inverse=True)
    hit, base = np.bincount(at, weights=came), np.bincount(at, weights=of)
    share, n = float(hit.sum() / base.sum()), len(base)
    apart = hit - share * base
    return share, float(np.sqrt(np.square(apart).sum() * n / max(n - 1, 1)) / base.sum())
