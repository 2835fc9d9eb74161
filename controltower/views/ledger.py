"""People at the controls: who changed what, and is the record whole?"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from controltower import access
from controltower.exports import csv_file
from controltower.forms import LedgerForm
from controltower.views import ledger_words
from signals import api as signals
from signals.clock import now
from signals.data import LedgerRow

SHOWN = 50
READ_AT_ONCE = 500
COLUMNS = ("entry", "at (UTC)", "who", "action", "about", "details")
CHECKED_AT_ONCE = 5000  # entries; a longer chain is checked when asked for, about 40 us an entry

ACTIONS = (
    ("override", gettext_lazy("Boost and suppress")),
    ("model", gettext_lazy("Models")),
    ("experiment", gettext_lazy("Experiments")),
    ("flag", gettext_lazy("Off-switches")),
    ("register", gettext_lazy("Register")),
    ("campaign", gettext_lazy("Campaigns")),
    ("consent", gettext_lazy("Consent")),
    ("learner", gettext_lazy("Erasure")),
    ("source", gettext_lazy("Sources")),
    ("key", gettext_lazy("Keys")),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as the page shows it: its words, and the entry."""

    row: LedgerRow
    who: str
    did: str


@require_safe
@access.requires(access.may_see_ledger)
def ledger(request: HttpRequest) -> HttpResponse:
    """Show the entries, newest first, and whether the chain holds."""
    form = LedgerForm(request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    rows = signals.ledger_rows(
        limit=SHOWN + 1,
        action_prefix=wanted.get("action", ""),
        subject=wanted.get("subject", ""),
        before=wanted.get("before"),
    )
    checked, problem, length = _checked(asked=bool(wanted.get("check")))
    context = {
        "nav": "ledger",
        "rows": [
            Entry(row, ledger_words.who(row.actor), ledger_words.did(row.action))
            for row in rows[:SHOWN]
        ],
        "older": _older(wanted, before=rows[SHOWN - 1].sequence) if len(rows) > SHOWN else "",
        "actions": ACTIONS,
        "action": wanted.get("action", ""),
        "subject": wanted.get("subject", ""),
        "checked": checked,
        "problem": problem,
        "length": length,
        "anchor": _anchor(),
    }
    return render(request, "tower/ledger.html", context)


@require_safe
@access.requires(access.may_see_ledger)
def ledger_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Hand out the entries that the page would show, all of them, newest first."""
    form = LedgerForm(request.GET)
    form.is_valid()
    action, subject = form.cleaned_data.get("action", ""), form.cleaned_data.get("subject", "")
    return csv_file(f"ledger-{now():%Y-%m-%d}", COLUMNS, _entries(action, subject))


def _entries(action: str, subject: str) -> Iterator[tuple[object, ...]]:
    """Yield entries page by page, so that a ledger of years fits into memory."""
    before: int | None = None
    while rows := signals.ledger_rows(
        limit=READ_AT_ONCE, action_prefix=action, subject=subject, before=before
    ):
        for row in rows:
            detail = json.dumps(row.detail, ensure_ascii=False, sort_keys=True, default=str)
            at = row.at.isoformat(timespec="seconds")
            yield row.sequence, at, row.actor, row.action, row.subject, detail
        before = rows[-1].sequence


def _checked(*, asked: bool) -> tuple[int | None, str, int]:
    """Return how many entries hold (None: not checked), the first fault, and the length."""
    newest = signals.ledger_rows(limit=1)
    length = newest[0].sequence if newest else 0
    if length > CHECKED_AT_ONCE and not asked:
        return None, "", length
    try:
        return signals.verify_ledger(), "", length
    except signals.LedgerBrokenError as error:
        return None, str(error), length


def _anchor() -> tuple[datetime, int] | None:
    """Return when the head was last signed, and of how many entries; None where it never was."""
    try:
        last = signals.ledger_anchor()
    except signals.LedgerBrokenError:  # the check above says what is wrong with the file
        return None
    return (datetime.fromisoformat(last.at), last.entries) if last else None


def _older(wanted: dict[str, object], *, before: int) -> str:
    kept = {key: wanted[key] for key in ("action", "subject") if wanted.get(key)}
    return f"?{urlencode({**kept, 'before': before})}"
