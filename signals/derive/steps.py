"""What did some learners do in courses, each with its time? (L2 conductor)

For models of what becomes of a course. Whoever asks names learners that models may learn from;
who has objected meanwhile is left out again, and so is a course that was somebody else's choice.
"""

from collections.abc import Collection
from datetime import datetime

import numpy as np

from signals.data import Step, Steps
from signals.derive.activities import COURSE_MARKS
from signals.kinds.kind import Mark
from signals.kinds.registry import KINDS
from signals.models.statements import run
from signals.privacy.consent import PERSONALIZATION_SQL

_STRONGEST = (
    (Mark.COMPLETED, Step.COMPLETED),
    (Mark.UNENROLLED, Step.LEFT),
    (Mark.ENROLLED, Step.ENROLLED),
    (Mark.MODULE_SCORE, Step.SCORED),
    (Mark.STARTED, Step.STARTED),
    (Mark.VIEWED, Step.VIEWED),
)
_COUNTED = {
    kind.code: next((step for mark, step in _STRONGEST if kind.marks & mark), Step.OTHER)
    for kind in KINDS.values()
    if kind.marks & COURSE_MARKS
}
_CHOICES = [code for code, step in _COUNTED.items() if step not in {Step.STARTED, Step.OTHER}]
_SCORED = [code for code, step in _COUNTED.items() if step is Step.SCORED]
_DAY_S = 86_400.0

# One row a learner, course, kind and day but for choices and quizzes, whose very moment counts: a
# lesson sends hundreds of events, and the newest of a day says as much.
_STEPS = f"""
SELECT e.learner_id, e.course_id, e.kind, extract(epoch FROM max(e.corrected_at))::float8,
       avg(CASE WHEN e.kind = ANY(%(scored)s::smallint[]) THEN e.value END)
FROM signals_event e
JOIN signals_learner l USING (learner_id)
LEFT JOIN signals_consent c USING (learner_id)
WHERE e.learner_id = ANY(%(learners)s::bigint[]) AND e.kind = ANY(%(kinds)s::smallint[])
  AND e.course_id IS NOT NULL AND e.corrected_at < %(until)s
  AND l.kind = 'real' AND {PERSONALIZATION_SQL}
  AND NOT EXISTS (SELECT FROM signals_learnercourse h
                  WHERE (h.learner_id, h.course_id) = (e.learner_id, e.course_id) AND h.mandatory)
GROUP BY e.learner_id, e.course_id, e.kind,
         CASE WHEN e.kind = ANY(%(choices)s::smallint[]) THEN e.corrected_at END,
         date_trunc('day', e.corrected_at)
"""  # noqa: S608  put together from constants


def steps(learner_ids: Collection[int], *, until: datetime) -> Steps:
    """Return what these learners did in courses before `until`, in no order."""
    given = {
        "learners": list(learner_ids),
        "kinds": list(_COUNTED),
        "choices": _CHOICES,
        "scored": _SCORED,
        "until": until,
    }
    rows = run(_STEPS, given, prepared=False).fetchall() if given["learners"] else []
    found = np.array([tuple(row) for row in rows], dtype=np.float64).reshape(-1, 5)
    return Steps(
        learner_ids=np.array([row[0] for row in rows], np.int64),
        course_ids=found[:, 1].astype(np.int32),
        steps=np.array([_COUNTED[row[2]] for row in rows], np.int8),
        times=found[:, 3] / _DAY_S,
        shares=found[:, 4],
    )
