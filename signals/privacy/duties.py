"""L1 and L2: what does signals itself do when a learner's data is erased or handed out?"""

from datetime import datetime

from signals.data import Allowed
from signals.models import FormatObservation, LearnerFeature, LearnerSession, PendingLearner
from signals.privacy import erasure, export, registry

DERIVED = ("features", "sessions")  # readers whose work depends on switches


def register() -> None:
    """Register signals' own handlers, as every app does; importing loads the checks of sealing."""
    registry.on_erase("signals", erasure.erase_own_tables)
    registry.on_export("signals", export.own_tables)
    registry.on_consent("signals", consent_changed)


def consent_changed(learner_id: int, allowed: Allowed, _now: datetime) -> None:
    """Delete at once what may no longer be derived; what may be is asked to be built anew."""
    if not allowed.personalization:
        LearnerFeature.objects.filter(learner_id=learner_id).delete()
        LearnerSession.objects.filter(learner_id=learner_id).delete()
    if not allowed.inferred:
        FormatObservation.objects.filter(learner_id=learner_id).delete()
    PendingLearner.objects.bulk_create(
        [PendingLearner(reader=reader, learner_id=learner_id) for reader in DERIVED],
        ignore_conflicts=True,
    )
