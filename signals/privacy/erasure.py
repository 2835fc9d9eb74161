"""L1 and L2: how does a learner's data go? Everywhere at once, with a receipt that proves it.

Rows go in one transaction that starts with the tombstone, so that no late event comes back in;
the data key goes after it, in its own database, and with it whatever a backup still holds.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction

from signals import ledger, sealing
from signals.data import Actor, Allowed
from signals.models import (
    Account,
    Consent,
    ConsentChange,
    DoubtfulCourse,
    Event,
    Exposure,
    FormatObservation,
    ForumPost,
    Learner,
    LearnerCourse,
    LearnerFeature,
    LearnerModule,
    LearnerQuality,
    LearnerSession,
    PendingLearner,
    QualityFinding,
    SearchQuery,
    Tombstone,
)
from signals.models.statements import run
from signals.privacy import consent, identity, registry, sign_ins

# Who stores a learner's rows holds the gate shared, an erasure alone: it waits for what is just
# being stored, and what comes after it finds no learner any more.
_GATE = 0x6572_6173_65
STORING = f"SELECT pg_advisory_xact_lock_shared({_GATE})"
_ERASING = f"SELECT pg_advisory_xact_lock({_GATE})"

# Terms were counted with this learner's searches: those weeks are counted anew.
_WEEKS_OF_SEARCHES = """
INSERT INTO signals_demandweek (week)
SELECT DISTINCT date_trunc('week', searched_at AT TIME ZONE 'UTC')::date
FROM signals_searchquery WHERE learner_id = %b
"""

_TABLES = (
    Event,
    LearnerCourse,
    LearnerModule,
    SearchQuery,
    ForumPost,
    Exposure,
    Consent,
    ConsentChange,
    LearnerFeature,
    FormatObservation,
    LearnerSession,
    PendingLearner,
    LearnerQuality,
    DoubtfulCourse,
    QualityFinding,
)


def erase_learner(learner_id: int, *, actor: Actor, now: datetime) -> dict[str, object]:
    """Erase a learner in every app and return the receipt: what went where.

    An erasure whose key could not be destroyed, because its database was away, is asked for
    again: the rows are gone then, and the key goes.

    Raises:
        LookupError: there is no such learner, or it was erased before.
    """
    name = identity.external_id(learner_id)
    subject = f"learner:{learner_id}"
    accounts = sign_ins.accounts_of(learner_id)
    removed = _remove_rows(learner_id, name, actor=actor, now=now)
    identity.forget_cached()
    sessions = sign_ins.end_sessions(learner_id, accounts=accounts)
    destroyed = sealing.destroy_keys([learner_id])
    if removed is None and not destroyed:
        raise LookupError(f"There is no learner {learner_id}, or it was erased before.")
    sequence = ledger.append(
        actor=actor,
        action="learner.key_destroyed",
        subject=subject,
        detail={"keys": destroyed, "sessions": sessions},
        now=now,
    )
    return {
        "learner_id": learner_id,
        "erased_at": now.isoformat(),
        "removed": removed or {},
        "sessions_ended": sessions,
        "keys_destroyed": destroyed,
        "ledger_sequence": sequence,
    }


def _remove_rows(
    learner_id: int, name: str | None, *, actor: Actor, now: datetime
) -> dict[str, int] | None:
    """Remove the rows of every app behind a tombstone; None where there is no such learner."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_ERASING)
        if not Learner.objects.select_for_update().filter(learner_id=learner_id).exists():
            return None
        if name is not None:
            Tombstone.objects.get_or_create(
                lookup=sealing.tombstone(name), defaults={"erased_at": now}
            )
        removed = registry.erase_everywhere(learner_id)
        ledger.append(
            actor=actor,
            action="learner.erased",
            subject=f"learner:{learner_id}",
            detail={"removed": removed},
            now=now,
        )
    return removed


def storing(learner_ids: Collection[int]) -> dict[int, Allowed]:
    """Return what these learners allow, and hold erasures off until the transaction ends.

    Who is erased is missing: a row about them may not be stored any more.
    """
    run(STORING)
    return consent.allowed_each(learner_ids)


def hold_off() -> None:
    """Hold erasures off until the transaction ends."""
    run(STORING)


def count_searches_anew(learner_id: int) -> None:
    """Ask for the weeks in which a learner searched to be counted without them."""
    run(_WEEKS_OF_SEARCHES, [learner_id])


def erase_own_tables(learner_id: int) -> int:
    """Remove signals' own rows about a learner, the account of a learner who is no staff too."""
    count_searches_anew(learner_id)
    removed = sum(model.objects.filter(learner_id=learner_id).delete()[0] for model in _TABLES)
    accounts = Account.objects.filter(learner_id=learner_id, is_staff=False, groups=None)
    removed += sign_ins.forget_attempts(list(accounts.values_list("username", flat=True)))
    removed += accounts.delete()[0]
    return removed + Learner.objects.filter(learner_id=learner_id).delete()[0]
