"""L1: what becomes of a batch? The one conductor from decoded events to their counts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import msgspec

from signals.capture import buffer, quarantine
from signals.capture.contract import (
    FLAG_CRAWLER,
    FLAG_FROM_RECOMMENDATION,
    Batch,
    Refusal,
    RefusedError,
    Window,
    WireEvent,
    check_place,
    context_of,
    kind_of,
    marks_of,
    micros,
    moments_of,
    value_of,
    window,
)
from signals.capture.lists import check_list
from signals.capture.rows import Draft, Row, pack
from signals.data import BatchResult, CourseInfo, NewEvent
from signals.kinds.kind import Kind, Mark
from signals.models.shelf import shelf
from signals.privacy.anonymize import seal_texts, session_numbers
from signals.privacy.identity import ensure_learners, find_learners

FAMILY_OF_ANSWERS = "rec."


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, and for whom: all learners of a source, or one learner alone."""

    source_id: int
    backfill: bool = False
    only_learner: int | None = None
    crawler: bool = False  # by the user agent of this request, which goes no further
    statements: bool = False  # the events are made here, of what xAPI statements say


class _Item(msgspec.Struct, frozen=True, gc=False):
    """A draft with the learner it is about."""

    draft: Draft
    learner_id: int
    sent: object


def take(batch: Batch, *, sender: Sender, now: datetime) -> BatchResult:
    """Check, resolve and store a decoded batch; durable on return.

    Raises buffer.BusyError, or django.db.Error when the database is away: nothing was stored.
    """
    span = window(received=now, sent_at=batch.sent_at, backfill=sender.backfill)
    refused = list(batch.refused)
    drafts: list[tuple[Draft, WireEvent]] = []
    places = _places(event for _, event in batch.events)
    sessions = session_numbers(
        [event.session for _, event in batch.events if event.session], sender.source_id
    )
    for index, event in batch.events:
        try:
            draft = in_form(index, event, sender=sender, span=span)
            draft.course_id, draft.module_id = places(event)
        except RefusedError as error:
            refused.append(Refusal(index, error.code, str(error), batch.original(index, event)))
            continue
        draft.session = sessions[event.session] if event.session else None
        drafts.append((draft, event))
    items, erased = _with_learners(drafts, refused, batch, sender=sender, now=now)
    return _store(items, refused, erased, sender=sender, now=now, sent_at=batch.sent_at)


def in_form(index: int, event: WireEvent, *, sender: Sender, span: Window) -> Draft:
    """Return the draft of an event that fits its kind, wherever it happened; else RefusedError."""
    kind = kind_of(event.kind)
    if kind.internal and not sender.statements:
        raise RefusedError("unknown_kind", f"Nobody sends {kind.name}; see the contract.")
    if kind.server_only and sender.only_learner is not None:
        raise RefusedError("server_only", "Send this kind from your server, with a key.")
    check_place(kind, course=event.course, module=event.module)
    draft = _draft(index, kind, event, micros(event.occurred_at), event.context, span)
    if sender.only_learner is not None:
        draft.marks &= ~Mark.MANDATORY  # what is assigned, the platform says
    return draft


def record(
    events: Sequence[NewEvent], *, source_id: int, now: datetime, crawler: bool = False
) -> BatchResult:
    """Store events of the product's own pages, about learners and courses already known."""
    span = window(received=now, sent_at=None, backfill=True)
    refused: list[Refusal] = []
    items: list[_Item] = []
    sessions = session_numbers([event.session for event in events if event.session], source_id)
    for index, event in enumerate(events):
        try:
            kind = kind_of(event.kind)
            check_place(kind, course=event.course_id, module=event.module_id)
            context = msgspec.json.encode(event.context or {})
            draft = _draft(index, kind, event, micros(event.occurred_at), context, span)
        except RefusedError as error:
            raw = msgspec.json.encode(event)
            refused.append(Refusal(index, error.code, str(error), raw))
            continue
        draft.course_id, draft.module_id = event.course_id, event.module_id
        draft.session = sessions[event.session] if event.session else None
        items.append(_Item(draft, event.learner_id, event))
    sender = Sender(source_id, crawler=crawler)
    return _store(items, refused, 0, sender=sender, now=now)


def _draft(
    index: int,
    kind: Kind,
    event: WireEvent | NewEvent,
    occurred: int,
    raw_context: msgspec.Raw | bytes,
    span: Window,
) -> Draft:
    """Hold an event against its kind; RefusedError where it does not fit."""
    corrected, flags = moments_of(occurred, span)
    context = context_of(kind, raw_context)
    kept = kind.keep(context) if kind.keep else None
    request_id: UUID | None = getattr(context, "request_id", None)
    if request_id is not None and not kind.name.startswith(FAMILY_OF_ANSWERS):
        flags |= FLAG_FROM_RECOMMENDATION
    return Draft(
        index=index,
        event_id=(event.id or uuid4()).bytes,
        kind=kind.code,
        tier=kind.tier,
        marks=marks_of(kind, context),
        flags=flags,
        occurred=occurred,
        corrected=corrected,
        course_id=None,
        module_id=None,
        session=None,
        value=kind.value_from(context) if kind.value_from else value_of(kind, event.value),
        request_id=request_id.bytes if request_id else None,
        context=msgspec.json.encode(kept) if kept else None,
        text=kind.free_text(context) if kind.free_text else None,
    )


