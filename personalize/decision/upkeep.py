"""What must every process know before it decides? (L4) Catalogue, controls, switches, popularity.

One thread of each process reads it again about once a second, so that a request pays nothing;
where that thread does not run or hangs, the next request reads. While the database is away what
was read last holds, and a process that never read anything adopts the snapshot of its node.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

import redis
from django.db import DatabaseError, Error, InterfaceError, OperationalError, connection
from django.utils import timezone

from experiments import api as experiments
from personalize.decision import background, partitions, snapshot
from personalize.decision.overrides import IN_FORCE, Controls
from personalize.decision.shelf import Kept, Shelf
from personalize.decision.surfaces import SURFACES
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.serving import serving
from signals import catalogue
from signals.data import CourseInfo

EVERY_S = 0.7
LATE_S = 1.0  # after this a request reads by itself
POPULAR_KEPT = 500
SNAPSHOT_VERSION = -2  # of no catalogue, so that the first read replaces it

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Known:
    """What this process knows; replaced piece by piece, each piece immutable."""

    kept: Kept = field(default_factory=Kept)
    popular: tuple[int, ...] = ()  # course_ids, most chosen first
    popular_of: str = ""  # version of the model that said so
    switched_off: frozenset[str] = frozenset()  # surfaces
    read_at: float | None = None  # when it was last begun to read
    with_database: bool = False
    begun: bool = False  # once all was read, or as much as there was without the database

    @property
    def shelf(self) -> Shelf:
        """Return the newest shelf."""
        return self.kept.shelf


KNOWN = Known()
_FIRST = Lock()


def look() -> tuple[Shelf, Controls]:
    """Return catalogue and controls, at most LATE_S old where the database answers.

    Inside an open transaction they are always read: nothing of a rolled back one may stay.
    """
    if not background.allowed_here():
        forget()
        refresh()
    else:
        THREAD.start()
        _read_first()
        late = KNOWN.read_at is None or monotonic() - KNOWN.read_at > LATE_S
        if late and not away():
            refresh()
    return KNOWN.shelf, IN_FORCE.controls


def _read_first() -> None:
    """Let whoever comes while a new process still reads wait for it: else their list is empty."""
    if not KNOWN.begun:
        with _FIRST:
            if not KNOWN.begun:
                refresh()


def away() -> bool:
    """Say whether the database was away a moment ago; the thread finds out when it is back."""
    return KNOWN.read_at is not None and not KNOWN.with_database and THREAD.runs()


def database_failed(error: Error) -> None:
    """Take note, so that the next requests do not wait for a database that is not there."""
    if isinstance(error, OperationalError | InterfaceError):
        _without_database(error)


def reset() -> None:
    """Know nothing any more, like a process that has just started."""
    global KNOWN
    KNOWN = Known()
    IN_FORCE.reset()


def forget() -> None:
    """Know nothing of the catalogue's version, so that it is read again."""
    KNOWN.kept.version = -1


def refresh() -> None:
    """Read everything again; what cannot be read stays as it was."""
    KNOWN.read_at = monotonic()
    try:
        KNOWN.kept.renew(catalogue.version(), catalogue.courses)
        IN_FORCE.refresh()
        KNOWN.switched_off = _switched_off()
        KNOWN.with_database = True
    except DatabaseError as error:
        _without_database(error)
    with suppress(ModelUnusable):  # what was popular before is still a better list than none
        model = serving()
        KNOWN.popular = tuple(model.popular.overall(POPULAR_KEPT).tolist())
        KNOWN.popular_of = model.version
    KNOWN.begun = True


def repeat() -> None:
    """Do what the thread does: read, make partitions ahead, write the snapshot when it is due."""
    refresh()
    KNOWN.shelf.wording()  # so that whoever first refuses a course need not wait for it
    if KNOWN.with_database:
        partitions.ensure_ahead(now=timezone.now())
        snapshot.write_when_due(
            courses=KNOWN.shelf.courses,
            controls=IN_FORCE.controls,
            popular=KNOWN.popular,
            switched_off=KNOWN.switched_off,
        )


THREAD = background.Repeated(repeat, every_s=EVERY_S, name="northway-upkeep")


def _without_database(error: Error) -> None:
    if KNOWN.with_database:
        log.warning("Serving without the database: %s", error)
    KNOWN.with_database = False
    if not connection.in_atomic_block:
        connection.close()
    kept = snapshot.read()
    if kept is None:
        return
    IN_FORCE.adopt(kept.controls)
    KNOWN.popular = KNOWN.popular or kept.popular
    if not KNOWN.shelf.courses:
        KNOWN.kept.renew(SNAPSHOT_VERSION, lambda: kept.courses)
        KNOWN.switched_off = kept.switched_off


def _switched_off() -> frozenset[str]:
    try:
        return frozenset(
            surface.key
            for surface in SURFACES.values()
            if experiments.on_for_everybody(surface.off_switch)
        )
    except redis.RedisError:  # flags are read through the cache
        return KNOWN.switched_off


def ready() -> bool:
    """Say whether this process can answer: with the database, or from a snapshot."""
    look()
    return KNOWN.with_database or IN_FORCE.known or snapshot.read() is not None


def courses() -> Mapping[int, CourseInfo]:
    """Return the catalogue as this process knows it."""
    return KNOWN.shelf.courses
