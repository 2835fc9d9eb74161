"""L1 and L2: what may learners see of what is held about them? Switches and history."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from signals.data import UNDER_13, KindLabel, LabelFigures, PastEvent, Switches
from signals.kinds.registry import KINDS
from signals.models import Consent, Event, Learner, Source
from signals.privacy import consent, own_rows, retention
from signals.processing.disclosure import K

_NAMES = {kind.code: name for name, kind in KINDS.items()}


def switches(learner_id: int) -> Switches:
    """Return the switches as they were set, and what follows from them."""
    row = Consent.objects.filter(learner_id=learner_id).first() or Consent()
    band = Learner.objects.filter(learner_id=learner_id).values_list("age_band", flat=True).first()
    return Switches(
        personalization=row.personalization and band != UNDER_13,
        fine_grained=row.fine_grained,
        inferred=row.inferred,
        gpc=row.gpc,
        age_band=band or "",
        allowed=consent.allowed(learner_id),
    )


def history(
    learner_id: int, *, limit: int = 20, before: tuple[datetime, UUID] | None = None
) -> tuple[PastEvent, ...]:
    """Return what is kept of what a learner did, newest first; `before` pages on.

    Many senders know whole seconds alone, so the id says where in one of them a page ended.
    """
    rows = Event.objects.filter(learner_id=learner_id).order_by("-occurred_at", "-id")
    if before is not None:
        at, last = before
        rows = rows.filter(Q(occurred_at__lt=at) | Q(occurred_at=at, id__lt=last))
    titles = dict(Source.objects.values_list("pk", "title"))
    wanted = rows.values_list("occurred_at", "id", "kind", "course_id", "source_id")[:limit]
    return tuple(
        PastEvent(
            occurred_at=occurred_at,
            id=event_id,
            kind=_NAMES.get(kind, str(kind)),
            course_id=course_id,
            source=titles.get(source_id, ""),
        )
        for occurred_at, event_id, kind, course_id, source_id in wanted
    )


def rows_held(learner_id: int) -> dict[str, int]:
    """Return how many rows each table holds about a learner, by "app.Model", if any."""
    counted = {
        model._meta.label: model._default_manager.filter(learner_id=learner_id).count()
        for model in own_rows.tables_of_learners()
    }
    return {label: n for label, n in counted.items() if n}


def kind_labels() -> tuple[KindLabel, ...]:
    """Return every kind of signal for the labels of data, in the order of the contract."""
    return tuple(
        KindLabel(name, kind.tier, kind.purpose, kind.retention_months)
        for name, kind in KINDS.items()
    )


def label_figures() -> LabelFigures:
    """Return the figures labels state beside those of each kind."""
    return LabelFigures(derived_months=retention.DERIVED_MONTHS, smallest_group=K)
