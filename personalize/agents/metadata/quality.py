"""Which course do fewer finish than courses like it? (L5) A difference of shares, with interval.

Compared are those who enrolled SETTLED_DAYS ago or earlier; what is shown is of ten learners and
more, rounded. Nothing in the catalogue changes by it: to accept is to take it up.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from personalize.agents.metadata.found import Found, Learnt
from personalize.algorithms.metadata.shares import difference
from personalize.algorithms.metadata.texts import CourseText, Views
from signals import aggregates
from signals.data import CourseInfo

SETTLED_DAYS = 30  # those who enrolled later may still finish
ALIKE = 10  # courses each is held against
LEAST_ALIKE = 3  # of them with figures
LEAST_COURSES = 5
MODULES_ALIKE = 2.0  # times as long, or half as long: what takes longer is finished less


def find(
    courses: Sequence[CourseInfo], texts: Sequence[CourseText], *, now: datetime
) -> tuple[list[Found], Learnt]:
    """Return courses that clearly fewer finish than those most like them."""
    figures = aggregates.outcomes(now - timedelta(days=SETTLED_DAYS))
    known = [place for place, course in enumerate(courses) if course.course_id in figures]
    if len(known) < LEAST_COURSES:
        return [], Learnt(len(known), "", None)
    seen = Views().fit(texts).of(texts)
    alike = (seen["words"] @ seen["words"].T + seen["offer"] @ seen["offer"].T * 0.1).toarray()
    found = []
    for place in known:
        others = [o for o in known if o != place and _as_long(courses[place], courses[o])]
        near = sorted(others, key=lambda other: -alike[place, other])[:ALIKE]
        if len(near) < LEAST_ALIKE:
            continue
        own = figures[courses[place].course_id]
        rest = [figures[courses[other].course_id] for other in near]
        base, done = sum(o.enrolled for o in rest), sum(o.finished for o in rest)
        low, high = difference(own.finished, own.enrolled, done, base)
        if high < 0:
            found.append(
                Found(
                    courses[place].course_id,
                    "quality",
                    "finished",
                    round(min(-high * 2, 1.0), 4),
                    {
                        "finished": own.finished,
                        "enrolled": own.enrolled,
                        "others_finished": done,
                        "others_enrolled": base,
                        "others": len(near),
                        "titles": [courses[other].title for other in near[:3]],
                        "low": round(low, 4),
                        "high": round(high, 4),
                    },
                )
            )
    return found, Learnt(len(known), "", None)


def _as_long(one: CourseInfo, other: CourseInfo) -> bool:
    short, long = sorted((max(one.modules, 1), max(other.modules, 1)))
    return long <= MODULES_ALIKE * short
