"""L1: which kind of signal is a verb? Rows that people edit; verbs.csv is what they start from."""

import csv
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from signals import ledger
from signals.capture.xapi import unmapped
from signals.capture.xapi.unmapped import LONGEST
from signals.capture.xapi.valid.statements import VOIDED
from signals.capture.xapi.valid.values import IRI
from signals.data import Actor, NewVerbRule, VerbRuleRow
from signals.kinds.registry import KINDS
from signals.models import VerbRule

SHIPPED = Path(__file__).with_name("verbs.csv")
CACHED_FOR_S = 5.0  # an edited rule works everywhere within this time
MAY_CHANGE = frozenset({"admin"})

Rules = Mapping[tuple[str, str], str]

_lock = threading.Lock()
_held: tuple[float, Rules] | None = None


def forget_cached() -> None:
    """Read the rules again."""
    global _held
    _held = None


def rules() -> Rules:
    """Return (verb, activity type) -> kind, as edited; the shipped rules where there are none."""
    global _held
    held = _held
    if held is None or monotonic() - held[0] > CACHED_FOR_S:
        held = _held = (monotonic(), _read())
    return held[1]


def known_rules() -> Rules:
    """Return the rules read last, the shipped ones where none were: asks no database."""
    if _held is not None:
        return _held[1]
    return {(rule.verb, rule.activity_type): rule.kind for rule in _shipped()}


def kind_of(known: Rules, verb: str, activity_type: str) -> str | None:
    """Return the kind of a verb, "" where it is known and not kept, None where no rule knows it."""
    kind = known.get((verb, activity_type))
    return known.get((verb, "")) if kind is None else kind


def ship() -> None:
    """Write the shipped rules."""
    VerbRule.objects.bulk_create(_shipped(), ignore_conflicts=True)


def ship_once() -> None:
    """Write the shipped rules where there are none at all."""
    if not VerbRule.objects.exists():
        with _lock:
            ship()


def _shipped() -> list[VerbRule]:
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        return [VerbRule(**row) for row in csv.DictReader(file)]


def set_rule(actor: Actor, rule: NewVerbRule, *, reason: str, now: datetime) -> None:
    """Make or change a rule, with its reason in the ledger.

    With `take_in` what came with the verb and waits is an event within two minutes; what waits
    with a verb that is not to be kept goes.

    Raises:
        PermissionError: the actor's roles may not.
        django.core.exceptions.ValidationError: the rule makes no sense; it names the fields.
    """
    check_may(actor)
    check(rule)
    _ask_reason(reason)
    key: dict[str, Any] = {"verb": rule.verb, "activity_type": rule.activity_type}
    with transaction.atomic():
        ship_once()
        held = VerbRule.objects.select_for_update().filter(**key).first()
        waiting_at = now if rule.take_in or not rule.kind else None
        VerbRule.objects.update_or_create(
            **key, defaults={"kind": rule.kind, "waiting_at": waiting_at}
        )
        unmapped.forget(rule.verb, rule.activity_type)
        before = held.kind if held else None
        detail = key | {"before": before, "kind": rule.kind, "take_in": rule.take_in}
        _note(actor, "verb.mapped", detail, reason, now)
    forget_cached()


def drop_rule(actor: Actor, *, verb: str, activity_type: str, reason: str, now: datetime) -> None:
    """Forget a rule: statements with its verb are counted as unmapped again.

    Raises PermissionError, LookupError where there is none, ValidationError without reason.
    """
    check_may(actor)
    _ask_reason(reason)
    key = {"verb": verb, "activity_type": activity_type}
    with transaction.atomic():
        ship_once()
        held = VerbRule.objects.select_for_update().filter(**key).first()
        if held is None:
            raise LookupError("There is no such rule.")
        held.delete()
        _note(actor, "verb.unmapped", key | {"before": held.kind}, reason, now)
    forget_cached()


def check_may(actor: Actor) -> None:
    """Raise PermissionError where somebody may not change rules."""
    if not actor.roles & MAY_CHANGE:
        raise PermissionError("Administrators say which kind of event a verb is.")


def check(rule: NewVerbRule) -> None:
    """Raise ValidationError where a rule makes no sense, by field."""
    wrong: dict[str, str] = {}
    if not IRI.fullmatch(rule.verb):
        wrong["verb"] = "Give the whole address of the verb, as in http://adlnet.gov/verbs/scored."
    if rule.verb == VOIDED:
        wrong["verb"] = "Voiding takes statements back; it becomes no event."
    if rule.activity_type and not IRI.fullmatch(rule.activity_type):
        wrong["activity_type"] = "Give the whole address of the type, or leave it empty."
    if rule.kind and rule.kind not in KINDS:
        wrong["kind"] = "Choose one of the kinds of the list."
    for name in ("verb", "activity_type"):
        if len(getattr(rule, name)) > LONGEST:
            wrong[name] = f"At most {LONGEST} characters."
    if wrong:
        raise ValidationError(wrong)


def _ask_reason(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": "Say in a few words why."})


def listed() -> tuple[VerbRuleRow, ...]:
    """Return the rules that hold, by verb, the shipped ones before anything was sent."""
    ship_once()
    return tuple(
        VerbRuleRow(
            verb=row.verb,
            activity_type=row.activity_type,
            kind=row.kind,
            taking_in=row.waiting_at is not None,
        )
        for row in VerbRule.objects.order_by("verb", "activity_type")
    )


def _read() -> Rules:
    rows = VerbRule.objects.values_list("verb", "activity_type", "kind")
    found = {(verb, activity_type): kind for verb, activity_type, kind in rows}
    if not found:
        ship_once()
        found = {(verb, activity_type): kind for verb, activity_type, kind in rows.all()}
    return found


def _note(
    actor: Actor, action: str, detail: Mapping[str, object], reason: str, now: datetime
) -> None:
    told = {**detail, "reason": reason.strip()}
    ledger.append(actor=actor, action=action, subject="xapi:verbs", detail=told, now=now)
