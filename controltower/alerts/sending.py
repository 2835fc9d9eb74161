"""People at the controls: how does a message about an alert go out? From rows, tried again.

A message is taken by one sender (its next try is written down before it is sent, so one that is
killed is tried again: for an alarm twice is better than never) and given up after the fifth try.
"""

from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse

from controltower.alerts import webhook
from controltower.alerts.registry import RULES
from controltower.alerts.watch import EMAIL, OVER
from controltower.alerts.webhook import NotDeliveredError
from controltower.models import AlertMessage

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 20, 80, 320))


def send_alerts(*, now: datetime) -> int:
    """Send what is due; return how many messages were delivered."""
    return sum(_send(message, now=now) for message in iter(lambda: _taken(now), None))


def _taken(now: datetime) -> AlertMessage | None:
    with transaction.atomic():
        due = AlertMessage.objects.filter(sent_at=None, given_up_at=None, due_at__lte=now)
        message = due.select_for_update(skip_locked=True).order_by("due_at", "id").first()
        if message is not None:
            message.due_at = now + WAITS[min(message.tries, len(WAITS) - 1)]
            message.tries += 1
            message.save(update_fields=["due_at", "tries"])
        return message


def _send(message: AlertMessage, *, now: datetime) -> bool:
    try:
        _deliver(message, now=now)
    except (NotDeliveredError, SMTPException, OSError, ValueError) as error:
        # ValueError: an address or a title nothing can be made of; the others still go out.
        message.problem = str(error)[:200]
        if message.tries >= len(WAITS):
            message.given_up_at = now
        message.save(update_fields=["problem", "given_up_at"])
        return False
    message.sent_at, message.problem = now, ""
    message.save(update_fields=["sent_at", "problem"])
    return True


def _deliver(message: AlertMessage, *, now: datetime) -> None:
    alert = message.alert
    rule = RULES.get(alert.rule)
    link = f"{settings.PUBLIC_URL}{reverse(rule.page if rule else 'tower:alerts')}"
    if message.channel == EMAIL:
        over = message.says == OVER
        lines = [alert.detail, f"Owner: {alert.owner}" if alert.owner else "", link]
        send_mail(
            subject=f"{'Over: ' if over else ''}{alert.title}",
            message="\n\n".join(line for line in lines if line),
            from_email=None,
            recipient_list=[message.address],
        )
        return
    content = {
        "id": message.pk,
        "alert": alert.pk,
        "rule": alert.rule,
        "about": alert.about,
        "says": message.says,
        "title": alert.title,
        "detail": alert.detail,
        "owner": alert.owner,
        "opened_at": alert.opened_at.isoformat(),
        "link": link,
    }
    webhook.post(message.address, content, secret=settings.ALERT_SECRET, at=now)
