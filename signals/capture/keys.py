"""L1: who sends? Keys of sources: hashed, scoped, expiring, known for five seconds."""

import hmac
import secrets
import threading
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from time import monotonic

from django.db import transaction

from signals import ledger
from signals.capture.origins import forget_cached as forget_origins
from signals.capture.origins import set_origins
from signals.capture.spool import away, card
from signals.data import Actor, KeyDigest, SourceKey
from signals.models import ApiKey, Source

MARK = "nw_"
PREFIX_LENGTH = 12
CACHED_FOR_S = 5.0  # a revoked key works no longer than this
HELD_WITHOUT_DATABASE_S = 600.0  # while the database is away, a key seen lately still counts
CACHED_KEYS = 1000
SCOPES = frozenset({"capture", "backfill", "recommend", "feedback", "tokens", "metrics", "flags"})


@dataclass(frozen=True, slots=True)
class _Known:
    key: SourceKey
    expires_at: datetime
    read_at: float


_known: dict[bytes, _Known] = {}
_End = tuple[float, datetime | None]  # when it was read; when the key ends
_ends: dict[str, _End] = {}
_lock = threading.Lock()


def forget_cached() -> None:
    """Ask the database for every key again, and for the origins of sources."""
    _known.clear()
    _ends.clear()
    forget_origins()


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
    """Make a key for a source, making the source when new; return the clear key, shown once.

    With `profile` the source keeps xAPI statements so from now on; without, as before. Pages of
    `origins` may send for it from now on, beside those that might already.

    Raises:
        ValueError: for a scope or a profile that does not exist, or an origin that is none.
    """
    if profile is not None and profile not in Source.Profile.values:
        raise ValueError(f"No such profile: {profile}. Use {Source.Profile.values}.")
    unknown = set(scopes) - SCOPES
    if unknown:
        raise ValueError(
            f"No such scope: {', '.join(sorted(unknown))}. Use {', '.join(sorted(SCOPES))}."
        )
    clear = MARK + secrets.token_urlsafe(32)
    with transaction.atomic():
        owner, _ = Source.objects.get_or_create(
            name=source, defaults={"title": source, "created_at": now}
        )
        if profile is not None:
            set_profile(owner, profile, actor=actor, now=now)
        set_origins(owner, {*owner.origins, *origins}, actor=actor)
        ApiKey.objects.create(
            source=owner,
            prefix=clear[:PREFIX_LENGTH],
            digest=sha256(clear.encode()).digest(),
            scopes=sorted(scopes),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        ledger.append(
            actor=actor,
            action="key.created",
            subject=f"source:{source}",
            detail={"prefix": clear[:PREFIX_LENGTH], "scopes": sorted(scopes), "days": days},
            now=now,
        )
    return clear


def set_profile(source: Source, profile: str, *, actor: Actor, now: datetime) -> None:
    """Choose what is kept of a source's xAPI statements from now on; what is kept stays."""
    if source.profile == profile:
        return
    with transaction.atomic():
        source.profile = profile
        source.save(update_fields=["profile"])
        ledger.append(
            actor=actor,
            action="source.profile",
            subject=f"source:{source.name}",
            detail={"profile": profile},
            now=now,
        )


def revoke_key(prefix: str, *, actor: Actor, now: datetime) -> bool:
    """End a key at once; return False when there is no such key in force."""
    with transaction.atomic():
        ended = ApiKey.objects.filter(prefix=prefix, revoked_at=None).update(revoked_at=now)
        if ended:
            ledger.append(
                actor=actor, action="key.revoked", subject=f"key:{prefix}", detail={}, now=now
            )
    forget_cached()
    return bool(ended)


def find_key(clear: str, *, now: datetime) -> SourceKey | None:
    """Return who a clear key belongs to, None when unknown, revoked or expired.

    Raises django.db.Error when the database is away and neither this process nor its node has
    seen the key lately.
    """
    digest = sha256(clear.encode()).digest()
    known = _known.get(digest)
    if known is None or monotonic() - known.read_at > CACHED_FOR_S:
        known = _read(clear, digest, known)
    if known is None or known.expires_at <= now:
        return None
    return known.key


def holds(prefix: str, *, now: datetime) -> bool:
    """Say whether the key with this prefix is in force, as it was five seconds ago at most.

    Raises django.db.Error when the database is away and it was not asked lately.
    """
    held = _ends.get(prefix)
    if held is None or monotonic() - held[0] > CACHED_FOR_S:
        held = _end_of(prefix, held)
    return held[1] is not None and held[1] > now


def _end_of(prefix: str, held: _End | None) -> _End:
    """Read when a key ends; None where it ended, or there is none."""
    try:
        away.check()
        rows = ApiKey.objects.filter(prefix=prefix, revoked_at=None, source__active=True)
        found = (monotonic(), rows.values_list("expires_at", flat=True).first())
    except away.GONE:
        away.note()
        if held is None or monotonic() - held[0] > HELD_WITHOUT_DATABASE_S:
            raise
        return held
    with _lock:
        if len(_ends) >= CACHED_KEYS:
            _ends.clear()
        _ends[prefix] = found
    return found


def authenticate(key: str, *, scope: str, now: datetime) -> SourceKey | None:
    """Return the source of a key that is in force and has the scope, else None."""
    found = find_key(key, now=now)
    return found if found is not None and scope in found.scopes else None


def keys_in_force(*, now: datetime) -> tuple[KeyDigest, ...]:
    """Return the digests of all keys in force, for a node's snapshot; never a clear key."""
    rows = ApiKey.objects.select_related("source").filter(
        revoked_at=None, source__active=True, expires_at__gt=now
    )
    return tuple(
        KeyDigest(
            digest=bytes(row.digest).hex(),
            source_id=row.source_id,
            name=row.source.name,
            scopes=frozenset(row.scopes),
            expires_at=row.expires_at,
        )
        for row in rows
    )


def _read(clear: str, digest: bytes, held: _Known | None) -> _Known | None:
    try:
        away.check()
        row = (
            ApiKey.objects.select_related("source")
            .filter(prefix=clear[:PREFIX_LENGTH], revoked_at=None, source__active=True)
            .first()
        )
    except away.GONE:
        away.note()
        if held is not None and monotonic() - held.read_at < HELD_WITHOUT_DATABASE_S:
            return held
        return _on_card(digest)
    if row is None or not hmac.compare_digest(bytes(row.digest), digest):
        with _lock:
            _known.pop(digest, None)
        return None
    key = SourceKey(row.source_id, row.source.name, frozenset(row.scopes))
    known = _Known(key, row.expires_at, monotonic())
    with _lock:
        if len(_known) >= CACHED_KEYS:
            _known.clear()
        _known[digest] = known
    return known


def _on_card(digest: bytes) -> _Known:
    """Return a key this node wrote down lately; raise on where it did not: nobody can tell then."""
    node = card.read()
    written = node.keys.get(digest.hex()) if node is not None and node.keys_hold else None
    if written is None:
        raise away.AwayError("The key was not seen here lately, and cannot be looked up now.")
    key = SourceKey(written.source_id, written.name, frozenset(written.scopes))
    return _Known(key, written.expires_at, monotonic())
