"""Is what arrives still what it was? (L3) The conductor, every five minutes and by command.

Looks at whole steps that are counted, keeps what it found for the pages, and opens, renews and ends
alerts. It trains nothing: that is `retraining.py`, which may take minutes.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import connection, transaction

from personalize.engine.drift import alerts, answered, features, looks
from personalize.engine.drift.looks import Look
from personalize.models import DriftReading
from signals import aggregates

WATCH_LOCK = 0x4E57_0006


@dataclass(frozen=True, slots=True)
class Watched:
    """What a beat did."""

    says: str
    opened: tuple[str, ...] = ()  # features that are alerts now and were none before
    looks: tuple[Look, ...] = ()


@contextmanager
def _only_beat() -> Iterator[bool]:
    """Hold the lock of the watch to the end of a transaction; yields False where another does."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [WATCH_LOCK])
        yield bool(cursor.fetchone()[0])


def watch_drift(*, now: datetime) -> Watched:
    """Look at everything watched up to the newest five minutes that are counted."""
    with _only_beat() as free:
        if not free:
            return Watched("Another beat is looking now; this one did nothing.")
        counted = aggregates.rolled_up_at()
        if counted is None:
            return Watched("Nothing has been counted yet: roll_up has never run.")
        until = answered.step_of(min(counted, now))
        answered_to = answered.count_answers(now=now)
        series = features.read(until=until, answered_to=answered_to)
        if not series[0].counts.size:
            return Watched("Nothing has arrived in six weeks, so there is nothing to look at.")
        found = looks.look(series, at=until)
        keep(found, now=now)
        opened = alerts.settle(found, now=now)
    named = ", ".join(opened) or "no new alert"
    return Watched(
        f"Looked at {len(found)} features up to {until:%H:%M} UTC: {named}.", opened, found
    )


def newest() -> tuple[Look, ...]:
    """Return what the newest look found of each feature, in the order they are declared."""
    rows = {row.feature: row.content for row in DriftReading.objects.all()}
    known = [rows[feature] for feature in features.Feature if feature in rows]
    return tuple(msgspec.convert(content, Look) for content in known)


def keep(found: Iterable[Look], *, now: datetime) -> None:
    """Keep what a look found, in place of what the one before had."""
    DriftReading.objects.all().delete()
    DriftReading.objects.bulk_create(
        DriftReading(feature=look.feature, read_at=now, content=msgspec.to_builtins(look))
        for look in found
    )
