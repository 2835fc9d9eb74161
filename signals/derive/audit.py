"""What does the signal audit of a month say? Numbers that stand for ten learners or more (L2).

Everything is read from counts of closed days; no event is touched.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db.models import Sum

from signals.data import (
    AuditCell,
    AuditRule,
    AuditSource,
    QualityAudit,
    QualityShares,
    Refusals,
)
from signals.models import Learner, LearnerQuality, QualityMonth, Source, SourceDay, Watermark
from signals.processing.disclosure import K, rounded
from signals.processing.rules import unknown_course, unknown_learner
from signals.processing.rules.registry import RULES
from signals.processing.rules.rule import Rule
from signals.processing.silence import is_silent

MONTHS = 12  # to choose from
BAND_DAYS = 7  # closed days that training is judged by
SILENCE_DAYS = 22
UNKNOWN = unknown_course.RULE.refusals | unknown_learner.RULE.refusals

_Days = dict[int, dict[date, int]]  # source -> day -> events


def quality_audit(month: date, *, now: datetime) -> QualityAudit:
    """Return what every rule found in a month, by source."""
    today = now.astimezone(UTC).date()
    month = month.replace(day=1)
    rows = {(row.rule, row.source_id): row for row in QualityMonth.objects.filter(month=month)}
    sources = _sources(month, today)
    return QualityAudit(
        month=month,
        months=tuple(_months(today - timedelta(days=1))),
        closed_to=min(today - timedelta(days=1), _month_after(month) - timedelta(days=1)),
        judged_at=Watermark.objects.filter(reader="quality")
        .values_list("read_at", flat=True)
        .first(),
        sources=tuple(sources),
        rules=tuple(
            _audited(rule, {s.source_id: rows.get((rule.code, s.source_id)) for s in sources})
            for rule in RULES
        ),
    )


def _audited(rule: Rule, rows: dict[int, QualityMonth | None]) -> AuditRule:
    cells = {
        source_id: AuditCell(events=row.events, learners=row.learners, samples=tuple(row.samples))
        for source_id, row in rows.items()
        if row is not None
    }
    return AuditRule(
        name=rule.name,
        version=rule.version,
        title=rule.title,
        severity=rule.severity,
        effect=rule.effect,
        owner=rule.owner,
        action=rule.action,
        cells=cells,
        events=sum(cell.events for cell in cells.values()),
    )


def _sources(month: date, today: date) -> list[AuditSource]:
    """Return the sources that sent anything in the month, most first, and those fallen silent."""
    sent = dict(
        SourceDay.objects.filter(day__gte=month, day__lt=min(_month_after(month), today))
        .values_list("source_id")
        .annotate(n=Sum("events"))
    )
    silent = _silent(today)
    found = [
        AuditSource(
            source_id=source.pk,
            name=source.name,
            title=source.title,
            events=rounded(sent.get(source.pk, 0)) if sent.get(source.pk, 0) >= K else None,
            silent=source.pk in silent,
        )
        for source in Source.objects.filter(pk__in={*sent, *silent}).order_by("name")
    ]
    return sorted(found, key=lambda source: -(source.events or 0))


def quality_shares(*, now: datetime) -> QualityShares:
    """Return what training is judged by: shares over the last closed days, and who is silent."""
    today = now.astimezone(UTC).date()
    arrived = refusals(today)
    real = Learner.objects.filter(kind=Learner.Kind.REAL).values("learner_id")
    learners = real.count()
    weightless = LearnerQuality.objects.filter(weight=0, learner_id__in=real).count()
    recent = recent_days(today)
    silent, usual = silent_by_habit(recent, today=today), _by_day(recent)
    return QualityShares(
        received=arrived.received,
        refused_share=arrived.refused_share,
        unknown_share=arrived.unknown_share,
        learners=learners,
        weightless_share=weightless / learners if learners else 0.0,
        silent=tuple(
            Source.objects.filter(pk__in=silent).order_by("name").values_list("name", flat=True)
        ),
        silent_share=_share_of(silent, usual),
    )


def refusals(today: date) -> Refusals:
    """Return how much of what arrived in the last closed days was refused; a few rows are read."""
    days = SourceDay.objects.filter(day__gte=today - timedelta(days=BAND_DAYS), day__lt=today)
    stored = refused = unknown = 0
    for row in days:
        stored += row.events
        refused += sum(row.refused.values())
        unknown += sum(n for code, n in row.refused.items() if code in UNKNOWN)
    received = stored + refused
    return Refusals(received, refused / max(received, 1), unknown / max(received, 1))


def recent_days(today: date) -> list[SourceDay]:
    """Return what each source in use sent on the last days, in one statement."""
    in_use = Source.objects.filter(active=True).values("pk")
    since = today - timedelta(days=SILENCE_DAYS)
    return list(SourceDay.objects.filter(day__gte=since, source_id__in=in_use))


def silent_by_habit(days: Iterable[SourceDay], *, today: date) -> set[int]:
    """Return the sources that usually send and do not."""
    received = _by_day(days)
    return {source for source, events in received.items() if is_silent(events, today=today)}


def _by_day(days: Iterable[SourceDay]) -> _Days:
    found: _Days = defaultdict(dict)
    for row in days:
        found[row.source_id][row.day] = row.events
    return found


def _silent(today: date) -> set[int]:
    return silent_by_habit(recent_days(today), today=today)


def _share_of(sources: set[int], received: _Days) -> float:
    """Return which part of all that was received in these weeks came from some sources."""
    total = sum(sum(days.values()) for days in received.values())
    theirs = sum(sum(received[source].values()) for source in sources)
    return theirs / total if total else 0.0


def _month_after(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def _months(closed: date) -> list[date]:
    """Return the months to choose from, first the one the last closed day is in."""
    month, found = closed.replace(day=1), []
    for _ in range(MONTHS):
        found.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return found
