"""L1: what would a rule for a verb make of statements, and what of those that came before it?

Statements wait in quarantine where a source keeps events only, and are kept where it keeps them
whole. Nobody reads them for this: people see counts.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet

from signals import sealing
from signals.capture import quarantine
from signals.capture.intake import Sender
from signals.capture.replay import Wanted, replay
from signals.capture.xapi import agents, keep, tokens, verbs, voiding, whole
from signals.capture.xapi.events import mapped
from signals.capture.xapi.statements import Checked, Json, activity_type, verb_of
from signals.capture.xapi.unmapped import words_of
from signals.data import SYSTEM, Actor, NewVerbRule, VerbPreview
from signals.models import Quarantine, Statement, VerbRule
from signals.processing.disclosure import K, rounded

LOOKED_AT = 200  # newest statements of a preview
CHUNK = 200

log = logging.getLogger(__name__)


def preview(actor: Actor, rule: NewVerbRule) -> VerbPreview:
    """Return what a rule would make of the newest statements that can be read; stores nothing.

    Raises as `verbs.set_rule`.
    """
    verbs.check_may(actor)
    verbs.check(rule)
    bodies = _newest()
    fitting = [body for body in bodies if _is_about(body, rule)]
    if len({agents.external_id(body["actor"]) for body in fitting} - {None}) < K:
        return VerbPreview(looked_at=len(bodies), matched=None)
    tried = {(rule.verb, rule.activity_type): rule.kind}
    made = [mapped(_checked(body), tried) for body in fitting]
    usable = [one.event for one in made if one.event is not None and one.known_course]
    becomes = sum(event.kind == rule.kind for event in usable)
    return VerbPreview(
        looked_at=len(bodies),
        matched=rounded(len(fitting)),
        becomes=rounded(becomes),
        lacking=rounded(len(usable) - becomes),
        unusable=rounded(len(made) - len(usable)) if rule.kind else 0,
        waiting=rounded(_waiting(rule.verb, rule.activity_type).count()),
    )


def _newest() -> list[Json]:
    """Return the newest statements, of those that wait and those that are kept whole."""
    rows = Quarantine.objects.filter(code=keep.UNMAPPED, replayed_at=None)
    found = [
        (row.received_at, body)
        for row in rows.select_related("source").order_by("-received_at", "-pk")[:LOOKED_AT]
        if (body := _opened(row)) is not None
    ]
    kept = list(Statement.objects.order_by("-seq")[:LOOKED_AT])
    found += [
        (row.stored_at, body)
        for row, body in zip(kept, whole.bodies(kept), strict=True)
        if body is not None
    ]
    found.sort(key=lambda pair: pair[0], reverse=True)
    return [body for _, body in found[:LOOKED_AT]]


def _opened(row: Quarantine) -> Json | None:
    try:
        body: Json = msgspec.json.decode(quarantine.opened(row))
    except sealing.KeyGoneError:
        return None
    return body


def _is_about(body: Json, rule: NewVerbRule) -> bool:
    of_type = rule.activity_type
    return verb_of(body) == rule.verb and (not of_type or activity_type(body) == of_type)


def _checked(body: Json) -> Checked:
    return Checked(UUID(body["id"]), body, b"", datetime.fromisoformat(body["timestamp"]))


def _waiting(verb: str, of_type: str) -> QuerySet[Quarantine]:
    """Return the statements that wait with a verb, and of one type where one is given."""
    rows = Quarantine.objects.filter(code=keep.UNMAPPED, replayed_at=None)
    verb_word, type_word = words_of(verb, of_type)
    if of_type:
        return rows.filter(form=f"{verb_word} {type_word}")
    return rows.filter(form__startswith=f"{verb_word} ")


def take_in(*, now: datetime) -> int:
    """Take in what came before rules that ask for it; return how many events that made.

    What was interrupted is done again: an event that is there already changes nothing. A rule that
    fails waits for the next time, and holds no other up.
    """
    stored = 0
    for rule in list(VerbRule.objects.exclude(waiting_at=None).order_by("waiting_at")):
        verbs.forget_cached()
        try:
            stored += _take_in(rule, now=now)
        except (InterfaceError, OperationalError):  # PostgreSQL is away: so it is for the others
            raise
        except Exception:  # whatever a statement of years ago holds
            log.exception("What came before rule %s is taken in next time", rule.pk)
        else:
            VerbRule.objects.filter(pk=rule.pk, waiting_at=rule.waiting_at).update(waiting_at=None)
    return stored


def _take_in(rule: VerbRule, *, now: datetime) -> int:
    waiting = _waiting(rule.verb, rule.activity_type)
    if not rule.kind:
        waiting.delete()  # it is known that nothing of it is wanted
        return 0
    ids = tuple(waiting.values_list("pk", flat=True))
    came = replay(SYSTEM, Wanted(ids=ids), now=now).stored if ids else 0
    return came + sum(_take_kept(rows, rule) for rows in _kept(rule))


def _kept(rule: VerbRule) -> Iterator[Sequence[Statement]]:
    """Yield statements with the verb that are kept whole, oldest first."""
    after = 0
    found = Statement.objects.filter(tokens__contains=[tokens.of_verb(rule.verb)]).order_by("seq")
    while rows := list(found.filter(seq__gt=after)[:CHUNK]):
        yield rows
        after = rows[-1].seq


def _take_kept(rows: Sequence[Statement], rule: VerbRule) -> int:
    wanted = NewVerbRule(rule.verb, rule.activity_type, rule.kind)
    return sum(
        _take_one(row, body)
        for row, body in zip(rows, whole.bodies(rows), strict=True)
        if body is not None and _is_about(body, wanted)
    )


def _take_one(row: Statement, body: Json) -> int:
    """Store the event of a statement; what fits as no event is left as it is."""
    if voiding.already_void([_checked(body)], source_id=row.source_id):
        return 0
    with transaction.atomic():
        came = keep.take_again(body, sender=Sender(row.source_id), now=row.stored_at)
        if came is None or came.quarantined:
            transaction.set_rollback(True)
            return 0
        return came.accepted
