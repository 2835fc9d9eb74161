"""How do learners get on since the model before? (L4) For the review of models.

Of learners who had lists of a model: the share of their lists they clicked (engagement) and the
lessons they completed (progression), in the days up to a moment and in as many days before these.
Where all got another model within the last fortnight, the days are parted at its coming. What moved
in the comparison group too is taken off, where it is large enough; what is left is still no proof:
this says how it went, and an experiment says why.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from personalize.algorithms import moved as pure
from personalize.algorithms.moved import ENGAGEMENT, PROGRESSION
from personalize.data import Source
from personalize.models import ModelVersion
from personalize.models.decisions import SOURCE_CODES
from signals.aggregates import publishable
from signals.api import lately

FORTNIGHT = timedelta(days=14)
SHORTEST = timedelta(days=3)  # a model that came later than this is read at the next review
LEARNERS_MOST = 20_000  # of each time, drawn evenly
DIGITS = 3

_RANKED = [SOURCE_CODES[source] for source in (Source.MODEL, Source.ONBOARDING)]
_HELD_OUT = [SOURCE_CODES[Source.HOLDOUT]]
_LISTS = """
SELECT learner_id, count(*) FROM personalize_decision
WHERE served_at >= %(since)s AND served_at < %(until)s AND learner_id IS NOT NULL
  AND source = ANY(%(sources)s) AND (model IS NOT NULL OR NOT %(ranked)s)
GROUP BY learner_id ORDER BY hashint8(learner_id) LIMIT %(most)s
"""


def since_before(*, until: datetime) -> dict[str, Any]:
    """Return both tracks and what they say together, as the review keeps it."""
    parted, changed = _parted(until)
    begun = parted - (until - parted)
    now, before = _of(parted, until), _of(begun, parted)
    held, held_before = _of(parted, until, ranked=False), _of(begun, parted, ranked=False)
    tracks = {
        track: pure.moved(now[track], before[track], beside=(held[track], held_before[track]))
        for track in now
    }
    return {
        "reading": str(pure.read(tracks)),
        "from": begun.isoformat(),
        "parted": parted.isoformat(),
        "changed": changed,
        "tracks": {track: _told(found) for track, found in tracks.items()},
    }


def _parted(until: datetime) -> tuple[datetime, bool]:
    """Return where the days are parted, and whether that is where another model came."""
    shown = ModelVersion.objects.filter(published_at__lt=until).order_by("published_at")
    before, came = "", None
    for configuration, at in shown.values_list("configuration", "published_at"):
        if before and configuration != before:
            came = at
        before = configuration or before
    if came is not None and until - FORTNIGHT <= came <= until - SHORTEST:
        return came, True
    return until - FORTNIGHT, False


def _of(since: datetime, until: datetime, *, ranked: bool = True) -> dict[str, np.ndarray]:
    """Return both tracks by learner, of those with lists of a model or of those held out."""
    asked: dict[str, Any] = {"since": since, "until": until, "ranked": ranked}
    asked |= {"sources": _RANKED if ranked else _HELD_OUT, "most": LEARNERS_MOST}
    with connection.cursor() as cursor:
        cursor.execute(_LISTS, asked)
        lists = dict(cursor.fetchall())
    clicked = lately.answers(list(lists), since=since, until=until)
    lessons = lately.lessons(list(lists), since=since, until=until)
    both = [learner_id for learner_id in lists if learner_id in clicked and learner_id in lessons]
    shares = [min(clicked[one][0] / lists[one], 1.0) for one in both]
    return {
        ENGAGEMENT: np.array(shares, np.float64),
        PROGRESSION: np.array([lessons[one] for one in both], np.float64),
    }


def _told(found: pure.Moved | None) -> dict[str, Any] | None:
    """Return a track as it may be shown: learners to the nearest five, figures to three places."""
    if found is None:
        return None
    told = {
        name: None if value is None else round(value, DIGITS)
        for name, value in asdict(found).items()
    }
    return told | {
        "learners": publishable(found.learners),
        "learners_before": publishable(found.learners_before),
    }
