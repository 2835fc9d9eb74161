"""People at the controls: when does an alert begin, who is told, and when is it over? Every minute.

One open alert of each thing: what fires again is the same alert. It is over at the first look that
does not find it. A rule that fails to look is an alert itself, and stops no other.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from controltower.alerts.registry import RULES
from controltower.alerts.rule import BAD, Found, Rule
from controltower.models import Alert, AlertMessage
from signals import api as signals
from signals.data import Actor, ActorKind

OPENED, OVER = "opened", "over"
EMAIL, WEBHOOK = "email", "webhook"
LONGEST = timedelta(days=30)  # of a silence
REASON_LONGEST = 200
MAY_SILENCE = frozenset({"admin", "analyst"})
_LOCK = 0x4E57_0011

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watched:
    """What a beat did: alerts opened and over."""

    opened: int = 0
    over: int = 0


def watch_alerts(*, now: datetime) -> Watched:
    """Look at everything once; open, renew and end alerts, and write down who is to be told."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return Watched()
        opened = over = 0
        for rule in RULES.values():
            found = {one.about[:120]: one for one in _looked(rule, now)}
            standing = {row.about: row for row in Alert.objects.filter(rule=rule.key, over_at=None)}
            for about, one in found.items():
                if about in standing:
                    _renew(standing[about], one, now=now)
                else:
                    _open(rule, about, one, now=now)
                    opened += 1
            for about, row in standing.items():
                if about not in found:
                    row.over_at = now
                    row.save(update_fields=["over_at"])
                    if _was_told(row):
                        _tell(row, OVER, now=now)
                    over += 1
        return Watched(opened, over)


def silence(actor: Actor, number: int, *, until: datetime, reason: str, now: datetime) -> None:
    """Send nothing more about an alert until a moment, with a ledger entry.

    Raises PermissionDenied, ValidationError (by field), LookupError where it is over.
    """
    if actor.kind is not ActorKind.SYSTEM and not MAY_SILENCE & actor.roles:
        raise PermissionDenied("To silence an alert you need the role admin or analyst.")
    wrong = {}
    if not now < until <= now + LONGEST:
        wrong["until"] = f"Choose a moment within {LONGEST.days} days."
    if not reason.strip() or len(reason) > REASON_LONGEST:
        wrong["reason"] = f"Say why, in up to {REASON_LONGEST} characters: the ledger keeps it."
    if wrong:
        raise ValidationError(wrong)
    with transaction.atomic():
        row = Alert.objects.select_for_update().filter(pk=number, over_at=None).first()
        if row is None:
            raise LookupError(f"Alert {number} is over.")
        row.silenced_until, row.silenced_by, row.silenced_reason = until, actor.name, reason.strip()
        row.save(update_fields=["silenced_until", "silenced_by", "silenced_reason"])
        signals.append_ledger(
            actor=actor,
            action="alert.silenced",
            subject=str(row),
            detail={"until": until.isoformat(), "reason": reason.strip()},
            now=now,
        )


def _looked(rule: Rule, now: datetime) -> Iterator[Found]:
    try:
        with transaction.atomic():
            yield from tuple(rule.find(now))
    except Exception:  # one rule that fails must not silence the others
        log.exception("The alert %s could not look", rule.key)
        yield Found(
            f"“{rule.title}” cannot be looked at",
            "The rule failed; the log of the worker says why.",
            about="(failed)",
        )


def _open(rule: Rule, about: str, one: Found, *, now: datetime) -> None:
    before = (
        Alert.objects.filter(rule=rule.key, about=about, silenced_until__gt=now)
        .order_by("-id")
        .first()
    )
    row = Alert.objects.create(
        rule=rule.key,
        about=about,
        level=rule.level,
        title=one.title[:200],
        detail=one.detail[:500],
        owner=one.owner[:80],
        opened_at=now,
        last_at=now,
        silenced_until=before.silenced_until if before else None,  # a silence outlives a flutter
        silenced_by=before.silenced_by if before else "",
        silenced_reason=before.silenced_reason if before else "",
    )
    _tell(row, OPENED, now=now)


def _renew(row: Alert, one: Found, *, now: datetime) -> None:
    row.last_at, row.title, row.detail = now, one.title[:200], one.detail[:500]
    row.owner = one.owner[:80]
    row.save(update_fields=["last_at", "title", "detail", "owner"])
    if not _was_told(row):  # it began while it was silenced, and the silence is over
        _tell(row, OPENED, now=now)


def _was_told(row: Alert) -> bool:
    return row.messages.filter(says=OPENED).exists()


def _tell(row: Alert, says: str, *, now: datetime) -> None:
    silent = row.silenced_until is not None and row.silenced_until > now
    if row.level != BAD or silent:
        return
    places = [(EMAIL, address) for address in settings.ALERT_EMAILS]
    places += [(WEBHOOK, address) for address in settings.ALERT_WEBHOOKS]
    AlertMessage.objects.bulk_create(
        AlertMessage(alert=row, channel=channel, address=address, says=says, due_at=now)
        for channel, address in places
    )