def _places(events: Iterable[WireEvent]) -> Callable[[WireEvent], tuple[int | None, int | None]]:
    """Return what finds (course_id, module_id) of an event, reading unknown modules at once."""
    catalogue = shelf()
    courses = catalogue.by_external
    with_modules = {
        course.course_id
        for event in events
        if event.module is not None and event.course is not None
        for course in (courses.get(event.course),)
        if course is not None
    }
    modules: Mapping[int, dict[str, int]] = {
        course_id: {module.external_id: module.module_id for module in found}
        for course_id, found in catalogue.modules(with_modules).items()
    }

    def find(event: WireEvent) -> tuple[int | None, int | None]:
        if event.course is None:
            return None, None
        course: CourseInfo | None = courses.get(event.course)
        if course is None:
            raise RefusedError("unknown_course", "course is not in the catalogue: import it first.")
        if event.module is None:
            return course.course_id, None
        module_id = modules[course.course_id].get(event.module)
        if module_id is None:
            raise RefusedError("unknown_module", "module is not in that course: import it first.")
        return course.course_id, module_id

    return find


def _with_learners(
    drafts: Sequence[tuple[Draft, WireEvent]],
    refused: list[Refusal],
    batch: Batch,
    *,
    sender: Sender,
    now: datetime,
) -> tuple[list[_Item], int]:
    """Return drafts with their learners, and how many are about somebody erased."""
    names = list({event.learner for _, event in drafts})
    if sender.only_learner is None:
        learners = ensure_learners(names, now=now)
    else:
        learners = find_learners(names).learners
    items: list[_Item] = []
    erased = 0
    for draft, event in drafts:
        learner_id = learners.get(event.learner)
        if sender.only_learner is not None and learner_id != sender.only_learner:
            detail = "This session or token is of another learner: send that learner's events only."
            raw = batch.original(draft.index, event)
            refused.append(Refusal(draft.index, "other_learner", detail, raw))
        elif learner_id is None:
            erased += 1
        else:
            items.append(_Item(draft, learner_id, event))
    return items, erased


def _store(
    items: Sequence[_Item],
    refused: list[Refusal],
    erased: int,
    *,
    sender: Sender,
    now: datetime,
    sent_at: datetime | None = None,
) -> BatchResult:
    gone = _seal_texts(items)
    for item in items:
        if sender.crawler:
            item.draft.flags |= FLAG_CRAWLER
        if item.draft.request_id is not None:
            of_browser = sender.only_learner is not None
            check_list(item.draft, learner_id=item.learner_id, of_browser=of_browser)
    received = micros(now)
    rows: list[Row] = [
        pack(
            item.draft,
            source_id=sender.source_id,
            learner_id=item.learner_id,
            received=received,
            sent=item.sent,
        )
        for item in items
        if item.draft.index not in gone
    ]
    kept = quarantine.rows(refused, source_id=sender.source_id, now=now, sent_at=sent_at)
    ticket = buffer.write(rows, kept)
    if ticket.unstorable:
        refused += _refused_by_storage(ticket.unstorable, sender=sender, now=now)
    refused.sort(key=lambda refusal: refusal.index)
    return BatchResult(
        accepted=ticket.accepted,
        duplicates=ticket.duplicates,
        dropped_by_consent=ticket.dropped + erased + len(gone),
        quarantined=len(refused),
        errors=tuple(
            {"index": refusal.index, "code": refusal.code, "detail": refusal.detail}
            for refusal in refused
        ),
    )


def _seal_texts(items: Sequence[_Item]) -> set[int]:
    """Seal free text into its drafts; return the places of those whose learner was erased."""
    written = [item for item in items if item.draft.text is not None]
    if not written:
        return set()
    sealed = seal_texts([(item.learner_id, item.draft.text or "") for item in written])
    for item, text in zip(written, sealed, strict=True):
        item.draft.sealed, item.draft.text = text, None
    return {item.draft.index for item in written if item.draft.sealed is None}


def _refused_by_storage(rows: Sequence[Row], *, sender: Sender, now: datetime) -> list[Refusal]:
    """Keep rows that PostgreSQL itself refused."""
    detail = "The event fits the contract but could not be stored; it is kept for a look."
    refused = [
        Refusal(row.index, "storage_refused", detail, msgspec.json.encode(row.sent)) for row in rows
    ]
    quarantine.store(refused, source_id=sender.source_id, now=now)
    return refused
