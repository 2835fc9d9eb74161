"""Does some kind of learner get fewer lists of their own? (L4) For the page on fairness.

A list is somebody's own where a model, or what they told, made it. What they switched off and what
the comparison group sees is left out: that is no failure to serve them. Time that runs short, a
model that knows too little of somebody, and consent that could not be read are.
"""

from dataclasses import asdict
from datetime import datetime

import numpy as np
from django.db import connection

from personalize.algorithms.fairness import recall_gaps
from personalize.data import CohortGap, Source
from personalize.decision.partitions import share_to_read
from personalize.models.decisions import SOURCE_CODES
from signals import api

MEASURE = "exposure"
LISTS_MOST = 20_000  # looked through, spread evenly
OWN = (Source.MODEL, Source.ONBOARDING)
LEFT_OUT = (Source.HOLDOUT, Source.OFF)

_BY_LEARNER = """
SELECT learner_id, avg((source = ANY(%(own)s))::int)::float8
FROM (SELECT learner_id, source
      FROM personalize_decision TABLESAMPLE SYSTEM (%(percent)s) REPEATABLE (0)
      WHERE served_at >= %(since)s AND served_at < %(until)s AND learner_id IS NOT NULL
        AND NOT source = ANY(%(left_out)s)
      ORDER BY hashtext(request_id::text) LIMIT %(most)s) asked
GROUP BY learner_id
"""


def exposure_gaps(*, since: datetime, until: datetime) -> tuple[CohortGap, ...]:
    """Return which share of its lists each kind of learner got as their own, beside all others.

    The gap is a ratio; kinds are those of signals, as known at the end, of 50 learners and more.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _BY_LEARNER,
            {
                "own": [SOURCE_CODES[source] for source in OWN],
                "left_out": [SOURCE_CODES[source] for source in LEFT_OUT],
                "percent": share_to_read(LISTS_MOST, since=since, until=until),
                "since": since,
                "until": until,
                "most": LISTS_MOST,
            },
        )
        rows = cursor.fetchall()
    if not rows:
        return ()
    learners = [learner_id for learner_id, _share in rows]
    shares = np.array([share for _learner, share in rows], dtype=np.float64)
    gaps = recall_gaps(shares, api.cohorts_of(learners, at=until))
    return tuple(CohortGap(**{**asdict(gap), "measure": MEASURE}) for gap in gaps)
