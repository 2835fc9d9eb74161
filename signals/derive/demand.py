"""What do learners look for and write of? Searches and posts of a closed week (L2 conductor).

Queries are sealed per learner; they are unsealed here in memory and only terms that at least ten
learners searched are stored. A week closes an hour after it ends, and is counted anew in the night
after anything about it changed.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import Count, QuerySet

from signals.data import Purpose
from signals.derive.mentions import opened, recount_mentions
from signals.derive.partitions import month_start
from signals.kinds.registry import code_of
from signals.models import DemandTerm, DemandWeek, SearchQuery, SearchWeek, Watermark
from signals.privacy.retention import RAW_MONTHS
from signals.processing.demand import Searched, count_terms
from signals.processing.disclosure import K

WEEK = timedelta(days=7)
GRACE = timedelta(hours=1)
OVERLAP = timedelta(days=1)  # by which objections are read again: their moment is not their commit
READER = "demand"
SOURCE_SHARE = 0.05  # of the searches of a week, below which a source is the odd one
_LOCK = 0x6465_6D61  # one at a time notes what changed


def monday(day: date) -> date:
    """Return the Monday of the week the day is in."""
    return day - timedelta(days=day.weekday())


def _closed(week: date, now: datetime) -> bool:
    return datetime.combine(week + WEEK, time(), tzinfo=UTC) + GRACE <= now


_NOTE = """
INSERT INTO signals_demandweek (week)
SELECT date_trunc('week', corrected_at AT TIME ZONE 'UTC')::date FROM signals_event
WHERE tx >= %(after)s AND kind IN (%(search)s, %(post)s)
UNION
SELECT date_trunc('week', s.at AT TIME ZONE 'UTC')::date
FROM signals_consentchange c JOIN (
    SELECT learner_id, searched_at AS at FROM signals_searchquery
    UNION ALL SELECT learner_id, posted_at FROM signals_forumpost
) s USING (learner_id)
WHERE c.purpose = %(purpose)s AND c.at >= %(since)s
"""


def derive_demand(*, now: datetime) -> int:
    """Count the searches of each closed week that changed anew; return how many terms that gave.

    A week changes with a search or post of it, however late; with an objection of who searched
    or wrote in it, or its end; and with an erasure, which leaves a note of its own.
    """
    _note_changed(now=now)
    kept_from = month_start(now, -RAW_MONTHS).date()  # of older weeks not all searches are left
    noted = DemandWeek.objects.filter(week__gte=kept_from).order_by("week")
    weeks = noted.values_list("week", flat=True).distinct()
    stored = sum(_recount(week) for week in weeks if _closed(week, now))
    DemandWeek.objects.filter(week__lt=kept_from).delete()
    return stored


def _note_changed(*, now: datetime) -> None:
    """Write down the weeks changed since the last call; a transaction still open comes again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        mark, _ = Watermark.objects.get_or_create(reader=READER, defaults={"read_at": now})
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        horizon = cursor.fetchone()[0]
        cursor.execute(
            _NOTE,
            {
                "after": mark.tx,
                "search": code_of("search.performed"),
                "post": code_of("forum.posted"),
                "purpose": Purpose.PERSONALIZATION.value,
                "since": mark.read_at - OVERLAP,
            },
        )
        mark.tx, mark.read_at = horizon, now
        mark.save(update_fields=["tx", "read_at"])


def _recount(week: date) -> int:
    """Count one week anew, and take away the notes there were when that began."""
    with transaction.atomic():
        # First: what is noted from here on was perhaps not counted, and stays for the next time.
        DemandWeek.objects.filter(week=week).delete()
        mentions = recount_mentions(week)
        counts = count_terms(_searches_of(week))
        _keep_sources(week)
        DemandTerm.objects.filter(week=week).delete()
        terms = DemandTerm.objects.bulk_create(
            DemandTerm(
                term=count.term,
                week=week,
                learners=count.learners,
                searches=count.searches,
                without_result=count.without_result,
            )
            for count in counts
        )
    return len(terms) + mentions


def _keep_sources(week: date) -> None:
    """Keep who sent the searches of a week; nothing where some are from before that was kept."""
    rows = _rows_of(week).values_list("source_id")
    counts = list(rows.annotate(n=Count("id"), people=Count("learner_id", distinct=True)))
    SearchWeek.objects.filter(week=week).delete()
    if counts and None not in {source for source, _n, _people in counts}:
        least = SOURCE_SHARE * sum(n for _source, n, _people in counts)
        # Of people, not of searches: one who searches on and on is no platform.
        if main := sorted(source for source, n, people in counts if people >= K and n >= least):
            SearchWeek.objects.create(week=week, sources=main)


def _rows_of(week: date) -> QuerySet[SearchQuery]:
    start = datetime.combine(week, time(), tzinfo=UTC)
    return SearchQuery.objects.filter(searched_at__gte=start, searched_at__lt=start + WEEK)


def _searches_of(week: date) -> Iterator[Searched]:
    for row, text in opened(_rows_of(week)):
        yield Searched(row.learner_id, text, row.results)
