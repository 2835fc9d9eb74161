"""L1: what becomes of the statements of a request? The one conductor behind the door of xAPI.

In one transaction: claim the ids, store the events of what is new as the learners' consent allows,
keep whole statements where the source asks, count verbs no rule knows. All of it, or nothing.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import OperationalError, connection, transaction

from signals.capture import quarantine
from signals.capture.contract import Batch, Refusal, RefusedError, WireEvent, micros, moments_of
from signals.capture.contract import window as window_of
from signals.capture.intake import Sender, take
from signals.capture.xapi import agents, verbs, voiding, whole
from signals.capture.xapi.claims import claim
from signals.capture.xapi.events import Mapped, mapped
from signals.capture.xapi.statements import Checked, Outcome, Sent
from signals.privacy.identity import ensure_learners

TRIES = 3  # after a deadlock, which a resend survives
CONFLICT = "same_id_other_content"
NO_LEARNER = "no_single_learner"


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
                claimed = claim(sent.statements, source_id=sender.source_id, now=now)
                fresh = claimed.fresh
                if prepared is not None:
                    fresh = whole.store(fresh, prepared, source_id=sender.source_id)
                _keep_events(
                    [(statement, found[statement.id]) for statement in fresh],
                    sender=sender,
                    store=store,
                    now=now,
                )
                voiding.void(fresh, source_id=sender.source_id)
                _keep_conflicts(claimed.conflicts, sender=sender, now=now)
        except OperationalError:
            if attempt == tries - 1:
                raise
        else:
            conflicts = tuple(statement.id for statement in claimed.conflicts)
            return Outcome(
                len(fresh), len(sent.statements) - len(fresh) - len(conflicts), conflicts
            )
    raise AssertionError("unreachable: the last try returns or raises")


def _keep_events(
    fresh: Sequence[tuple[Checked, Mapped]], *, sender: Sender, store: bool, now: datetime
) -> None:
    """Store the events of new statements; where statements are kept whole, only what fits."""
    events = [one.event for _, one in fresh if one.event is not None]
    if store:
        events = [
            one.event
            for _, one in fresh
            if one.event is not None and one.known_course and _in_time(one.event, sender, now)
        ]
    else:
        _keep_without_learner(fresh, sender=sender, now=now)
    if events:
        take(Batch(list(enumerate(events)), [], None), sender=sender, now=now)
    unmapped = Counter(one.unmapped for _, one in fresh if one.unmapped is not None)
    verbs.count_unmapped(unmapped, source_id=sender.source_id, now=now)


def _in_time(event: WireEvent, sender: Sender, now: datetime) -> bool:
    span = window_of(received=now, sent_at=None, backfill=sender.backfill)
    try:
        moments_of(micros(event.occurred_at), span)
    except RefusedError:
        return False
    return True


def _keep_without_learner(
    fresh: Sequence[tuple[Checked, Mapped]], *, sender: Sender, now: datetime
) -> None:
    detail = "The actor is a group: nobody's own history can take it in."
    refused = [
        _refusal(statement, NO_LEARNER, detail)
        for statement, one in fresh
        if one.event is None
        and one.unmapped is None
        and agents.external_id(statement.body["actor"]) is None
    ]
    quarantine.store(refused, source_id=sender.source_id, now=now)


def _keep_conflicts(conflicts: Sequence[Checked], *, sender: Sender, now: datetime) -> None:
    detail = "A statement with this id says something else; the first one counts."
    refused = [_refusal(statement, CONFLICT, detail) for statement in conflicts]
    quarantine.store(refused, source_id=sender.source_id, now=now)


def _refusal(statement: Checked, code: str, detail: str) -> Refusal:
    return Refusal(0, code, detail, msgspec.json.encode(statement.body))
