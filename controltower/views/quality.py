"""People at the controls: what did the rules of signal quality find this month, and whose is it?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from controltower import access
from controltower.forms import AuditForm
from signals import aggregates
from signals.clock import now
from signals.data import AuditCell, AuditRule, AuditSource, QualityAudit

LEVELS = {"high": "bad", "medium": "warn", "low": ""}
EFFECTS = {
    "refused": gettext_lazy("Refused"),
    "no weight": gettext_lazy("Not learned from"),
    "marked": gettext_lazy("Marked"),
    "counted": gettext_lazy("Counted"),
}
SEVERITIES = {
    "high": gettext_lazy("High"),
    "medium": gettext_lazy("Medium"),
    "low": gettext_lazy("Low"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One rule as the page shows it."""

    rule: AuditRule
    effect: str
    severity: str
    level: str  # of its tag: bad, warn or nothing
    cells: tuple[tuple[AuditSource, AuditCell], ...]


@require_safe
@access.requires(access.may_see_quality)
def quality(request: HttpRequest) -> HttpResponse:
    """Show a month of the signal audit: counts, samples, owner and action of every rule."""
    moment = now()
    form = AuditForm(request.GET)
    wanted: date | None = form.cleaned_data.get("month") if form.is_valid() else None
    closed = moment.date() - timedelta(days=1)  # on the first of a month, the one before
    audit = aggregates.quality_audit(min(wanted or closed, closed), now=moment)
    context = {
        "nav": "quality",
        "audit": audit,
        "rows": tuple(_rows(audit)),
        "silent": [source for source in audit.sources if source.silent],
        "minimum": aggregates.K,
    }
    return render(request, "tower/quality.html", context)


def _rows(audit: QualityAudit) -> Iterator[Row]:
    for rule in audit.rules:
        yield Row(
            rule=rule,
            effect=str(EFFECTS[rule.effect]),
            severity=str(SEVERITIES[rule.severity]),
            level=LEVELS[rule.severity] if rule.events else "",
            cells=tuple(
                (source, rule.cells[source.source_id])
                for source in audit.sources
                if source.source_id in rule.cells
            ),
        )
