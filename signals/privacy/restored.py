"""L1 and L2: does a restored backup forget again who was erased since it was taken?

The keys database remembers everybody erased by number and tombstone, and its data keys are gone: a
restored identity cannot be read any more. Restored keys are destroyed after what the ledger says.
Whoever is there again is erased through the same steps as before.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from signals import sealing
from signals.data import SYSTEM
from signals.models import DataKey, ErasedLearner, Learner, LedgerEntry, Tombstone
from signals.privacy import erasure, registry, requests

CHUNK = 10_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found and did."""

    remembered: int  # erased learners the keys database knows, or has been told of again
    tombstones: int  # put back
    keys: int  # destroyed again
    learners: int  # who were there again, and are not now
    refused: int  # bodies in quarantine that named somebody erased
    waiting: int  # learners with a step that cannot be done yet


def replay(*, now: datetime) -> Replayed:
    """Forget again, in either database, who was erased after its backup was taken."""
    keys = _tell_keys_database()
    erased = dict(ErasedLearner.objects.values_list("learner_id", "erased_at"))
    tombstones = _bury_again()
    back = sorted(_there_again(list(erased)))
    waiting = sum(_waits(learner_id, now=now) for learner_id in back)
    refused = registry.sweep_everywhere(since=None, until=max(erased.values())) if erased else 0
    return Replayed(len(erased), tombstones, keys, len(back), refused, waiting)


def _tell_keys_database() -> int:
    """Put back what a restored keys database forgot; return the keys it had again."""
    said = LedgerEntry.objects.filter(action="learner.erased").values_list("subject", "at")
    known = set(ErasedLearner.objects.values_list("learner_id", flat=True))
    missing = {
        int(subject.partition(":")[2]): at
        for subject, at in said.iterator()
        if int(subject.partition(":")[2]) not in known
    }
    ErasedLearner.objects.bulk_create(
        [
            ErasedLearner(learner_id=learner_id, tombstone=b"", erased_at=at)
            for learner_id, at in missing.items()
        ],
        ignore_conflicts=True,
    )
    return sealing.destroy_keys(list(missing))


def _bury_again() -> int:
    """Put tombstones back before anything else; return how many were missing."""
    before = Tombstone.objects.count()
    Tombstone.objects.bulk_create(
        [
            Tombstone(lookup=bytes(row.tombstone), erased_at=row.erased_at)
            for row in ErasedLearner.objects.exclude(tombstone=b"").iterator(CHUNK)
        ],
        batch_size=CHUNK,
        ignore_conflicts=True,
    )
    return Tombstone.objects.count() - before


def _there_again(erased: list[int]) -> set[int]:
    """Return which of them the databases know again, or whose erasure was under way."""
    found = set(requests.waiting_erasures()) & set(erased)
    for start in range(0, len(erased), CHUNK):
        part = {"learner_id__in": erased[start : start + CHUNK]}
        for model in (Learner, DataKey):
            found |= set(model.objects.filter(**part).values_list("learner_id", flat=True))
    return found


def _waits(learner_id: int, *, now: datetime) -> bool:
    try:
        return bool(erasure.erase_learner(learner_id, actor=SYSTEM, now=now)["waiting"])
    except Exception:  # one that fails holds up no other; it counts as waiting
        log.exception("A restored learner cannot be erased again yet; replay once more.")
        return True
