"""Which topics do learners write of in forums? Posts of a closed week to known terms (L2).

Posts are sealed per learner; they are unsealed here in memory, and only topics that at least ten
learners wrote of are stored. Which topics there are is said elsewhere: a post never adds one.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from django.db.models import QuerySet

from signals.models import (
    Consent,
    DemandTerm,
    ForumPost,
    ForumTerm,
    JobTerm,
    Learner,
    SearchQuery,
    Skill,
)
from signals.processing.demand import normalize_term
from signals.processing.disclosure import K
from signals.processing.mentions import EVERYWHERE, Written, count_mentions, phrases_of
from signals.sealing import unseal_many

WEEK = timedelta(days=7)
_CHUNK = 2000

Sealed = TypeVar("Sealed", SearchQuery, ForumPost)


def recount_mentions(week: date) -> int:
    """Count the posts of one week anew; return how many topics that gave."""
    counts = count_mentions(_posts_of(week), phrases_of(_topics()))
    # A week with a post from before replies were told apart tells no threads.
    apart = not _rows_of(week).filter(reply=None).exists()
    ForumTerm.objects.filter(week=week).delete()
    ForumTerm.objects.bulk_create(
        ForumTerm(
            term=count.term,
            week=week,
            course_id=count.course_id,
            learners=count.learners,
            posts=count.posts,
            openers=openers if apart else None,
            threads=threads if apart else None,
        )
        for count in counts
        for openers, threads in [(count.openers, count.threads) if count.openers >= K else (0, 0)]
    )
    return len(counts)


def _topics() -> set[str]:
    skills = (normalize_term(name) for name in Skill.objects.values_list("name", flat=True))
    searched = DemandTerm.objects.values_list("term", flat=True).distinct()
    asked = JobTerm.objects.values_list("term", flat=True).distinct()
    return {*(name for name in skills if name), *searched, *asked}


def _rows_of(week: date) -> QuerySet[ForumPost]:
    start = datetime.combine(week, time(), tzinfo=UTC)
    return ForumPost.objects.filter(posted_at__gte=start, posted_at__lt=start + WEEK)


def _posts_of(week: date) -> Iterator[Written]:
    for row, text in opened(_rows_of(week)):
        yield Written(
            row.learner_id, row.course_id or EVERYWHERE, text, opens=row.reply is not True
        )


def opened(rows: QuerySet[Sealed]) -> Iterator[tuple[Sealed, str]]:
    """Yield each row with its text: of real learners, of none who object, of none erased."""
    objecting = Consent.objects.filter(personalization=False).values("learner_id")
    real = Learner.objects.filter(kind=Learner.Kind.REAL).values("learner_id")
    chunk: list[Sealed] = []
    for row in rows.filter(learner_id__in=real).exclude(learner_id__in=objecting).iterator(_CHUNK):
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield from _unsealed(chunk)
            chunk = []
    yield from _unsealed(chunk)


def _unsealed(rows: list[Sealed]) -> Iterator[tuple[Sealed, str]]:
    texts = unseal_many((row.learner_id, bytes(row.sealed)) for row in rows)
    for row, text in zip(rows, texts, strict=True):
        if text is not None:  # None: the learner was erased, the key is gone
            yield row, text.decode()
