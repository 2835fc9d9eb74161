"""What came of other weights and limits? (L4) Lists while they acted, held against before.

Told of lists that a learner's history makes, for no other is moved by weights: how many picks were
opened within a week, how many of those begun were passed, and how far the lists are alike. What the
days themselves brought shows in the lists of the comparison group, which no weight moves: the same
days, and learners chosen by lot. Their difference is taken off, and both are told.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from math import hypot
from typing import Any

from personalize.data import Source
from personalize.decision.explanations import PERSONAL_SOURCES
from personalize.decision.whatif import measured
from personalize.decision.whatif.measured import BEFORE_DAYS, OPEN_DAYS, PASS_DAYS, Hits, Shown
from personalize.models import Objective
from signals.aggregates import publishable

COMPARISON = frozenset({Source.HOLDOUT})
MOST_SHOWN = 10  # courses

Both = tuple[Sequence[Shown], Sequence[Shown]]  # before and during


def measure_aims(*, now: datetime) -> int:
    """Measure every change of weights that acts, or ended lately; return how many."""
    rows = list(Objective.objects.filter(state=Objective.APPROVED).order_by("pk"))
    oldest = now - timedelta(days=OPEN_DAYS + PASS_DAYS + 2)
    done = 0
    for row in rows:
        end = acted_until(row, rows, now=now)
        if end <= came(row) or end < oldest or (row.measured or {}).get("over"):
            continue
        row.measured = effect_of(row, until=end, now=now)
        row.save(update_fields=["measured"])
        done += 1
    return done


def came(row: Objective) -> datetime:
    """Return when a change came in force."""
    return row.decided_at or row.created_at


def acted_until(row: Objective, among: Sequence[Objective], *, now: datetime) -> datetime:
    """Return until when nothing newer was decided for some of the same lists."""
    newer = [
        came(other)
        for other in among
        if (came(other), other.pk) > (came(row), row.pk)
        and (not row.surface or not other.surface or row.surface == other.surface)
        and (not row.cohort or not other.cohort or row.cohort == other.cohort)
    ]
    ends = [end for end in (row.undone_at, row.ends_at) if end is not None]
    return min([*newer, *ends, now])


def effect_of(row: Objective, *, until: datetime, now: datetime) -> dict[str, Any]:
    """Return what is known so far of weights that acted until a moment."""
    since = came(row)
    span = min(until - since, timedelta(days=BEFORE_DAYS))
    own, others = (
        (
            measured.lists_of(row, since - span, since, sources),
            measured.lists_of(row, since, until, sources),
        )
        for sources in (PERSONAL_SOURCES, COMPARISON)
    )
    every = [one for side in (*own, *others) for one in side]
    steps = measured.steps_of(every, since=since - span, now=now)
    closed = now - timedelta(days=OPEN_DAYS)
    told = [steps.allowed(side) for side in own]
    found: dict[str, Any] = {
        "at": now.isoformat(),
        "lists": [_counted(side) for side in told],
        "alike": _alike(told),
        "final": now >= until + timedelta(days=OPEN_DAYS),
        "over": now >= until + timedelta(days=OPEN_DAYS + PASS_DAYS),
    }
    for name, hits in (
        ("opened", lambda side: measured.opened(side, steps, closed)),
        ("passed", lambda side: measured.passed(side, steps, now)),
    ):
        found[name] = _told(own, others, hits)
    return found


def _told(
    own: Both, others: Both, hits: Callable[[Sequence[Shown]], Hits]
) -> dict[str, Any] | None:
    """Return both rates, their difference, and that less what the comparison group moved by."""
    mine = measured.compared(hits(own[0]), hits(own[1]))
    if mine is None:
        return None
    theirs = measured.compared(hits(others[0]), hits(others[1]))
    return {**mine, "beside": theirs, "apart": _apart(mine, theirs)}


def _apart(mine: dict[str, float], theirs: dict[str, float] | None) -> dict[str, float] | None:
    """Return a difference of differences; the groups share no learner, so errors add up."""
    if theirs is None:
        return None
    halves = [(side["high"] - side["low"]) / 2 for side in (mine, theirs)]
    difference, half = mine["difference"] - theirs["difference"], hypot(*halves)
    return {
        "difference": round(difference, 5),
        "low": round(difference - half, 5),
        "high": round(difference + half, 5),
    }


def _counted(lists: Sequence[Shown]) -> int:
    """Return how many there are, to the nearest five; 0 of fewer learners than may be told of."""
    told = publishable(len({one.learner_id for one in lists}))
    return 0 if told is None else publishable(len(lists)) or 0


def _alike(own: Sequence[Sequence[Shown]]) -> list[float] | None:
    """Return the share of places that the most shown courses had, before and during."""
    sides = []
    for lists in own:
        if publishable(len({one.learner_id for one in lists})) is None:
            return None
        shown = Counter(course for one in lists for course in one.courses)
        most = sum(times for _course, times in shown.most_common(MOST_SHOWN))
        sides.append(round(most / max(shown.total(), 1), 4))
    return sides
