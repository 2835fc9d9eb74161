"""What did learners make of lists lately, how many lessons did they do, and who objected? (L2)

For a watch over hours or a few weeks, by learners the caller names: events are read as they stand,
by the index of learners, and nothing is counted ahead.
"""

from collections.abc import Sequence
from datetime import datetime

from signals.data import Purpose
from signals.kinds.kind import Mark
from signals.kinds.registry import KINDS, code_of
from signals.models.statements import run
from signals.privacy.consent import PERSONALIZATION_SQL
from signals.processing.activity import FLAG_CRAWLER

CLICKED = code_of("rec.clicked")
COMPLETED = [kind.code for kind in KINDS.values() if kind.marks & Mark.MODULE_COMPLETED]
REFUSED = [code_of("rec.dismissed"), code_of("rec.snoozed")]

_ANSWERS = f"""
SELECT l.learner_id,
       count(DISTINCT e.request_id) FILTER (WHERE e.kind = %(clicked)s),
       count(DISTINCT e.request_id) FILTER (WHERE e.kind = ANY(%(refused)s::smallint[]))
FROM signals_learner l
LEFT JOIN signals_event e ON e.learner_id = l.learner_id AND e.request_id IS NOT NULL
 AND e.occurred_at >= %(since)s - interval '1 day' AND e.occurred_at < %(until)s + interval '1 day'
 AND e.corrected_at >= %(since)s AND e.corrected_at < %(until)s
 AND e.kind = ANY(%(kinds)s::smallint[]) AND e.flags & {FLAG_CRAWLER} = 0
WHERE l.learner_id = ANY(%(learners)s::bigint[]) AND l.kind = 'real'
GROUP BY l.learner_id
"""  # noqa: S608  only a constant of this product is put in

# Of who allows it: beside lists of their own, this is about the learner and not about the platform.
_LESSONS = f"""
SELECT l.learner_id, count(DISTINCT e.module_id)
FROM signals_learner l
LEFT JOIN signals_consent c USING (learner_id)
LEFT JOIN signals_event e ON e.learner_id = l.learner_id
 AND e.occurred_at >= %(since)s - interval '1 day' AND e.occurred_at < %(until)s + interval '1 day'
 AND e.corrected_at >= %(since)s AND e.corrected_at < %(until)s
 AND e.kind = ANY(%(kinds)s::smallint[]) AND e.flags & {FLAG_CRAWLER} = 0
WHERE l.learner_id = ANY(%(learners)s::bigint[]) AND l.kind = 'real' AND {PERSONALIZATION_SQL}
GROUP BY l.learner_id
"""  # noqa: S608  only constants of this product are put in

_OBJECTIONS = """
SELECT c.learner_id, c.at, coalesce((
    SELECT min(g.at) FROM signals_consentchange g
    WHERE g.learner_id = c.learner_id AND g.purpose = c.purpose AND g.granted AND g.at > c.at
), %(until)s)
FROM signals_consentchange c
WHERE c.learner_id = ANY(%(learners)s::bigint[]) AND c.purpose = %(purpose)s
  AND NOT c.granted AND c.at < %(until)s
"""


def answers(
    learner_ids: Sequence[int], *, since: datetime, until: datetime
) -> dict[int, tuple[int, int]]:
    """Return of each real learner how many lists they clicked in that time, and refused from."""
    found = run(
        _ANSWERS,
        {
            "learners": list(learner_ids),
            "since": since,
            "until": until,
            "clicked": CLICKED,
            "refused": REFUSED,
            "kinds": [CLICKED, *REFUSED],
        },
    )
    return {learner_id: (clicked, refused) for learner_id, clicked, refused in found}


def lessons(learner_ids: Sequence[int], *, since: datetime, until: datetime) -> dict[int, int]:
    """Return of each real learner who allows it how many lessons they completed in that time."""
    asked = {"learners": list(learner_ids), "since": since, "until": until, "kinds": COMPLETED}
    found: dict[int, int] = dict(run(_LESSONS, asked).fetchall())
    return found


def objecting(
    learner_ids: Sequence[int], *, until: datetime
) -> list[tuple[int, datetime, datetime]]:
    """Return every time these learners objected to personalization, until it was taken back."""
    asked = {"learners": list(learner_ids), "until": until, "purpose": Purpose.PERSONALIZATION}
    return list(run(_OBJECTIONS, asked))
