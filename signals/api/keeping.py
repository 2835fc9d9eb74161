"""What is kept, and what is copied, forgotten and erased of it? (L1, L2)"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from signals import anchors, ledger, sealing
from signals.data import Actor, LabelFigures, LedgerRow, RequestRow, RetentionState, TableUse
from signals.derive import held
from signals.privacy import copies, erasure, export, own, registry, requests, reset, steps
from signals.privacy.fields import book

REFUSED_DAYS = sealing.DAY_KEY_DAYS  # for which refused input is kept, sealed
csv_of = copies.csv_of
declare_fields = book.declare
on_consent = registry.on_consent
on_erase = registry.on_erase
on_export = registry.on_export
on_left = registry.on_left
on_reset = registry.on_reset
ledger_anchor = anchors.newest


def verify_ledger() -> int:
    """Recompute the chain, hold it against every anchor, and return its length.

    Raises LedgerBrokenError.
    """
    return anchors.verify().entries


def append_ledger(
    *,
    actor: Actor,
    action: str,
    subject: str,
    detail: Mapping[str, object],
    now: datetime,
    learner_id: int | None = None,
) -> int:
    """Add a ledger entry as the last statement of the caller's transaction.

    With `learner_id` the detail is sealed under that learner's data key: use it wherever the
    detail names a person.
    """
    return ledger.append(
        actor=actor, action=action, subject=subject, detail=detail, now=now, learner_id=learner_id
    )


def ledger_rows(
    *, limit: int = 50, action_prefix: str = "", subject: str = "", before: int | None = None
) -> list[LedgerRow]:
    """Return the newest ledger entries first; those below the sequence `before`, to page on."""
    return ledger.rows(limit=limit, action_prefix=action_prefix, subject=subject, before=before)


def rows_held(learner_id: int) -> dict[str, int]:
    """Return how many rows each table of any app holds about a learner, by "app.Model"."""
    return own.rows_held(learner_id)


def label_figures() -> LabelFigures:
    """Return the figures that labels of data state beside those of each kind."""
    return own.label_figures()


def export_learner(
    learner_id: int, *, actor: Actor | None = None, now: datetime | None = None
) -> dict[str, object]:
    """Return all that every app holds about a learner; with an actor it is written down."""
    if actor is not None and now is not None:
        export.write_down(learner_id, actor=actor, now=now)
    return export.export_learner(learner_id)


def hand_out(learner_id: int, *, tables: bool, actor: Actor, now: datetime) -> Iterator[bytes]:
    """Write down that a copy is handed out, and return it in pieces, read as they are asked for.

    JSON, or a ZIP of tables that no spreadsheet takes for formulas. ErasedLearnerError for who is
    gone.
    """
    export.write_down(learner_id, actor=actor, now=now)
    parts = export.parts(learner_id)
    return copies.as_zip(parts) if tables else copies.as_json(parts)


def reset_learner(
    learner_id: int, *, whole: bool = False, actor: Actor, now: datetime
) -> tuple[UUID, dict[str, int]]:
    """Forget what was learned of a learner, courses and results apart; return the receipt.

    `whole` takes the history of steps with it: then only where the learner stands is left.
    """
    return reset.reset_learner(learner_id, whole=whole, actor=actor, now=now)


def request_of(receipt: UUID) -> RequestRow | None:
    """Return what was asked and done under a receipt."""
    return requests.find(receipt)


def requests_made(*, limit: int = 50, waiting: bool = False) -> Sequence[RequestRow]:
    """Return learners' requests that are done, newest first, or those that wait, due first."""
    return requests.rows(limit=limit, waiting=waiting)


def step_title(name: str) -> str:
    """Return what a step of an erasure is called, on receipts as on the officer's page."""
    return steps.title(name)


def erase_learner(learner_id: int, *, actor: Actor, now: datetime) -> dict[str, object]:
    """Erase a learner in every app and return the receipt; LookupError when there is none."""
    return erasure.erase_learner(learner_id, actor=actor, now=now)


def field_registry() -> tuple[TableUse, ...]:
    """Return why each field of each table is kept, as every app declared it."""
    return book.declared()


def retention_state(*, now: datetime, exact: bool = True) -> RetentionState:
    """Return whether what is past its retention is gone, and events to come have a place.

    Where it need not be exact to the day, no event is read.
    """
    return held.retention_state(now=now, exact=exact)
