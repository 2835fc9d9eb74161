"""Does what clients were promised agree with what is stored? Plain sets and counts."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Books:
    """What the clients' ledger and the database say after a fault."""

    sent: Collection[str]  # ids of events
    acked: Collection[str]
    stored_before: Collection[str]
    stored: Collection[str]  # one for each row, so an id may come twice
    counted: Mapping[int, int]  # kind -> events, as the rollups say
    recounted: Mapping[int, int]  # kind -> rows
    refused: int = 0  # bodies the clients were told were refused and kept
    quarantined: int = 0  # rows that came


def discrepancies(books: Books) -> list[str]:
    """Return every way in which they disagree, in words; empty where all is well."""
    found = list[str]()
    before, stored = Counter(books.stored_before), Counter(books.stored)
    mine, new = set(books.sent), set(stored) - set(before)
    lost = set(books.acked) - set(stored)
    doubled = [one for one, count in stored.items() if count > max(1, before[one])]
    phantom = new - mine
    gone = set(before) - set(stored)
    for what, ids in (
        ("acknowledged and not stored", lost),
        ("stored more than once", doubled),
        ("stored and never sent", phantom),
        ("stored before and gone", gone),
    ):
        if ids:
            found.append(f"{len(ids)} {what}, such as {min(ids)}")
    found += _counts(books.counted, books.recounted)
    if books.refused > books.quarantined:
        found.append(f"{books.refused} refused, {books.quarantined} in quarantine")
    return found


def _counts(counted: Mapping[int, int], recounted: Mapping[int, int]) -> Iterable[str]:
    for kind in sorted({*counted, *recounted}):
        ours, theirs = counted.get(kind, 0), recounted.get(kind, 0)
        if ours != theirs:
            yield f"kind {kind}: {ours} counted, {theirs} stored"
