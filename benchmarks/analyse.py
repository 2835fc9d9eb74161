"""How long does a look at ten metrics take on a large platform, against reading the events for it?

The whole analysis is measured: the moments of both arms from SQL, and the effects with what the
time before explains taken off. Ours reads what the clock has counted ahead; some learners have
events since, which are counted while the look waits. The baseline asks the events for one metric
after the other, as the product did before anything was counted ahead; both give the same effects.
"""

import argparse
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter

from django.db import connection

from benchmarks import measured
from benchmarks.assign import PLAN
from experiments.ahead import AHEAD
from experiments.data import Effect, Plan
from experiments.effects import readable_effects
from experiments.samples import samples_of
from experiments.surfaces import name_surfaces
from signals import api as signals
from signals import clock

LEARNERS = 400_000
SINCE = 4_000  # learners whose events came after everybody was counted
METRICS = (
    "ctr",
    "enrolments",
    "acceptance",
    "repeat_engagement",
    "active_days",
    "return",
    "modules_completed",
    "quiz_score",
    "satisfaction",
    "revenue",
)
ALPHA = 0.05
_SINCE = """
INSERT INTO signals_event (occurred_at, corrected_at, received_at, source_id, id, learner_id, kind,
    course_id)
SELECT exposed_at + interval '2 days', exposed_at + interval '2 days', %s, 1, gen_random_uuid(),
    learner_id, %s, 1
FROM signals_exposure ORDER BY learner_id LIMIT %s
"""


def measure(arguments: argparse.Namespace) -> dict[str, float | int]:
    """Return seconds of a look, ours and naive, and what counting ahead took."""
    learners = arguments.learners or LEARNERS
    name_surfaces({"home": measured.SURFACE})
    plan = _plan()
    now = clock.now()
    events = measured.store(learners, now=now)
    started = perf_counter()
    while signals.keep_measured(plan.key, AHEAD, surfaces=(measured.SURFACE,), now=now):
        pass  # as often as the clock would come
    ahead = perf_counter() - started
    found = [_timed(plan, METRICS, now) for _ in range(arguments.repetitions)]
    some_came(now, learners=min(SINCE, learners // 10))
    later = [_timed(plan, METRICS, now) for _ in range(arguments.repetitions)]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM signals_measured")  # nothing is known to be counted any more
    naive, wanted = _timed(plan, METRICS, now, one_by_one=True)
    _same(later[-1][1], wanted)
    return {
        "learners": learners,
        "events": events,
        "metrics": len(METRICS),
        "seconds": round(median(seconds for seconds, _ in found), 2),
        "seconds_with_new_events": round(median(seconds for seconds, _ in later), 2),
        "counted_ahead_seconds": round(ahead, 1),
        "naive_seconds": round(naive, 1),
    }


def some_came(now: datetime, *, learners: int) -> None:
    """Store late events of some learners, which nothing that was counted ahead holds."""
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, [now, signals.kind_codes()["course.enrolled"], learners])


def _plan() -> Plan:
    """Return a plan with the ten metrics; only its metrics, arms and surfaces are read."""
    first, *others = METRICS
    fields = {name: getattr(PLAN, name) for name in PLAN.__dataclass_fields__}
    fields |= {"key": measured.KEY, "primary_metric": first, "guardrails": tuple(others)}
    return Plan(**fields)


def _timed(
    plan: Plan, metrics: tuple[str, ...], now: datetime, *, one_by_one: bool = False
) -> tuple[float, list[Effect]]:
    """Return how long the effects took, and the effects."""
    asked = [(metric,) for metric in metrics] if one_by_one else [metrics]
    started = perf_counter()
    samples = {
        metric: arms
        for some in asked
        for metric, arms in samples_of(plan, some, as_of=now + timedelta(minutes=1)).items()
    }
    effects = readable_effects(plan, samples, alpha=ALPHA)
    return perf_counter() - started, effects


def _same(found: list[Effect], wanted: list[Effect]) -> None:
    """Insist that nothing but the time depends on how it was read."""
    for one, other in zip(found, wanted, strict=True):
        apart = abs(one.difference - other.difference) + abs(one.low - other.low)
        if one.metric != other.metric or apart > 1e-6 * (1 + abs(other.difference)):
            raise SystemExit(f"The two readings of {one.metric} differ: {one}, {other}.")
