"""What may other apps ask of the doors that events come in by? (L1)"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from signals import request_ids, sealing
from signals.capture import intake, keys, pages, published
from signals.capture.spool import away, card, files, watch
from signals.data import (
    Actor,
    BatchResult,
    KeyDigest,
    KindLabel,
    NewEvent,
    Objective,
    SignalContract,
    SourceKey,
    SourceState,
    SpoolState,
)
from signals.derive import objectives, quality
from signals.kinds.registry import KINDS
from signals.privacy import own
from signals.processing.rules import crawler as crawler_rule


def authenticate(key: str, *, scope: str, now: datetime) -> SourceKey | None:
    """Return the source of a key in force that has the scope; a revoked key works 5 s at most.

    Raises django.db.Error when the database is away and the key was not seen in 10 minutes.
    """
    return keys.authenticate(key, scope=scope, now=now)


def create_key(
    source: str,
    *,
    scopes: Collection[str],
    days: int,
    actor: Actor,
    now: datetime,
    profile: str | None = None,
    origins: Collection[str] = (),
) -> str:
    """Make a key for a source (made when new) and return it in clear, shown once.

    `profile` says what is kept of its xAPI statements: capture (events) or store (all of them).
    `origins` are added to those from which its pages may send with a token.
    """
    return keys.create_key(
        source,
        scopes=scopes,
        days=days,
        actor=actor,
        now=now,
        profile=profile,
        origins=origins,
    )


def revoke_key(prefix: str, *, actor: Actor, now: datetime) -> bool:
    """End the key with this prefix; False when there is none in force."""
    return keys.revoke_key(prefix, actor=actor, now=now)


def keys_in_force(*, now: datetime) -> tuple[KeyDigest, ...]:
    """Return the digests of all keys in force, for the snapshot a node answers from."""
    return keys.keys_in_force(now=now)


def new_request_id(
    *,
    at: datetime,
    surface: int,
    arm: request_ids.Arm,
    learner_id: int | None = None,
    entropy: bytes = b"",
) -> UUID:
    """Return the id of a new list, tied to its learner; without one it is nobody's in particular.

    Capture counts an event by surface and arm only where it names a list of its learner.
    """
    return request_ids.new_request_id(
        at=at,
        surface=surface,
        arm=arm,
        learner_id=learner_id or request_ids.NOBODY,
        key=sealing.request_key(),
        entropy=entropy,
    )


def record(events: Sequence[NewEvent], *, now: datetime, crawler: bool = False) -> BatchResult:
    """Store events of the product's own pages, with consent applied; durable on return.

    Inside a transaction of the caller they are committed with it. What a crawler did (see
    `is_crawler`) is kept and never learned from.
    """
    return intake.record(events, source_id=pages.pages_source_id(), now=now, crawler=crawler)


def spare_database() -> None:
    """Let nobody of this process wait for PostgreSQL, which did not answer a moment ago."""
    away.note()


def tend_spool() -> None:
    """Let this process keep its node ready for PostgreSQL going away, and empty the spool."""
    watch.tend()


def is_crawler(agent: str) -> bool:
    """Say whether a user agent is a crawler's; ask where the request is, and keep the answer."""
    return crawler_rule.is_crawler(agent)


def judge_quality(*, now: datetime) -> int:
    """Judge everyone whose events changed, so that what is learned from is judged; return how many.

    Has nothing to do where the clock's job has just run.
    """
    return quality.judge_quality(now=now)


def kind_labels() -> tuple[KindLabel, ...]:
    """Return every kind of signal with its tier, purpose and retention, for labels of data."""
    return own.kind_labels()


def contract() -> SignalContract:
    """Return what sources may send and what becomes of it, as it is published."""
    return published.contract()


def source_states(*, now: datetime) -> tuple[SourceState, ...]:
    """Return how fresh and complete each source in use is, those with an alarm first."""
    return objectives.source_states(now=now)


def spool_state(*, now: datetime) -> SpoolState:
    """Return what waits on this node's disk; the databases are not asked."""
    folder = card.folder()
    return SpoolState(files.size(folder), files.oldest_s(folder, at=now.timestamp()))


def may_set_objectives(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles may say what is expected of a source."""
    return bool(objectives.MAY_CHANGE.intersection(roles))


def set_objective(
    actor: Actor, source: str, objective: Objective | None, *, reason: str, now: datetime
) -> None:
    """Say what is expected of a source (None: its habit); errors as `derive.objectives` says."""
    objectives.set_objective(actor, source, objective, reason=reason, now=now)


def kind_codes() -> dict[str, int]:
    """Return the code stored with events of each kind."""
    return {name: kind.code for name, kind in KINDS.items()}
