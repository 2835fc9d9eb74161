"""What were learners told to be likely, and what came of it? (L4) For a guardrail of experiments.

Every item of a list that stood with a probability is one promise: that its course is opened or
enrolled in within seven days. The log says what was told, the learner's own steps what came.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection

from experiments.data import WITHIN_DAYS, Promised
from personalize.decision.confidence import chance_of
from signals import api as signals
from signals.api import lately
from signals.data import Step

OPENED = (Step.VIEWED, Step.ENROLLED)
LISTS_MOST = 50_000  # spread over all by the hash of the request

_TOLD = """
SELECT learner_id, extract(epoch FROM served_at)::float8 / 86400, course_ids, confidences
FROM personalize_decision
WHERE learner_id = ANY(%s) AND served_at >= %s AND served_at < %s AND module_ids IS NULL
ORDER BY hashtext(request_id::text) LIMIT %s
"""

Days = dict[tuple[int, int], list[float]]  # learner and course -> moments, in days


def promises(learners: Sequence[int], since: datetime, until: datetime) -> list[Promised]:
    """Return what lists of that time told these learners, of those who still allow to be counted.

    `until` lies WITHIN_DAYS back or more: what is newer may still come true.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [list(learners), since, until, LISTS_MOST])
        lists = cursor.fetchall()
    end = until + timedelta(days=WITHIN_DAYS)
    counted = lately.lessons(sorted({row[0] for row in lists}), since=since, until=end)
    opened = _opened(list(counted), until=end)
    told: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for learner_id, at, course_ids, codes in lists:
        for course_id, code in zip(course_ids, codes, strict=True):
            chance = chance_of(code)
            if chance is not None and learner_id in counted:
                told[learner_id].append((chance, _came(opened, learner_id, course_id, at)))
    return [
        Promised(
            learner_id,
            said=sum(chance for chance, _ in items) / len(items),
            came=sum(came for _, came in items) / len(items),
        )
        for learner_id, items in sorted(told.items())
    ]


def _opened(learners: Sequence[int], *, until: datetime) -> Days:
    steps = signals.steps(learners, until=until)
    found: Days = defaultdict(list)
    rows = zip(steps.learner_ids, steps.course_ids, steps.steps, steps.times, strict=True)
    for learner_id, course_id, step, at in rows:
        if step in OPENED:
            found[int(learner_id), int(course_id)].append(float(at))
    return found


def _came(
    opened: Mapping[tuple[int, int], Sequence[float]], learner_id: int, course_id: int, at: float
) -> bool:
    moments = opened.get((learner_id, course_id), ())
    return any(at < moment <= at + WITHIN_DAYS for moment in moments)
