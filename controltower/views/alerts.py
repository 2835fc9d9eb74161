"""People at the controls: what must not stay as it is, who was told, and who silenced it?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from controltower import access
from controltower.alerts import watch
from controltower.alerts.registry import RULES
from controltower.forms import SilenceForm
from controltower.models import Alert, AlertMessage
from signals.clock import now

OVER_MOST = 30


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert as the page shows it."""

    number: int
    rule: str
    title: str
    detail: str
    level: str
    owner: str
    opened_at: datetime
    over_at: datetime | None
    silenced: str  # by whom, until when and why; empty where it is not
    told: str
    href: str


@require_safe
@access.requires(access.may_see_overview)
def alerts(request: HttpRequest) -> HttpResponse:
    """Show what is open and what was, to those who may see what it is about."""
    at = now()
    roles = access.roles_of(request.user)
    context = {
        "nav": "alerts",
        "open": open_alerts(access.pages_of(roles), at=at),
        "over": _rows(
            Alert.objects.filter(
                over_at__isnull=False, rule__in=_seen(access.pages_of(roles))
            ).prefetch_related("messages")[:OVER_MOST],
            at=at,
        ),
        "rules": [rule for rule in RULES.values() if rule.part in access.pages_of(roles)],
        "emails": len(settings.ALERT_EMAILS),
        "webhooks": len(settings.ALERT_WEBHOOKS),
        "may_silence": access.may_silence_alerts(roles),
        "form": SilenceForm(),
    }
    return render(request, "tower/alerts.html", context)


@require_POST
@access.requires(access.may_silence_alerts)
def silence(request: HttpRequest, number: int) -> HttpResponse:
    """Send nothing more about an alert for a while; with a reason, in the ledger."""
    form = SilenceForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Say for how long and why. Nothing was changed."))
        return redirect("tower:alerts")
    at = now()
    until = at + timedelta(hours=form.cleaned_data["hours"])
    try:
        watch.silence(
            access.actor_of(request),
            number,
            until=until,
            reason=form.cleaned_data["reason"],
            now=at,
        )
    except (LookupError, ValidationError):
        messages.error(request, gettext("That alert is over. Nothing was changed."))
    else:
        messages.success(request, gettext("It sends nothing more until then."))
    return redirect("tower:alerts")


def open_alerts(pages: frozenset[str], *, at: datetime) -> list[AlertRow]:
    """Return the open alerts of what somebody may see, the worst and newest first."""
    rows = Alert.objects.filter(over_at=None, rule__in=_seen(pages)).prefetch_related("messages")
    return _rows(rows.order_by("level", "-opened_at"), at=at)


def _seen(pages: frozenset[str]) -> list[str]:
    return [key for key, rule in RULES.items() if rule.part in pages]


def _rows(rows: Iterable[Alert], *, at: datetime) -> list[AlertRow]:
    return [_row(row, at=at) for row in rows]


def _row(row: Alert, *, at: datetime) -> AlertRow:
    silent = row.silenced_until is not None and row.silenced_until > at
    words = {
        "by": row.silenced_by,
        "until": f"{row.silenced_until:%-d %B, %H:%M} UTC" if row.silenced_until else "",
        "reason": row.silenced_reason,
    }
    return AlertRow(
        number=row.pk,
        rule=row.rule,
        title=row.title,
        detail=row.detail,
        level=row.level,
        owner=row.owner,
        opened_at=row.opened_at,
        over_at=row.over_at,
        silenced=gettext("Silenced by %(by)s until %(until)s: %(reason)s") % words
        if silent
        else "",
        told=_told(list(row.messages.all())),
        href=reverse(RULES[row.rule].page),
    )


def _told(sent: list[AlertMessage]) -> str:
    if not sent:
        return ""
    delivered = sum(one.sent_at is not None for one in sent)
    failed = sum(one.given_up_at is not None for one in sent)
    said = ngettext(
        "%(done)s of %(all)s message delivered", "%(done)s of %(all)s messages delivered", len(sent)
    ) % {"done": delivered, "all": len(sent)}
    return f"{said}, {gettext('%s given up') % failed}" if failed else said
