"""L1: what becomes of the statements of a request? The one conductor behind the door of xAPI.

In one transaction: claim the ids, store the events of what is new as the learners' consent allows,
keep whole statements where the source asks, count verbs no rule knows. All of it, or nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import OperationalError, connection, transaction

from signals.capture import quarantine
from signals.capture.contract import Batch, Refusal, RefusedError, WireEvent, micros, moments_of
from signals.capture.contract import window as window_of
from signals.capture.intake import Sender, take
from signals.capture.spool import away
from signals.capture.xapi import agents, unmapped, verbs, voiding, whole
from signals.capture.xapi.claims import claim
from signals.capture.xapi.events import Mapped, mapped
from signals.capture.xapi.statements import Checked, Json, Outcome, Sent
from signals.data import BatchResult
from signals.privacy.identity import ensure_learners

TRIES = 3  # after a deadlock, which a resend survives
CONFLICT = "same_id_other_content"
NO_LEARNER = "no_single_learner"
UNMAPPED = "unmapped_verb"
VERB_DOOR = "verb"  # by which it goes in again


def keep(sent: Sent, *, sender: Sender, store: bool, now: datetime) -> Outcome:
    """Keep statements; durable on return.

    Raises buffer.BusyError, or django.db.Error when the database is away: nothing was kept.
    """
    rules = verbs.rules()
    found = {statement.id: mapped(statement, rules) for statement in sent.statements}
    names = [one.event.learner for one in found.values() if one.event is not None]
    ensure_learners(names, now=now)  # before the transaction, which so holds no lock for it
    prepared = whole.prepare(sent, now=now) if store else None
    tries = 1 if connection.in_atomic_block else TRIES
    for attempt in range(tries):
        try:
            with transaction.atomic():
                return _keep(sent, found, prepared, sender=sender, now=now)
        except OperationalError as error:
            if attempt == tries - 1 or not away.may_pass(error):
                raise
    raise AssertionError("unreachable: the last try returns or raises")


def _keep(
    sent: Sent,
    found: Mapping[UUID, Mapped],
    prepared: whole.Prepared | None,
    *,
    sender: Sender,
    now: datetime,
) -> Outcome:
    source_id = sender.source_id
    void = voiding.targets(sent.statements) if prepared is None else []
    claimed = claim(sent.statements, void=void, source_id=source_id, now=now)
    fresh, conflicts = claimed.fresh, claimed.conflicts
    if prepared is not None:
        stored = whole.store(fresh, prepared, source_id=source_id)
        fresh, conflicts = stored.fresh, conflicts + stored.conflicts
    pairs = [(statement, found[statement.id]) for statement in fresh]
    if prepared is None:
        _store_events([one for _, one in pairs if one.event], sender=sender, now=now)
        _set_aside(_without_learner(pairs), source_id=source_id, now=now)
    else:
        gone = voiding.already_void(fresh, source_id=source_id)
        fitting = [
            one
            for statement, one in pairs
            if statement.id not in gone and _fits(one, sender=sender, now=now)
        ]
        _store_events(fitting, sender=sender, now=now)
    unknown = [statement for statement, one in pairs if one.unmapped is not None]
    waiting = unmapped.count(unknown, source_id=source_id, now=now)
    if prepared is None:  # what is kept whole need not wait elsewhere
        _let_wait(waiting, source_id=source_id, now=now)
    voiding.void(fresh, source_id=source_id)
    _set_aside([_conflict(statement) for statement in conflicts], source_id=source_id, now=now)
    same = len(sent.statements) - len(fresh) - len(conflicts)
    return Outcome(len(fresh), same, tuple(statement.id for statement in conflicts))


def _store_events(found: Sequence[Mapped], *, sender: Sender, now: datetime) -> None:
    events = [one.event for one in found if one.event is not None]
    if events:
        made_here = replace(sender, statements=True)
        take(Batch(list(enumerate(events)), [], None), sender=made_here, now=now)


def _fits(one: Mapped, *, sender: Sender, now: datetime) -> bool:
    """Say whether a whole statement is an event too; what does not fit is kept as a statement."""
    return one.event is not None and one.known_course and _in_time(one.event, sender, now)


def _in_time(event: WireEvent, sender: Sender, now: datetime) -> bool:
    span = window_of(received=now, sent_at=None, backfill=sender.backfill)
    try:
        moments_of(micros(event.occurred_at), span)
    except RefusedError:
        return False
    return True


def _without_learner(pairs: Sequence[tuple[Checked, Mapped]]) -> list[Refusal]:
    detail = "The actor is a group: nobody's own history can take it in."
    return [
        _refusal(statement, NO_LEARNER, detail)
        for statement, one in pairs
        if one.event is None
        and one.unmapped is None
        and agents.external_id(statement.body["actor"]) is None
    ]


def _conflict(statement: Checked) -> Refusal:
    detail = "A statement with this id says something else; the first one counts."
    return _refusal(statement, CONFLICT, detail)


def _refusal(statement: Checked, code: str, detail: str) -> Refusal:
    return Refusal(0, code, detail, msgspec.json.encode(statement.body))


def _let_wait(waiting: Mapping[str, Sequence[Checked]], *, source_id: int, now: datetime) -> None:
    """Keep statements sealed until a rule knows their verb."""
    for form, statements in waiting.items():
        refused = [waiting_one(statement) for statement in statements]
        whole_of = quarantine.Whole(VERB_DOOR, form)
        quarantine.store(refused, source_id=source_id, now=now, whole=whole_of)


def waiting_one(statement: Checked) -> Refusal:
    """Return a statement as it waits: with its id and its moment, sent or not."""
    body = {
        **statement.body,
        "id": str(statement.id),
        "timestamp": whole.written(statement.occurred_at),
    }
    detail = "No rule knows its verb; it is taken in when one does."
    return Refusal(0, UNMAPPED, detail, msgspec.json.encode(body))


def take_again(body: Json, *, sender: Sender, now: datetime) -> BatchResult | None:
    """Take in a statement that waited or is kept, whose verb a rule knows by now.

    None where there is no rule still, it becomes no event, or it was voided.
    """
    if voiding.is_void(UUID(body["id"]), source_id=sender.source_id):
        return None
    at = datetime.fromisoformat(body["timestamp"])
    one = mapped(Checked(UUID(body["id"]), body, b"", at), verbs.rules())
    if one.event is None:
        return None
    ensure_learners([one.event.learner], now=now)
    made_here = replace(sender, statements=True)
    return take(Batch([(0, one.event)], [], None), sender=made_here, now=now)


def _set_aside(refused: Sequence[Refusal], *, source_id: int, now: datetime) -> None:
    if refused:
        quarantine.store(refused, source_id=source_id, now=now)
