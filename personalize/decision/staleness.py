"""How old is what a list was made of? (L4) The newest thing the learner did, and the model.

The age stands in the panel of a pick, is counted for operators, and is told by the review of
models. What it does to a list is the business of decision/fusion.py: what was done long ago counts
less.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection

from personalize.data import Source
from personalize.decision import inputs, metrics
from personalize.decision.context import Ask, Context
from personalize.decision.fusion import HALF_LIFE_DAYS
from personalize.decision.partitions import share_to_read
from personalize.engine.serving import LoadedModel
from personalize.models.decisions import SOURCE_CODES
from signals.aggregates import publishable

LISTS_MOST = 5_000  # looked at, drawn evenly
DAY_S = 86_400.0
OLD = 0.9  # of lists were made of something newer than the age that is told as old
DIGITS = 1

_RANKED = [SOURCE_CODES[source] for source in (Source.MODEL, Source.ONBOARDING)]
_MADE_FROM = """
SELECT learner_id, inputs FROM personalize_decision TABLESAMPLE SYSTEM (%s) REPEATABLE (0)
WHERE served_at >= %s AND served_at < %s AND source = ANY(%s) AND signals > 0
  AND inputs IS NOT NULL
ORDER BY hashtext(request_id::text) LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Ages:
    """How old the newest thing was that lists of some days were made of, in days."""

    lists: int  # to the nearest five
    median: float
    old: float  # nine in ten lists had something newer
    faded: float  # what a course of that age counts, of what it does fresh


def observe(ask: Ask, known: Context, model: LoadedModel | None) -> None:
    """Count the ages behind one personal list, for operators."""
    if known.newest_at is not None:
        metrics.NEWEST_EVENT_AGE.observe(max(0.0, ask.now.timestamp() - known.newest_at))
    if model is not None:
        metrics.MODEL_AGE.observe(_age_s(model.card.trained_at, ask.now))


def days_of(known: Context | None, now: datetime) -> float | None:
    """Return how long ago the newest of a learner's courses was touched that a list is made of."""
    if known is None or known.newest_at is None:
        return None
    return max(0.0, now.timestamp() - known.newest_at) / DAY_S


def ages(*, since: datetime, until: datetime) -> Ages | None:
    """Return how old what personal lists of some days were made of; None of few learners."""
    percent = share_to_read(LISTS_MOST, since=since, until=until)
    with connection.cursor() as cursor:
        cursor.execute(_MADE_FROM, [percent, since, until, _RANKED, LISTS_MOST])
        rows = cursor.fetchall()
    if publishable(len({learner_id for learner_id, _raw in rows})) is None:
        return None
    told = np.array([inputs.newest_days(bytes(raw)) for _learner_id, raw in rows], np.float64)
    told = told[~np.isnan(told)]
    if not len(told):
        return None
    old = float(np.quantile(told, OLD))
    return Ages(
        lists=publishable(len(told)) or 0,
        median=round(float(np.median(told)), DIGITS),
        old=round(old, DIGITS),
        faded=round(0.5 ** (old / HALF_LIFE_DAYS), 2),
    )


def _age_s(at: datetime, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds())
