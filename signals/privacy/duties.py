"""L1 and L2: what does signals itself do when a learner's data is erased or handed out?"""

from datetime import datetime

from signals.data import Allowed
from signals.models import Exposure, FormatObservation, LearnerFeature, LearnerSession
from signals.models.statements import run
from signals.privacy import export, own_rows, registry, reset

DERIVED = ("features", "measured", "sessions")  # readers whose work depends on switches

_ASK = """
INSERT INTO signals_pendinglearner (reader, learner_id) SELECT unnest(%b::text[]), %b
ON CONFLICT (reader, learner_id) DO UPDATE SET reader = excluded.reader
"""


def register() -> None:
    """Register signals' own handlers, as every app does; importing loads the checks of sealing."""
    registry.on_erase("signals", own_rows.erase)
    registry.on_export("signals", export.own_tables)
    registry.on_consent("signals", consent_changed)
    registry.on_reset("signals", reset.reset_own_tables)


def consent_changed(learner_id: int, allowed: Allowed, _now: datetime) -> None:
    """Delete at once what may no longer be derived; what may be is asked to be built anew.

    The work is asked for first: whoever rebuilds this learner just now is waited for, and nobody
    begins to before the switch is committed, so that nothing is built from what was allowed before.
    """
    run(_ASK, [list(DERIVED), learner_id])
    if not allowed.personalization:
        LearnerFeature.objects.filter(learner_id=learner_id).delete()
        LearnerSession.objects.filter(learner_id=learner_id).delete()
        Exposure.objects.filter(learner_id=learner_id).update(**Exposure.UNMEASURED)
    if not allowed.inferred:
        FormatObservation.objects.filter(learner_id=learner_id).delete()
