"""Does each source send as often and as completely as was promised, and who acts if not? (L2)

What arrives is noted with the rollups, every minute. Silence is measured up to the moment that
was counted to, so that a stopped count accuses no source; the count has an alarm of its own.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from signals import ledger
from signals.data import Actor, Objective, SourceState
from signals.derive.audit import silent_sources_ids
from signals.models import Source, SourceDay, SourceObjective, SourceSeen, Watermark
from signals.processing.completeness import complete_share

MAY_CHANGE = frozenset({"admin", "analyst"})
COMPLETE_DAYS = 7  # closed days


def source_states(*, now: datetime) -> tuple[SourceState, ...]:
    """Return how each source in use does by its objective, those with an alarm first.

    A source without one is held against its own habit: it is silent where nothing came yesterday
    and today, though it does on such days.
    """
    today = now.astimezone(UTC).date()
    counted_to = min(now, _counted_to() or now)
    seen = dict(SourceSeen.objects.values_list("source_id", "last_at"))
    told = {row.source_id: row for row in SourceObjective.objects.all()}
    shares = _shares(SourceDay.objects.filter(day__gte=_first(today), day__lt=today))
    by_habit = silent_sources_ids(today)
    found = [
        _state(
            source,
            told.get(source.pk),
            last_at=seen.get(source.pk),
            share=shares.get(source.pk),
            counted_to=counted_to,
            by_habit=source.pk in by_habit,
        )
        for source in Source.objects.filter(active=True).order_by("title")
    ]
    return tuple(sorted(found, key=lambda state: (not state.silent, not state.incomplete)))


def _state(
    source: Source,
    row: SourceObjective | None,
    *,
    last_at: datetime | None,
    share: float | None,
    counted_to: datetime,
    by_habit: bool,
) -> SourceState:
    objective = _objective(row) if row else None
    silent, incomplete = by_habit, False
    if objective is not None:
        quiet = counted_to - (last_at or source.created_at)
        silent = quiet > timedelta(minutes=objective.every_minutes)
        incomplete = share is not None and share < objective.complete_share
    return SourceState(
        source_id=source.pk,
        name=source.name,
        title=source.title,
        profile=source.profile,
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


def _counted_to() -> datetime | None:
    return Watermark.objects.filter(reader="rollups").values_list("read_at", flat=True).first()


def _first(today: date) -> date:
    return today - timedelta(days=COMPLETE_DAYS)


def _shares(days: Iterable[SourceDay]) -> dict[int, float | None]:
    stored: Counter[int] = Counter()
    refused: dict[int, Counter[str]] = {}
    for day in days:
        stored[day.source_id] += day.events
        refused.setdefault(day.source_id, Counter()).update(day.refused)
    return {source: complete_share(stored[source], codes) for source, codes in refused.items()}
