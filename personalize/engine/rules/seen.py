"""What was shown to whom because of whom? (L3) From the log of decisions, a row a pair.

The newest LISTS_MOST lists are read: of a platform that shows millions a day, the newest days.
"""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from personalize.data import Change, Slot
from personalize.engine.rules.base import NO_SPANS, Shown, Spans
from personalize.models import Decision, Override
from personalize.models.decisions import SLOT_CODES

DECISIONS_KEPT_DAYS = 180  # how far back the decision log names learners
LISTS_MOST = 2_000_000
DAY_S = 86_400.0

_PAIRS = """
SELECT learner_id, shown.course_id,
       extract(epoch FROM min(served_at))::float8, extract(epoch FROM max(served_at))::float8,
       count(*)::int, min(shown.place)::int - 1, bool_and(shown.slot = %(explored)s)
FROM personalize_decision,
     unnest(course_ids, slots) WITH ORDINALITY AS shown (course_id, slot, place)
WHERE served_at >= %(since)s AND served_at < %(until)s AND learner_id IS NOT NULL
  AND module_ids IS NULL AND slots && %(slots)s::smallint[] AND shown.slot = ANY(%(slots)s)
GROUP BY learner_id, shown.course_id
"""


def steered(*, now: datetime) -> Spans:
    """Read what was shown because of a pin or boost; nothing is read when none was ever made."""
    oldest = now - timedelta(days=DECISIONS_KEPT_DAYS)
    first = (
        Override.objects.filter(change__in=[Change.PIN, Change.BOOST], ends_at__gte=oldest)
        .order_by("starts_at")
        .first()
    )
    if first is None:
        return NO_SPANS
    return _pairs([Slot.PINNED, Slot.BOOSTED], since=max(oldest, first.starts_at), now=now).spans


def shown(*, now: datetime) -> Shown:
    """Read what lists showed by themselves: as ranked, and as drawn at random."""
    oldest = now - timedelta(days=DECISIONS_KEPT_DAYS)
    lists = Decision.objects.filter(served_at__gte=oldest, served_at__lt=now)
    newest = lists.order_by("-served_at").values_list("served_at", flat=True)
    since = next(iter(newest[LISTS_MOST : LISTS_MOST + 1]), oldest)
    return _pairs([Slot.GREEDY, Slot.EXPLORE], since=since, now=now)


def _pairs(slots: list[Slot], *, since: datetime, now: datetime) -> Shown:
    asked: dict[str, Any] = {
        "slots": [SLOT_CODES[slot] for slot in slots],
        "explored": SLOT_CODES[Slot.EXPLORE],
        "since": since,
        "until": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, asked)
        found = cursor.fetchall()

    def column(at: int, kind: str) -> NDArray[Any]:
        return np.fromiter((row[at] for row in found), kind, len(found))

    spans = Spans(
        column(0, "i8"), column(1, "i4"), column(2, "f8") / DAY_S, column(3, "f8") / DAY_S
    )
    return Shown(spans, column(4, "i4"), column(5, "i2"), column(6, "?"))
