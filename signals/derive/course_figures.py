"""What became of those who enrolled, and in which order were courses taken? (L2) Counts only.

One pass over what learners did in courses: for the clock, not for pages.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from signals.data import CourseOutcome, TakenInOrder
from signals.processing.disclosure import publishable

FEW = 5  # how fewer than ten are told, none too

_OUTCOMES = """
SELECT c.course_id, count(*), count(c.completed_at) FROM signals_learnercourse c
JOIN signals_learner l ON l.learner_id = c.learner_id AND l.kind = 'real'
WHERE c.enrolled_at IS NOT NULL AND NOT c.mandatory AND c.enrolled_at < %s
GROUP BY 1
"""
_IN_ORDER = """
SELECT p.earlier, p.later, count(*) FILTER (WHERE a.enrolled_at < b.enrolled_at),
       count(*) FILTER (WHERE a.enrolled_at > b.enrolled_at)
FROM unnest(%s::int[], %s::int[]) p (earlier, later)
JOIN signals_learnercourse a ON a.course_id = p.earlier AND a.enrolled_at IS NOT NULL
JOIN signals_learnercourse b ON b.course_id = p.later AND b.learner_id = a.learner_id
     AND b.enrolled_at IS NOT NULL
JOIN signals_learner l ON l.learner_id = a.learner_id AND l.kind = 'real'
WHERE NOT a.mandatory AND NOT b.mandatory
GROUP BY 1, 2
"""


def outcomes(before: datetime) -> dict[int, CourseOutcome]:
    """Return how many enrolled before a moment and finished, of courses ten or more enrolled in.

    Fewer than ten who finished, or who did not, are told as FEW.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES, [before])
        rows = cursor.fetchall()
    found = {}
    for course, enrolled, finished in rows:
        base = publishable(enrolled)
        if base is not None:
            done, rest = publishable(finished), publishable(enrolled - finished)
            told = FEW if done is None else base - FEW if rest is None else done
            found[course] = CourseOutcome(course, base, min(told, base))
    return found


def in_order(pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], TakenInOrder]:
    """Return how often both courses of a pair were taken, and how often the first came first.

    Only pairs that ten or more took; a side with fewer than ten is told as FEW.
    """
    if not pairs:
        return {}
    earlier, later = [a for a, _ in pairs], [b for _, b in pairs]
    with connection.cursor() as cursor:
        cursor.execute(_IN_ORDER, [earlier, later])
        rows = cursor.fetchall()
    found = {}
    for first, then, forth, back in rows:
        if publishable(forth + back) is not None:
            found[first, then] = TakenInOrder(publishable(forth) or FEW, publishable(back) or FEW)
    return found
