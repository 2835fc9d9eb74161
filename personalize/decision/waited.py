"""How long did learners wait for their lists? (L4) 95 of 100 waited at most so long."""

from datetime import datetime

import numpy as np
from django.db import connection
from scipy.stats import binom

from personalize.data import Estimate, Source
from personalize.decision.partitions import share_to_read
from personalize.models.decisions import SOURCE_CODES

SHARE = 0.95
LISTS_MOST = 20_000  # drawn evenly
LEAST = 100  # lists: of fewer the slowest twentieth is a handful
TAIL = 0.025

_RANKED = [SOURCE_CODES[source] for source in (Source.MODEL, Source.ONBOARDING)]
_TOOK = """
SELECT took_ms FROM personalize_decision TABLESAMPLE SYSTEM (%s) REPEATABLE (0)
WHERE served_at >= %s AND served_at < %s AND source = ANY(%s)
ORDER BY hashtext(request_id::text) LIMIT %s
"""


def waited(*, since: datetime, until: datetime) -> Estimate | None:
    """Return the 95th percentile in ms of lists that were ranked, with its 95% interval.

    The bounds are the times between whose ranks the percentile lies (binomial, without any
    assumption about how times are spread). None of fewer lists than LEAST.
    """
    percent = share_to_read(LISTS_MOST, since=since, until=until)
    with connection.cursor() as cursor:
        cursor.execute(_TOOK, [percent, since, until, _RANKED, LISTS_MOST])
        took = np.sort(np.array([row[0] for row in cursor.fetchall()], np.float64))
    n = len(took)
    if n < LEAST:
        return None
    low, high = binom.ppf([TAIL, 1 - TAIL], n, SHARE).astype(int)
    place = int(np.ceil(SHARE * n)) - 1
    return Estimate(
        float(took[place]), n, low=float(took[max(low - 1, 0)]), high=float(took[min(high, n - 1)])
    )
