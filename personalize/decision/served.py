"""What does the log say of learners in an experiment? (L4) Answers for `experiments.served`."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from experiments.api import tell_served
from experiments.data import Period, ServedReader
from personalize.data import Source
from personalize.models.decisions import SOURCE_CODES

OWN = (Source.MODEL, Source.ONBOARDING, Source.LAST_GOOD)  # lists that a learner's history made

_AGAINST_WILL = """
SELECT count(*) FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[])
    AS objected (learner_id, since, until)
JOIN personalize_decision d ON d.learner_id = objected.learner_id
 AND d.served_at >= objected.since AND d.served_at < objected.until
WHERE d.source = ANY(%s)
"""

_MODEL_AGES = """
SELECT avg(extract(epoch FROM d.served_at - m.trained_at) / 3600)::float
FROM personalize_decision d JOIN personalize_modelversion m ON m.version = d.model
WHERE d.learner_id = ANY(%s) AND d.served_at >= %s AND d.served_at < %s
GROUP BY d.learner_id
"""


def against_will(periods: Sequence[Period]) -> int:
    """Return how many lists of their own learners were given in times in which they objected."""
    if not periods:
        return 0
    learners, since, until = zip(*periods, strict=True)
    codes = [SOURCE_CODES[source] for source in OWN]
    with connection.cursor() as cursor:
        cursor.execute(_AGAINST_WILL, [list(learners), list(since), list(until), codes])
        return int(cursor.fetchone()[0])


def model_ages(learners: Sequence[int], since: datetime, until: datetime) -> Sequence[float]:
    """Return for each learner with such lists how old the models were, in hours, on average."""
    with connection.cursor() as cursor:
        cursor.execute(_MODEL_AGES, [list(learners), since, until])
        return [hours for (hours,) in cursor.fetchall()]


def register() -> None:
    """Tell experiments who can be asked."""
    tell_served(ServedReader(against_will=against_will, model_ages=model_ages))
