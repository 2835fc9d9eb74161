"""L1: what does voiding take back? The event of the statement that is void.

A whole statement that is void stays, and is found by voidedStatementId alone (see query.py).
"""

from collections.abc import Sequence
from uuid import UUID

from signals.capture.xapi.events import referred
from signals.capture.xapi.statements import Checked, verb_of
from signals.capture.xapi.valid.statements import VOIDED
from signals.models.statements import run

# Both orders: the void statement is here already, or comes after the one that voids it.
_FORGET = """
DELETE FROM signals_event e USING signals_statementid s
WHERE s.source_id = %b AND s.id = ANY(%b::uuid[])
  AND e.occurred_at = s.occurred_at AND e.source_id = s.source_id AND e.id = s.id
"""


def voided_by(statement: Checked) -> UUID | None:
    """Return the statement this one voids."""
    return referred(statement.body) if verb_of(statement.body) == VOIDED else None


def void(fresh: Sequence[Checked], *, source_id: int) -> None:
    """Delete the events of statements that new ones void, inside the caller's transaction."""
    targets = [target for statement in fresh if (target := voided_by(statement)) is not None]
    if targets:
        run(_FORGET, [source_id, targets])
