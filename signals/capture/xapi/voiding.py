"""L1: what does voiding take back? The event of the statement that is void.

One that comes after the statement that voids it finds its id taken. A whole statement that is
void stays, and is found by voidedStatementId alone (see query.py).
"""

from collections.abc import Sequence
from uuid import UUID

from signals.capture.xapi.claims import VOID
from signals.capture.xapi.events import referred
from signals.capture.xapi.statements import Checked, verb_of
from signals.capture.xapi.valid.statements import VOIDED
from signals.derive import kept
from signals.models import Statement, StatementId
from signals.models.statements import run

# What was measured of their learners is measured anew; the rest is, with their next event.
_FORGET = f"""
WITH gone AS (
    DELETE FROM signals_event e USING signals_statementid s
    WHERE s.source_id = %b AND s.id = ANY(%b::uuid[])
      AND e.occurred_at = s.occurred_at AND e.source_id = s.source_id AND e.id = s.id
    RETURNING e.learner_id
)
INSERT INTO signals_pendinglearner (reader, learner_id)
SELECT DISTINCT '{kept.READER}', learner_id FROM gone
ON CONFLICT (reader, learner_id) DO UPDATE SET reader = excluded.reader
"""  # noqa: S608  only a constant of this product is put in


def voided_by(statement: Checked) -> UUID | None:
    """Return the statement this one voids."""
    return referred(statement.body) if verb_of(statement.body) == VOIDED else None


def targets(statements: Sequence[Checked]) -> list[UUID]:
    """Return the statements that some of these void."""
    return [target for one in statements if (target := voided_by(one)) is not None]


def already_void(fresh: Sequence[Checked], *, source_id: int) -> set[UUID]:
    """Return which of these kept statements were voided before they came."""
    ids = [statement.id for statement in fresh]
    found = Statement.objects.filter(source_id=source_id, refers__in=ids, voids=True)
    return {refers for refers in found.values_list("refers", flat=True) if refers is not None}


def void(fresh: Sequence[Checked], *, source_id: int) -> None:
    """Delete the events of statements that new ones void, inside the caller's transaction.

    Those that wait for a rule of their verb are sealed: the mark at their id keeps them out.
    """
    gone = targets(fresh)
    if gone:
        run(_FORGET, [source_id, gone])
        StatementId.objects.filter(source_id=source_id, id__in=gone).update(digest=VOID)


def is_void(statement: UUID, *, source_id: int) -> bool:
    """Say whether a statement that came in was voided since, or before."""
    return StatementId.objects.filter(source_id=source_id, id=statement, digest=VOID).exists()
