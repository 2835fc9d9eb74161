"""L1: how do job posts come in? One reading of one source, and every night of all listed feeds."""

import logging
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.db import transaction

from signals.capture.jobs.base import JobSourceError
from signals.capture.jobs.feed import Feed
from signals.capture.jobs.https import feeds
from signals.capture.jobs.registry import SOURCES
from signals.models import JobCollection, JobTerm

KEPT = 12  # readings of one origin; older ones go

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """What a reading brought."""

    source: str
    origin: str
    as_of: date
    posts: int
    terms: int


def collect_jobs(source: str, origin: str, *, now: datetime) -> Report:
    """Read one source and keep how often each skill is asked for; the same day again replaces.

    Raises:
        JobSourceError: there are no job posts there.
        KeyError: there is no such source.
    """
    found = SOURCES[source].collect(origin, now=now)
    if not found.asked:
        raise JobSourceError("No skill is asked for by ten posts or more: nothing was kept.")
    with transaction.atomic():
        kept, _ = JobCollection.objects.update_or_create(
            source=source,
            origin=told(origin),
            as_of=found.as_of,
            defaults={"read_at": now, "posts": found.posts},
        )
        kept.terms.all().delete()
        JobTerm.objects.bulk_create(
            JobTerm(collection=kept, term=term, posts=posts) for term, posts in found.asked.items()
        )
        same = JobCollection.objects.filter(source=source, origin=kept.origin).order_by("-as_of")
        JobCollection.objects.filter(pk__in=[row.pk for row in same[KEPT:]]).delete()
    return Report(source, kept.origin, found.as_of, found.posts, len(found.asked))


def collect_feeds(*, now: datetime) -> int:
    """Read every listed feed; return how many could be read. One that fails keeps its last."""
    read = 0
    for url in feeds():
        try:
            collect_jobs(Feed.key, url, now=now)
            read += 1
        except JobSourceError as error:
            log.warning("A feed of job posts was not read: %s", error)
    return read


def told(origin: str) -> str:
    """Return where something was read: host and path without a query's secrets, or a file name."""
    parts = urlsplit(origin)
    if "://" in origin:
        return f"{parts.hostname or ''}{parts.path}"[:200]
    return Path(origin).name[:200]
