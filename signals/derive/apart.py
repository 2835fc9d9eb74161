"""How many lessons did everybody complete, and those who are kept apart? Exact sums (L2 conductor).

Everybody counts who was known by the end and may be counted (`packing`), whether or not they were
here: who comes at all may be what the lists have done. The caller sees sums, never a learner; only
`experiments` may read these.
"""

from collections.abc import Callable
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from signals.data import Done
from signals.derive.lately import COMPLETED
from signals.derive.packing import COUNTED
from signals.models.statements import run
from signals.processing.activity import FLAG_CRAWLER

_DONE = f"""
WITH done AS (
    SELECT e.learner_id, count(DISTINCT e.module_id) AS lessons FROM signals_event e
    WHERE e.kind = ANY(%(kinds)s::smallint[]) AND e.flags & {FLAG_CRAWLER} = 0
      AND e.occurred_at >= %(since)s - interval '1 day'
      AND e.occurred_at < %(until)s + interval '1 day'
      AND e.corrected_at >= %(since)s AND e.corrected_at < %(until)s
    GROUP BY e.learner_id
)
SELECT x.learner_id, coalesce(done.lessons, 0)
FROM (SELECT learner_id FROM signals_learner WHERE created_at < %(until)s) x {COUNTED}
LEFT JOIN done ON done.learner_id = x.learner_id
"""  # noqa: S608  only constants of this product are put in


def done_apart(
    *, since: datetime, until: datetime, apart: Callable[[int], bool]
) -> tuple[Done, Done]:
    """Return what those did whom `apart` names by their learner id, and what all others did."""
    given = {"since": since, "until": until, "kinds": COMPLETED}
    rows = run(_DONE, given, prepared=False).fetchall()
    within = np.fromiter((apart(learner_id) for learner_id, _ in rows), np.bool_, len(rows))
    lessons = np.fromiter((count for _, count in rows), np.float64, len(rows))
    return _sums(lessons[within]), _sums(lessons[~within])


def _sums(lessons: NDArray[np.float64]) -> Done:
    return Done(
        learners=len(lessons),
        telling=int((lessons > 0).sum()),
        total=float(lessons.sum()),
        squares=float(lessons @ lessons),
    )
