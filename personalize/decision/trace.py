"""What was decided? (L4) One decision in full, or the newest ones by where their lists came from.

For staff who must be able to account for it.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from personalize.data import Change, Item, Ruled, Source, Trace
from personalize.decision import changes, cohorts, inputs, limits, log, objectives, rulebooks
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
    in_force = objectives.at_that_time(
        row.served_at,
        surface=surface.key if surface else "",
        cohorts=cohorts.of(goal=row.goal or "", signals=row.signals),
    )
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
        ruled=_ruled(row, items, personal=personal) if row.inputs and surface else (),
    )


def _ruled(row: Decision, items: Sequence[Item], *, personal: bool) -> tuple[Ruled, ...]:
    """Return what people had decided for this list; on one nobody's history makes only hides act.

    By the rules the log names, not by those of the clock: a process may have read them a second
    late, and a list is accounted for by what it was made with.
    """
    controls = rulebooks.read(inputs.Inputs.decoded(bytes(row.inputs or b"")).controls)
    ranks = {item.course_id: item.rank for item in items}
    mine = cohorts.of(goal=row.goal or "", signals=row.signals)
    return tuple(
        Ruled(
            course_id=held.course_id,
            change=held.change,
            strength=held.strength,
            cohort=held.cohort,
            rank=ranks.get(held.course_id),
            row=changes.one(held.override_id),
        )
        for held in (controls.changes if controls else ())
        if held.holds(BY_CODE[row.surface].key, row.served_at)
        and (held.change is Change.HIDE or (personal and held.is_for(mine)))
    )
