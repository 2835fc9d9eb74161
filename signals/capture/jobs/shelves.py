"""L1: what do employers ask for, as last read of each source?"""

from datetime import datetime

from signals.capture.jobs.registry import SOURCES
from signals.data import JobShelf
from signals.models import JobCollection, JobTerm
from signals.processing.disclosure import K, rounded


def job_shelves(*, now: datetime) -> tuple[JobShelf, ...]:
    """Return the newest reading of each source and origin; posts of fewer than ten are not told."""
    newest: dict[tuple[str, str], JobCollection] = {}
    for row in JobCollection.objects.filter(source__in=SOURCES).order_by("as_of"):
        newest[row.source, row.origin] = row
    asked: dict[int, dict[str, int]] = {row.pk: {} for row in newest.values()}
    terms = JobTerm.objects.filter(collection__in=asked, posts__gte=K)
    for collection, term, posts in terms.values_list("collection", "term", "posts"):
        asked[collection][term] = rounded(posts)
    return tuple(
        JobShelf(
            source=row.source,
            title=SOURCES[row.source].title,
            unit=SOURCES[row.source].unit,
            origin=row.origin,
            as_of=row.as_of,
            read_at=row.read_at,
            posts=rounded(row.posts),
            fresh=(now.date() - row.as_of).days <= SOURCES[row.source].fresh_days,
            asked=asked[row.pk],
        )
        for (_source, _origin), row in sorted(newest.items())
    )
