"""What was decided? (L4) One decision in full, or the newest ones by where their lists came from.

For staff who must be able to account for it.
"""

from collections import Counter
from datetime import datetime
from uuid import UUID

from personalize.data import Source, Trace
from personalize.decision import inputs, limits, log, objectives
from personalize.decision.explanations import PERSONAL_SOURCES, read_items
from personalize.decision.surfaces import BY_CODE
from personalize.models import Decision
from personalize.models.decisions import INTENT_CODES, SOURCE_CODES
from signals import catalogue
from signals.data import Tier

_SOURCES = {code: source for source, code in SOURCE_CODES.items()}
_INTENTS = {code: intent for intent, code in INTENT_CODES.items()}


COUNTED_MOST = 10_000  # decisions: keeps a page that asks every few seconds cheap at any size


def sources(*, since: datetime, until: datetime) -> Counter[Source]:
    """Count the newest decisions of a time, at most COUNTED_MOST, by where the list came from."""
    newest = (
        Decision.objects.filter(served_at__gt=since, served_at__lte=until)
        .order_by("-served_at")
        .values_list("source", flat=True)[:COUNTED_MOST]
    )
    return Counter(_SOURCES[code] for code in newest)


def read(request_id: UUID) -> Trace | None:
    """Return a logged decision; None when there is none."""
    row = log.find(request_id)
    if row is None:
        return None
    surface = BY_CODE.get(row.surface)
    items = read_items(row)
    personal = _SOURCES[row.source] in PERSONAL_SOURCES
    in_force = objectives.at_that_time(row.served_at)
    return Trace(
        request_id=request_id,
        served_at=row.served_at,
        learner_id=row.learner_id,
        surface=surface.key if surface else f"retired ({row.surface})",
        source=_SOURCES[row.source],
        intent=_INTENTS.get(row.intent),
        model=row.model,
        rules=row.rules,
        goal=row.goal or "",
        signals=row.signals,
        tiers=tuple(int(tier) for tier in Tier if row.tiers >> tier & 1),
        took_ms=row.took_ms,
        items=items,
        limits=limits.reached(items, catalogue.courses(), in_force) if personal else (),
        made_from=inputs.in_words(bytes(row.inputs)) if row.inputs else None,
    )
