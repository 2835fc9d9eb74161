"""What did each arm of an experiment do? Exact sufficient statistics per metric (L2 conductor).

Only real learners count who have not objected to personalization: measuring it rests on the same
legitimate interest (tier 1), so an objection takes a learner out of every read-out from then on,
and out of the count of who was exposed alike. Windows are of corrected time, as exposures are of
ours. One value a learner; SQL aggregates, so the caller sees n, sums, squares and cross products,
never a learner. Nobody but `experiments` may read these.

Beside each learner's value stands the same measured over as many days before the exposure: what an
arm cannot have changed, and what explains much of how learners differ (CUPED).
"""

from collections.abc import Collection
from datetime import datetime

from django.db import connection

from signals.data import ArmMoments
from signals.kinds.registry import code_of
from signals.privacy.consent import PERSONALIZATION_SQL

# Whose exposures count; aliases as PERSONALIZATION_SQL wants them.
_COUNTED = f"""
    JOIN signals_learner l ON l.learner_id = x.learner_id AND l.kind = 'real'
    LEFT JOIN signals_consent c ON c.learner_id = x.learner_id
    JOIN LATERAL (SELECT 1 WHERE {PERSONALIZATION_SQL}) allowed ON true
"""

# Every query below yields (arm, y, x), one row a learner, from `exposed` and the learner's own
# events: what was done in the window, and in as long a one before it (0 where nothing was).
_EXPOSED = """
WITH exposed AS (
    SELECT x.learner_id, x.arm, x.exposed_at, x.exposed_at - %(days)s * interval '1 day' AS since,
        x.exposed_at + %(days)s * interval '1 day' AS until
    FROM signals_exposure x {counted}
    WHERE x.experiment = %(experiment)s
      AND x.exposed_at + %(ripe_days)s * interval '1 day' <= %(as_of)s
), per_learner AS ({per_learner})
SELECT arm, count(*), sum(y), sum(y * y), sum(x), sum(x * x), sum(x * y)
FROM per_learner WHERE y IS NOT NULL GROUP BY arm ORDER BY arm
"""

_EVENTS = """
    SELECT x.learner_id, x.arm, {after} AS y, coalesce({before}, 0) AS x
    FROM exposed x
    LEFT JOIN signals_event e
      ON e.learner_id = x.learner_id AND e.kind = ANY(%(kinds)s)
     AND e.corrected_at >= x.since AND e.corrected_at < x.until
     AND e.corrected_at <= %(as_of)s
    GROUP BY x.learner_id, x.arm
"""
_AFTER, _BEFORE = "e.corrected_at >= x.exposed_at", "e.corrected_at < x.exposed_at"

# Whether an event belongs to a list of the surfaces asked for: the layout of signals/request_ids.py
# puts the version, 8, and the two digits of the surface side by side.
_LISTED = "substr(e.request_id::text, 15, 3) = ANY(%(lists)s)"

# metric -> (value expression over a learner's events {when}, kinds, waits for the window)
METRICS: dict[str, tuple[str, tuple[str, ...], bool]] = {
    # share of the lists shown on these surfaces that were clicked; who saw none has no value
    "ctr": (
        f"count(DISTINCT e.request_id) FILTER (WHERE {{when}} AND {_LISTED}"
        " AND e.kind = %(second)s)::float"
        f" / nullif(count(DISTINCT e.request_id) FILTER (WHERE {{when}} AND {_LISTED}), 0)",
        ("rec.shown", "rec.clicked"),
        False,
    ),
    # distinct lessons completed; only learners whose whole window has passed
    "modules_completed": (
        "count(DISTINCT e.module_id) FILTER (WHERE {when})::float",
        ("lesson.completed",),
        True,
    ),
    "enrolments": (
        "count(DISTINCT e.course_id) FILTER (WHERE {when})::float",
        ("course.enrolled",),
        True,
    ),
}


_EXPOSED_COUNTS = f"""
SELECT x.arm, count(*) FROM signals_exposure x {_COUNTED}
WHERE x.experiment = %s AND x.exposed_at <= %s GROUP BY x.arm ORDER BY x.arm
"""  # noqa: S608  only constants of this product are put in


def moments(
    experiment: str,
    *,
    metric: str,
    surfaces: Collection[int],
    window_days: int,
    as_of: datetime,
) -> list[ArmMoments]:
    """Return n, sums, squares and products of a metric per arm, after and before first exposure.

    Args:
        experiment: the opaque key given to `expose`.
        metric: a name of METRICS.
        surfaces: codes of the surfaces whose lists count, where a metric is about lists; what a
            learner learns counts wherever it began.
        window_days: how long after the exposure a learner's events count.
        as_of: nothing later counts; metrics that wait leave out learners whose window is open.

    Raises:
        KeyError: for a metric that does not exist.
    """
    value, kinds, waits = METRICS[metric]
    codes = [code_of(kind) for kind in kinds]
    per_learner = _EVENTS.format(after=value.format(when=_AFTER), before=value.format(when=_BEFORE))
    with connection.cursor() as cursor:
        cursor.execute(
            _EXPOSED.format(counted=_COUNTED, per_learner=per_learner),
            {
                "experiment": experiment,
                "days": window_days,
                "ripe_days": window_days if waits else 0,
                "as_of": as_of,
                "kinds": codes,
                "second": codes[-1],
                "lists": [f"8{surface:02x}" for surface in surfaces],
            },
        )
        return [ArmMoments(*row) for row in cursor.fetchall()]


def exposed_counts(experiment: str, *, as_of: datetime) -> dict[str, int]:
    """Return how many real learners who have not objected had seen each arm by then."""
    with connection.cursor() as cursor:
        cursor.execute(
            _EXPOSED_COUNTS,
            [experiment, as_of],
        )
        return dict(cursor.fetchall())
