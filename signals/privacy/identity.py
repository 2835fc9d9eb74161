"""L1: which learner does an external id mean? Found by keyed hash, made race-safe in batches."""

import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from signals import sealing
from signals.models import Identity
from signals.models.statements import run
from signals.processing.rules.test_account import looks_like_test

CACHED_IDS = 50_000
STATEMENT_ROWS = 10_000
USE = "identity"

# Both hashes of each external id go in; an erased one has a tombstone and no identity.
_FIND = """
SELECT q.n, i.learner_id, t.lookup IS NOT NULL
FROM unnest(%b::bytea[], %b::bytea[]) WITH ORDINALITY q (lookup, tomb, n)
LEFT JOIN signals_identity i ON i.lookup = q.lookup
LEFT JOIN signals_tombstone t ON t.lookup = q.tomb
WHERE i.learner_id IS NOT NULL OR t.lookup IS NOT NULL
"""

# A lookup that lost a race is not returned and leaves no learner behind.
_MAKE = """
WITH made AS (
    INSERT INTO signals_identity (lookup, learner_id, sealed)
    SELECT * FROM unnest(%b::bytea[], %b::bigint[], %b::bytea[]) q (lookup, learner_id, sealed)
    ORDER BY lookup
    ON CONFLICT (lookup) DO NOTHING RETURNING learner_id
)
INSERT INTO signals_learner (learner_id, kind, age_band, language, created_at)
SELECT learner_id, CASE WHEN learner_id = ANY(%b::bigint[]) THEN 'test' ELSE %b END, '', '', %b
FROM made RETURNING learner_id
"""


class ErasedLearnerError(LookupError):
    """The external id belongs to somebody whose data was erased; it is not taken in again."""


@dataclass(frozen=True, slots=True)
class Found:
    """Which external ids are known, and which were erased."""

    learners: dict[str, int]
    erased: frozenset[str]


class _Cache:
    """External ids met before in this process; the row itself is joined whenever it matters."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._lock = threading.Lock()

    def pick(self, external_ids: Sequence[str]) -> dict[str, int]:
        known = self._known
        return {name: known[name] for name in external_ids if name in known}

    def put(self, learners: Mapping[str, int]) -> None:
        with self._lock:
            if len(self._known) + len(learners) > CACHED_IDS:
                self._known = {}
            self._known.update(learners)

    def forget(self) -> None:
        with self._lock:
            self._known = {}


_cache = _Cache()
forget_cached = _cache.forget


def new_learner_id() -> int:
    """Return a random positive 63-bit number."""
    return secrets.randbits(63) or 1


def find_learners(external_ids: Sequence[str]) -> Found:
    """Look up external ids in one statement per 10,000."""
    learners: dict[str, int] = {}
    erased: set[str] = set()
    for start in range(0, len(external_ids), STATEMENT_ROWS):
        part = external_ids[start : start + STATEMENT_ROWS]
        lookups = [sealing.lookup(name) for name in part]
        tombs = [sealing.tombstone(name) for name in part]
        for number, learner_id, is_erased in run(_FIND, [lookups, tombs]):
            if is_erased:
                erased.add(part[number - 1])
            else:
                learners[part[number - 1]] = learner_id
    return Found(learners, frozenset(erased))


def find_learner(external_id: str) -> int | None:
    """Return the learner of an external id, None when unknown or erased."""
    return find_learners([external_id]).learners.get(external_id)


def ensure_learners(
    external_ids: Sequence[str], *, now: datetime, kind: str = "real"
) -> dict[str, int]:
    """Return a learner for every external id that was not erased, making the unknown ones.

    Two processes that meet the same new id at once get the same learner. A batch of unknown ids
    costs four statements.
    """
    known = _cache.pick(external_ids)
    wanted = [name for name in dict.fromkeys(external_ids) if name not in known]
    if not wanted:
        return known
    found = find_learners(wanted)
    learners = found.learners
    unknown = [name for name in wanted if name not in learners and name not in found.erased]
    for start in range(0, len(unknown), STATEMENT_ROWS):
        learners |= _make(unknown[start : start + STATEMENT_ROWS], now=now, kind=kind)
    if not connection.in_atomic_block:  # else they may yet be rolled back
        _cache.put(learners)
    return known | learners


def ensure_learner(external_id: str, *, now: datetime, kind: str = "real") -> int:
    """Return the learner of an external id, making it when unknown; ErasedLearnerError if gone."""
    learners = ensure_learners([external_id], now=now, kind=kind)
    if external_id not in learners:
        raise ErasedLearnerError("This person's data was erased and is not collected again.")
    return learners[external_id]


def external_id(learner_id: int) -> str | None:
    """Return the external id of a learner, None when erased or unknown."""
    sealed = Identity.objects.filter(learner=learner_id).values_list("sealed", flat=True).first()
    if sealed is None:
        return None
    try:
        return sealing.unseal(learner_id, bytes(sealed), use=USE).decode()
    except sealing.KeyGoneError:
        return None


def _make(external_ids: Sequence[str], *, now: datetime, kind: str) -> dict[str, int]:
    """Make learners: keys first, so that no identity is ever without its key."""
    ids = {new_learner_id(): name for name in external_ids}
    keys = sealing.create_keys(list(ids))
    sealed = [
        sealing.seal_with(keys[learner_id], learner_id, name.encode(), use=USE)
        for learner_id, name in ids.items()
    ]
    lookups = [sealing.lookup(name) for name in ids.values()]
    # Asked here, where the id is in clear for the last time.
    tests = [learner_id for learner_id, name in ids.items() if looks_like_test(name)]
    with transaction.atomic():
        rows = run(_MAKE, [lookups, list(ids), sealed, tests, kind, now])
        made = {learner_id for (learner_id,) in rows}
    lost = [learner_id for learner_id in ids if learner_id not in made]
    learners = {name: learner_id for learner_id, name in ids.items() if learner_id in made}
    if lost:  # another process was first: its learner counts, our unused keys go
        sealing.destroy_keys(lost)
        learners |= find_learners([ids[learner_id] for learner_id in lost]).learners
    return learners
