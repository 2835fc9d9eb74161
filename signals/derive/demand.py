"""What do learners look for and not find? Searches of a closed week to terms (L2 conductor).

Queries are sealed per learner; they are unsealed here in memory and only terms that at least ten
learners searched are stored. A week closes an hour after it ends and is counted anew each night.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction

from signals.models import Consent, DemandTerm, Learner, SearchQuery
from signals.processing.demand import Searched, count_terms
from signals.sealing import unseal_many

WEEK = timedelta(days=7)
GRACE = timedelta(hours=1)
_CHUNK = 2000


def monday(day: date) -> date:
    """Return the Monday of the week the day is in."""
    return day - timedelta(days=day.weekday())


def closed_weeks(*, first: date, now: datetime) -> Iterator[date]:
    """Yield the Mondays of all weeks from `first` that have ended."""
    week = monday(first)
    while datetime.combine(week + WEEK, time(), tzinfo=UTC) + GRACE <= now:
        yield week
        week += WEEK


def derive_demand(*, now: datetime) -> int:
    """Count the searches of every closed week anew; return the number of terms stored.

    Counting anew is what lets late searches and erased learners be reflected.
    """
    oldest = (
        SearchQuery.objects.order_by("searched_at").values_list("searched_at", flat=True).first()
    )
    if oldest is None:
        return 0
    stored = 0
    for week in closed_weeks(first=oldest.date(), now=now):
        counts = count_terms(_searches_of(week))
        with transaction.atomic():
            DemandTerm.objects.filter(week=week).delete()
            stored += len(
                DemandTerm.objects.bulk_create(
                    DemandTerm(
                        term=count.term,
                        week=week,
                        learners=count.learners,
                        searches=count.searches,
                        without_result=count.without_result,
                    )
                    for count in counts
                )
            )
    return stored


def _searches_of(week: date) -> Iterator[Searched]:
    start = datetime.combine(week, time(), tzinfo=UTC)
    objecting = Consent.objects.filter(personalization=False).values("learner_id")
    real = Learner.objects.filter(kind=Learner.Kind.REAL).values("learner_id")
    rows = SearchQuery.objects.filter(
        searched_at__gte=start, searched_at__lt=start + WEEK, learner_id__in=real
    ).exclude(learner_id__in=objecting)
    chunk: list[SearchQuery] = []
    for row in rows.iterator(chunk_size=_CHUNK):
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield from _unsealed(chunk)
            chunk = []
    yield from _unsealed(chunk)


def _unsealed(rows: list[SearchQuery]) -> Iterator[Searched]:
    texts = unseal_many((row.learner_id, bytes(row.sealed)) for row in rows)
    for row, text in zip(rows, texts, strict=True):
        if text is not None:  # None: the learner was erased, the key is gone
            yield Searched(row.learner_id, text.decode(), row.results)
