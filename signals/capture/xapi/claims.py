"""L1: was this statement here before? The ids of 35 days, each claimed once, in their order.

Whoever claims first goes on; who comes at the same time waits for that transaction and then finds
the id taken. Ids are claimed before learners, events and histories, always: no two writers wait
for each other.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from signals.capture.contract import TOO_OLD
from signals.capture.xapi.statements import Checked
from signals.models import StatementId
from signals.models.statements import run

VOID = b""  # the digest of a statement that was voided, also before it came
KEPT_FOR = TOO_OLD  # what is older is not taken in any more

_CLAIM = """
INSERT INTO signals_statementid (source_id, id, occurred_at, received_at, digest)
SELECT %b, q.id, q.occurred_at, %b, q.digest
FROM unnest(%b::uuid[], %b::timestamptz[], %b::bytea[]) q (id, occurred_at, digest)
ORDER BY q.id ON CONFLICT DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """Which statements are new, which came again, and which took another's id."""

    fresh: list[Checked]
    duplicates: int
    conflicts: list[Checked]


def claim(
    statements: Sequence[Checked], *, void: Collection[UUID] = (), source_id: int, now: datetime
) -> Claimed:
    """Claim the ids of statements inside the caller's transaction; the first of an id counts.

    Those in `void` are claimed too where they have not come yet: they count as here before.
    """
    first: dict[UUID, Checked] = {}
    for statement in statements:
        first.setdefault(statement.id, statement)
    rows = list(first.values())
    ahead = [target for target in void if target not in first]
    made = run(
        _CLAIM,
        [
            source_id,
            now,
            [row.id for row in rows] + ahead,
            [row.occurred_at for row in rows] + [now] * len(ahead),
            [row.digest for row in rows] + [VOID] * len(ahead),
        ],
    )
    new = {claimed for (claimed,) in made if claimed in first}
    held = {claimed: first[claimed].digest for claimed in new} | _digests(
        [row.id for row in rows if row.id not in new], source_id
    )
    conflicts = [row for row in statements if held[row.id] not in (row.digest, VOID)]
    fresh = [row for row in rows if row.id in new]
    return Claimed(fresh, len(statements) - len(fresh) - len(conflicts), conflicts)


def _digests(ids: Sequence[UUID], source_id: int) -> dict[UUID, bytes]:
    rows = StatementId.objects.filter(source_id=source_id, id__in=ids)
    return {found: bytes(digest) for found, digest in rows.values_list("id", "digest")}


def forget_expired(now: datetime, *, kept_for: timedelta = KEPT_FOR) -> int:
    """Delete ids of statements that would not be taken in any more; return how many."""
    return StatementId.objects.filter(received_at__lt=now - kept_for).delete()[0]
