"""L1: who brought which file in? One ledger entry an import, with its counts."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from signals import ledger
from signals.data import Actor

LONGEST_NAME = 190  # characters of a file's name: the ledger's subject holds 200


def enter(
    what: str, path: Path, report: Mapping[str, object], *, actor: Actor, now: datetime
) -> None:
    """Write the entry, last in the caller's transaction. Counts alone: examples may name people."""
    counts = {name: value for name, value in report.items() if name != "reasons"}
    ledger.append(
        actor=actor,
        action=f"{what}.imported",
        subject=f"file:{path.name[:LONGEST_NAME]}",
        detail=counts,
        now=now,
    )
