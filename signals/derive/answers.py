"""What did the learners of an experiment click, and which lessons did they complete? (L2 conductor)

For comparisons within one list: whose the clicked or learnt course was is asked of the log of
decisions, above. Who counts is who counts in every read-out (`packing`): real learners who have
not objected. Each lesson counts once, when it was first completed.
"""

from collections.abc import Sequence
from datetime import datetime

from signals.data import Answered
from signals.derive.packing import COUNTED
from signals.kinds.registry import code_of
from signals.models.statements import run

_ANSWERED = f"""
WITH exposed AS MATERIALIZED (
    SELECT x.learner_id, x.exposed_at FROM signals_exposure x {COUNTED}
    WHERE x.experiment = %(experiment)s AND x.exposed_at <= %(as_of)s
      AND x.learner_id = ANY(%(learners)s::bigint[])
)
SELECT e.learner_id, e.course_id, min(e.corrected_at), e.request_id
FROM exposed x JOIN signals_event e ON e.learner_id = x.learner_id
 AND e.kind = {code_of("rec.clicked")} AND e.request_id IS NOT NULL
 AND e.corrected_at <= %(as_of)s
GROUP BY e.learner_id, e.course_id, e.request_id
UNION ALL
SELECT e.learner_id, e.course_id, min(e.corrected_at), NULL
FROM exposed x JOIN signals_event e ON e.learner_id = x.learner_id
 AND e.kind = {code_of("lesson.completed")} AND e.course_id IS NOT NULL
 AND e.corrected_at >= x.exposed_at AND e.corrected_at <= %(as_of)s
GROUP BY e.learner_id, e.course_id, e.module_id
ORDER BY 1, 3, 2
"""  # noqa: S608  only constants of this product are put in


def answered(experiment: str, learners: Sequence[int], *, as_of: datetime) -> list[Answered]:
    """Return clicks and completed lessons of these learners, of those who were exposed by then."""
    given = {"experiment": experiment, "as_of": as_of, "learners": list(learners)}
    return [Answered(*row) for row in run(_ANSWERED, given, prepared=False)]
