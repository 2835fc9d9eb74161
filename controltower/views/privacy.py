"""People at the controls: what do learners ask of us, what do we keep, and is what is old gone?"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from controltower import access
from personalize import api as personalize
from signals import aggregates
from signals import api as signals
from signals.clock import now
from signals.data import Copied, Erased, FieldUse, PartitionState, RequestRow, TableUse, Tier

WAITING, DONE = 50, 20  # requests shown
KINDS = {
    "export": gettext_lazy("Copy of data"),
    "reset": gettext_lazy("Start afresh"),
    "erase": gettext_lazy("Erasure"),
    "object": gettext_lazy("Objection"),
}
ASKED_BY = {
    "learner": gettext_lazy("the learner"),
    "staff": gettext_lazy("staff"),
    "system": gettext_lazy("the product"),
}
COPIED = {
    Copied.YES: gettext_lazy("yes"),
    Copied.OPENED: gettext_lazy("opened"),
    Copied.NO: gettext_lazy("no"),
    Copied.NOBODY: "\u2013",
}
ERASED = {
    Erased.DELETED: gettext_lazy("deleted"),
    Erased.EMPTIED: gettext_lazy("emptied"),
    Erased.UNREADABLE: gettext_lazy("made unreadable"),
    Erased.KEPT: gettext_lazy("kept"),
    Erased.NOBODY: "\u2013",
}
DPIA = "dpia-{day}.md"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the page shows it."""

    row: RequestRow
    kind: str
    by: str
    overdue: bool
    due: str
    steps: tuple[tuple[str, int], ...]  # each in words, and what a query found left


@dataclass(frozen=True, slots=True)
class Use:
    """Fields of one table that are kept for the same."""

    fields: tuple[str, ...]
    use: FieldUse
    copied: str
    erased: str


@dataclass(frozen=True, slots=True)
class Declared:
    """One table of the registry of processing."""

    name: str
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Whether rows of a table to come have a place."""

    title: str
    state: PartitionState
    form: str  # in which its date is shown
    behind: bool


@require_safe
@access.requires(access.may_see_privacy)
def privacy(request: HttpRequest) -> HttpResponse:
    """Show requests with their deadlines, retention, and what learners chose."""
    at = now()
    retention = signals.retention_state(now=at)
    tables = signals.field_registry()
    context = {
        "nav": "privacy",
        "waiting": [_asked(row, at) for row in signals.requests_made(limit=WAITING, waiting=True)],
        "done": [_asked(row, at) for row in signals.requests_made(limit=DONE)],
        "held": retention.held,
        "places": [
            _place(gettext("Events, by month"), retention.events, "F Y", at),
            _place(gettext("Decisions, by day"), personalize.log_state(), "j F Y", at),
        ],
        "choices": aggregates.choices(),
        "shelves": aggregates.statement_shelves(),
        "minimum": aggregates.K,
        "tables": len(tables),
        "fields": sum(len(table.names) for table in tables),
        "about": sum(table.about_learners for table in tables),
    }
    return render(request, "tower/privacy.html", context)


@require_safe
@access.requires(access.may_see_privacy)
def fields(request: HttpRequest) -> HttpResponse:
    """Show the registry of processing: every field of every table."""
    return render(request, "tower/fields.html", {"nav": "privacy", **_registry()})


@require_safe
@access.requires(access.may_see_privacy)
def dpia(_request: HttpRequest) -> HttpResponse:
    """Hand out the template of an impact assessment, filled with what the product knows."""
    at = now()
    context = {
        **_registry(),
        "at": at,
        "contract": signals.contract(),
        "tiers": _tiers(),
        "held": signals.retention_state(now=at).held,
        "choices": aggregates.choices(),
        "shelves": aggregates.statement_shelves(),
        "minimum": aggregates.K,
        "sealed_days": signals.REFUSED_DAYS,
    }
    answer = HttpResponse(
        render_to_string("tower/dpia.md", context), content_type="text/markdown; charset=utf-8"
    )
    name = DPIA.format(day=at.date().isoformat())
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _registry() -> dict[str, object]:
    tables = signals.field_registry()
    return {
        "learners": [_declared(table) for table in tables if table.about_learners],
        "others": [_declared(table) for table in tables if not table.about_learners],
    }


def _declared(table: TableUse) -> Declared:
    by_use: dict[FieldUse, list[str]] = defaultdict(list)
    for name in sorted(table.names):
        by_use[table.of(name)].append(name)
    return Declared(
        name=table.name,
        uses=tuple(
            Use(tuple(names), use, str(COPIED[use.export]), str(ERASED[use.erase]))
            for use, names in sorted(by_use.items(), key=lambda pair: -len(pair[1]))
        ),
    )


def _tiers() -> Iterator[tuple[int, str, list[str]]]:
    """Yield each tier with its legal basis and the kinds of signal in it."""
    kinds = signals.contract().kinds
    for tier in Tier:
        found = [kind for kind in kinds if kind.tier == tier]
        if found:
            yield int(tier), found[0].legal_basis, [kind.name for kind in found]


def _asked(row: RequestRow, at: datetime) -> Asked:
    return Asked(
        row=row,
        kind=str(KINDS.get(row.kind, row.kind)),
        by=str(ASKED_BY.get(row.actor, row.actor)),
        overdue=row.done_at is None and row.due_at < at,
        due=_due(row.due_at.date(), at.date()),
        steps=tuple((signals.step_title(step.name), step.left) for step in row.steps),
    )


def _due(day: date, today: date) -> str:
    days = (day - today).days
    if days < 0:
        return ngettext("%d day late", "%d days late", -days) % -days
    return gettext("today") if days == 0 else ngettext("in %d day", "in %d days", days) % days


def _place(title: str, state: PartitionState, form: str, at: datetime) -> Place:
    behind = state.waiting > 0 or state.ahead_to is None or state.ahead_to <= at.date()
    return Place(title=title, state=state, form=form, behind=behind)
