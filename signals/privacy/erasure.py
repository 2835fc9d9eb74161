"""L1 and L2: how does a learner's data go? In steps, each proved by a query, until none is left.

The tombstone is first, so that nothing late comes back in; then what needs the external id, then
the rows of every app in one transaction. After it nothing names the learner, and each step that
cannot be done now (a cache or the keys database is away) waits for `resume`, and no other for it.
What was done is written down with the request, so that whoever is killed is followed by another.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from signals import ledger, sealing
from signals.data import SYSTEM, Actor
from signals.models import DataKey, ErasedLearner, Learner, PrivacyRequest, Tombstone
from signals.privacy import gate, identity, own_rows, registry, requests, sign_ins

UNDER_WAY = timedelta(minutes=15)  # no request lasts that long

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Erasure:
    """What every step needs to know."""

    learner_id: int
    receipt: UUID
    actor: Actor
    now: datetime

    def note(self, step: str, *, count: int, left: int, **detail: object) -> None:
        """Write down that a step was done."""
        requests.note(self.receipt, step, now=self.now, count=count, left=left, **detail)

    def append(self, action: str, **detail: object) -> int:
        """Write down in the ledger what was done."""
        return ledger.append(
            actor=self.actor,
            action=action,
            subject=f"learner:{self.learner_id}",
            detail=detail,
            now=self.now,
        )


def erase_learner(learner_id: int, *, actor: Actor, now: datetime) -> dict[str, object]:
    """Erase a learner in every app, or go on with it, and return the receipt.

    Called again it goes on where it was interrupted. `waiting` names the steps that could not be
    done yet; the clock's job of the same name as `resume_erasures` does them.

    Raises:
        LookupError: there is no such learner, or it was erased before.
    """
    with gate.only_eraser(learner_id):
        request = requests.waiting_erasure(learner_id) or _asked(learner_id, actor=actor, now=now)
        erasure = _Erasure(learner_id, request.receipt, actor, now)
        _work_off(erasure)
    return _receipt(erasure)


def _work_off(erasure: _Erasure) -> None:
    for step, do in _IN_ORDER.items():
        if not requests.is_done(erasure.receipt, step):
            do(erasure)
    for step, do in _ANY_ORDER.items():
        if not requests.is_done(erasure.receipt, step):
            _try(erasure, step, do)
    if not _waiting(erasure.receipt):
        requests.finish(erasure.receipt, learner_id=erasure.learner_id, now=erasure.now)


def resume(*, now: datetime) -> int:
    """Go on with every erasure that waits; return how many are done now.

    What was just being refused during an erasure is looked through once more.
    """
    done = 0
    since = now - UNDER_WAY
    if Tombstone.objects.filter(erased_at__gte=since).exists():
        registry.sweep_everywhere(since=since, until=now)
    for learner_id in requests.waiting_erasures():
        try:
            done += not erase_learner(learner_id, actor=SYSTEM, now=now)["waiting"]
        except Exception:  # one that fails holds up no other; its request stays open and is shown
            log.exception("An erasure cannot be finished yet; it is tried again.")
    return done


def _asked(learner_id: int, *, actor: Actor, now: datetime) -> PrivacyRequest:
    known = Learner.objects.filter(learner_id=learner_id).exists()
    if not known and not DataKey.objects.filter(learner_id=learner_id).exists():
        raise LookupError(f"There is no learner {learner_id}, or it was erased before.")
    return requests.open_request(
        PrivacyRequest.Kind.ERASE, learner_id=learner_id, actor=actor, now=now
    )


def _try(erasure: _Erasure, step: str, do: Callable[[_Erasure], None]) -> None:
    try:
        do(erasure)
    except Exception:  # an app's handler may fail in any way; the step stays open and is shown
        log.exception("The step %r of an erasure cannot be done yet; it is tried again.", step)


def _bury(erasure: _Erasure) -> None:
    """Let nothing late in: here, and in what a restored backup is told by the keys database."""
    name = identity.external_id(erasure.learner_id)
    lookup = sealing.tombstone(name) if name is not None else b""
    with transaction.atomic():
        gate.erasing()  # who is storing now read no tombstone
        if name is not None:
            Tombstone.objects.get_or_create(lookup=lookup, defaults={"erased_at": erasure.now})
    ErasedLearner.objects.get_or_create(
        learner_id=erasure.learner_id,
        defaults={"tombstone": lookup, "erased_at": erasure.now},
    )
    identity.forget_cached()
    kept_out = Tombstone.objects.filter(lookup=lookup).count()
    erasure.note("tombstone", count=kept_out, left=int(name is not None) - kept_out)


def _forget_refused(erasure: _Erasure) -> None:
    removed = registry.erase_everywhere(erasure.learner_id, step="refused")
    left = registry.left_everywhere(erasure.learner_id, step="refused")
    erasure.note("refused", count=sum(removed.values()), left=left, removed=removed)


def _remove_rows(erasure: _Erasure) -> None:
    with transaction.atomic():
        gate.erasing()
        if requests.is_done(erasure.receipt, "rows"):
            return  # by another process, while this one waited
        removed = registry.erase_everywhere(erasure.learner_id, step="rows")
        left = own_rows.left(erasure.learner_id)
        erasure.note("rows", count=sum(removed.values()), left=left, removed=removed)
        erasure.append("learner.erased", removed=removed)


def _end_sessions(erasure: _Erasure) -> None:
    ended = sign_ins.end_sessions(erasure.learner_id)
    erasure.note("sessions", count=ended, left=sign_ins.count_sessions(erasure.learner_id))


def _ask_apps(step: registry.Step) -> Callable[[_Erasure], None]:
    def do(erasure: _Erasure) -> None:
        removed = registry.erase_everywhere(erasure.learner_id, step=step)
        left = registry.left_everywhere(erasure.learner_id, step=step)
        erasure.note(step, count=sum(removed.values()), left=left)

    return do


def _destroy_keys(erasure: _Erasure) -> None:
    destroyed = sealing.destroy_keys([erasure.learner_id])
    left = DataKey.objects.filter(learner_id=erasure.learner_id).count()
    with transaction.atomic():
        sequence = erasure.append("learner.key_destroyed", keys=destroyed)
        erasure.note("keys", count=destroyed, left=left, ledger_sequence=sequence)


_IN_ORDER: dict[str, Callable[[_Erasure], None]] = {
    "tombstone": _bury,
    "refused": _forget_refused,
    "rows": _remove_rows,
}
_ANY_ORDER: dict[str, Callable[[_Erasure], None]] = {
    "sessions": _end_sessions,
    "spool": _ask_apps("spool"),
    "caches": _ask_apps("caches"),
    "models": _ask_apps("models"),
    "keys": _destroy_keys,
}


def _waiting(receipt: UUID) -> list[str]:
    return [step for step in (*_IN_ORDER, *_ANY_ORDER) if not requests.is_done(receipt, step)]


def _receipt(erasure: _Erasure) -> dict[str, object]:
    steps = requests.steps(erasure.receipt)
    refused, rows, keys = (steps.get(step, {}) for step in ("refused", "rows", "keys"))
    return {
        "receipt": str(erasure.receipt),
        "learner_id": erasure.learner_id,
        "erased_at": erasure.now.isoformat(),
        "removed": refused.get("removed", {}) | rows.get("removed", {}),
        "sessions_ended": steps.get("sessions", {}).get("count", 0),
        "keys_destroyed": keys.get("count", 0),
        "ledger_sequence": keys.get("ledger_sequence"),
        "waiting": _waiting(erasure.receipt),
        "steps": list(steps.values()),
    }
