"""Which earlier list did a fallback repeat? (L4) Read from the log, as the cache had kept it."""

import numpy as np

from personalize.data import Source
from personalize.decision import memory
from personalize.decision.explanations import stored_parts
from personalize.decision.finish import PARTS_REMEMBERED
from personalize.decision.inputs import UNITS, Inputs
from personalize.decision.memory import LastList
from personalize.models import Decision
from personalize.models.decisions import SLOT_CODES, SOURCE_CODES

LOOKED_THROUGH = 50  # lists before it

_OWN = [SOURCE_CODES[source] for source in (Source.MODEL, Source.ONBOARDING)]
_SLOTS = {code: slot.value for slot, code in SLOT_CODES.items()}


def remembered_before(row: Decision, *, unit: str) -> LastList | None:
    """Return the newest list made for the same learner and place before a decision."""
    lists = Decision.objects.filter(
        learner_id=row.learner_id,
        surface=row.surface,
        source__in=_OWN,
        served_at__lte=row.served_at,
        inputs__isnull=False,
    ).order_by("-served_at")[:LOOKED_THROUGH]
    for one in lists:
        if UNITS[Inputs.decoded(bytes(one.inputs or b"")).unit] == unit:
            return _as_kept(one)
    return None


def _as_kept(row: Decision) -> LastList:
    kept = slice(memory.ITEMS_KEPT)
    few = stored_parts(row).narrowed(PARTS_REMEMBERED)
    return LastList(
        learner_id=row.learner_id or 0,
        served_at=row.served_at.timestamp(),
        consent_at=row.served_at.timestamp(),
        model=row.model,
        goal=row.goal or "",
        signals=row.signals,
        course_ids=np.array(row.course_ids[kept], np.int32),
        module_ids=np.array(row.module_ids[kept], np.int32) if row.module_ids else None,
        slots=tuple(_SLOTS[slot] for slot in row.slots[kept]),
        codes=few.codes[kept],
        values=few.values[kept],
    )
