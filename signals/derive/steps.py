"""What did some learners do in courses, each with its time? (L2 conductor)

For models of what becomes of a course. Whoever asks names learners that models may learn from;
who has objected meanwhile is left out again, and so is a course that was somebody else's choice.
"""

from collections.abc import Collection
from datetime import datetime

import numpy as np

from signals.data import Step, Steps
from signals.kinds.registry import KINDS, code_of
from signals.models.statements import run
from signals.privacy.consent import PERSONALIZATION_SQL
from signals.processing.activity import Group

_LESSON = Group.LESSON_STARTED | Group.LESSON_DONE | Group.SCORED
_MEANS = {
    "course.viewed": Step.VIEWED,
    "course.enrolled": Step.ENROLLED,
    "course.completed": Step.COMPLETED,
    "course.unenrolled": Step.LEFT,
}
_COUNTED = {
    kind.code: _MEANS.get(name, Step.STARTED if kind.groups & _LESSON else Step.OTHER)
    for name, kind in KINDS.items()
    if kind.groups & Group.HISTORY
}
_DAY_S = 86_400.0

# One row a learner, course, kind and day but for choices, whose very moment counts: a lesson sends
# hundreds of events, and the newest of a day says as much.
_STEPS = f"""
SELECT e.learner_id, e.course_id, e.kind, extract(epoch FROM max(e.corrected_at))::float8
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
        "choices": [code_of(name) for name in _MEANS],
        "until": until,
    }
    rows = run(_STEPS, given, prepared=False) if given["learners"] else []
    found = np.array([tuple(row) for row in rows], dtype=np.float64).reshape(-1, 4)
    return Steps(
        learner_ids=np.array([row[0] for row in rows], np.int64),
        course_ids=found[:, 1].astype(np.int32),
        steps=np.array([_COUNTED[row[2]] for row in rows], np.int8),
        times=found[:, 3] / _DAY_S,
    )
