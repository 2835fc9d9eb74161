"""Does each source send as often and as completely as was promised, and who acts if not? (L2)

What arrives is noted with the rollups, every minute. Silence is measured up to the moment that
was counted to, so that a stopped count accuses no source; the count has an alarm of its own.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from signals import ledger
from signals.data import Actor, Objective, SourceState
from signals.derive.audit import recent_days, silent_by_habit
from signals.models import Source, SourceDay, SourceObjective
from signals.models.statements import run
from signals.processing.completeness import complete_share

MAY_CHANGE = frozenset({"admin", "analyst"})
COMPLETE_DAYS = 7  # closed days


_SOURCES = """
SELECT s.id, s.name, s.title, s.profile, s.created_at, n.last_at,
       o.every_minutes, o.complete_share, o.owner, o.next_step,
       (SELECT read_at FROM signals_watermark WHERE reader = 'rollups')
FROM signals_source s
LEFT JOIN signals_sourceobjective o ON o.source_id = s.id
LEFT JOIN signals_sourceseen n ON n.source_id = s.id
WHERE s.active ORDER BY s.title, s.id
"""


def source_states(*, now: datetime) -> tuple[SourceState, ...]:
    """Return how each source in use does by its objective, those with an alarm first.

    A source without one is held against its own habit: it is silent where nothing came yesterday
    and today, though it does on such days. Two statements.
    """
    today = now.astimezone(UTC).date()
    days = recent_days(today)
    by_habit = silent_by_habit(days, today=today)
    first = today - timedelta(days=COMPLETE_DAYS)
    shares = _shares(day for day in days if first <= day.day < today)
    found = [
        _state(row, now=now, share=shares.get(row[0]), by_habit=row[0] in by_habit)
        for row in run(_SOURCES).fetchall()
    ]
    return tuple(sorted(found, key=lambda state: (not state.silent, not state.incomplete)))


def _state(
    row: tuple[Any, ...], *, now: datetime, share: float | None, by_habit: bool
) -> SourceState:
    source_id, name, title, profile, created_at, last_at, every, *rest, counted_to = row
    objective = Objective(every, *rest) if every is not None else None
    silent, incomplete = by_habit, False
    if objective is not None:
        quiet = min(now, counted_to or now) - (last_at or created_at)
        silent = quiet > timedelta(minutes=objective.every_minutes)
        incomplete = share is not None and share < objective.complete_share
    return SourceState(
        source_id=source_id,
        name=name,
        title=title,
        profile=profile,
        last_at=last_at,
        complete_share=share,
        objective=objective,
        silent=silent,
        incomplete=incomplete,
    )


def _objective(row: SourceObjective) -> Objective:
    return Objective(
        every_minutes=row.every_minutes,
        complete_share=row.complete_share,
        owner=row.owner,
        next_step=row.next_step,
    )


def set_objective(
    actor: Actor, source: str, objective: Objective | None, *, reason: str, now: datetime
) -> None:
    """Say what is expected of a source, or, with None, what it usually does; into the ledger.

    Raises:
        PermissionError: the actor's roles may not.
        LookupError: there is no such source.
        django.core.exceptions.ValidationError: the objective makes no sense; it names the fields.
    """
    if not actor.roles & MAY_CHANGE:
        raise PermissionError("Administrators and analysts say what is expected of a source.")
    if not reason.strip():
        raise ValidationError({"reason": "Say in a few words why."})
    with transaction.atomic():
        row = Source.objects.select_for_update().filter(name=source).first()
        if row is None:
            raise LookupError(f"There is no source {source!r}.")
        held = SourceObjective.objects.filter(source=row).first()
        before = _objective(held) if held else None
        if objective is None:
            SourceObjective.objects.filter(source=row).delete()
        else:
            _store(held or SourceObjective(source=row), objective)
        ledger.append(
            actor=actor,
            action="source.objective",
            subject=f"source:{row.name}",
            detail={
                "before": asdict(before) if before else None,
                "after": asdict(objective) if objective else None,
                "reason": reason.strip(),
            },
            now=now,
        )


def _store(row: SourceObjective, objective: Objective) -> None:
    row.every_minutes = objective.every_minutes
    row.complete_share = objective.complete_share
    row.owner, row.next_step = objective.owner.strip(), objective.next_step.strip()
    row.full_clean(exclude=["source"])
    row.save()


def _shares(days: Iterable[SourceDay]) -> dict[int, float | None]:
    stored: Counter[int] = Counter()
    refused: dict[int, Counter[str]] = {}
    for day in days:
        stored[day.source_id] += day.events
        refused.setdefault(day.source_id, Counter()).update(day.refused)
    return {source: complete_share(stored[source], codes) for source, codes in refused.items()}
