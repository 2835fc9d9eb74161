"""One fault, one run: what was promised meanwhile, how long until all was well, what disagrees."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic, sleep
from typing import LiteralString

from tests.chaos.accounts import Books, discrepancies
from tests.chaos.answers import SHED, Answers
from tests.chaos.faults.base import Fault, Scene
from tests.chaos.product import Product
from tests.signals.spool.deployment import Ledger

BEFORE_S, AFTER_S = 1.0, 1.0  # of quiet traffic around a fault
COUNTED_S = 60.0  # until rollups have caught up
ROWS: LiteralString = "SELECT kind, count(*) FROM signals_event GROUP BY kind"
ROLLED: LiteralString = "SELECT kind, sum(count) FROM signals_rollup GROUP BY kind"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one run."""

    fault: str
    acked: int
    spooled: int
    asked: int
    sources: Mapping[str, int]
    back_s: float  # from the end of the fault until everything answered again
    wrong: tuple[str, ...]  # empty where all is well


def run(product: Product, fault: Fault) -> Outcome:
    """Let clients send and ask, strike, wait until all is well, and compare the books."""
    product.recovered()  # of what an earlier fault, or its failure, left behind
    before = product.stored()
    kept = _quarantined(product)
    scene = Scene(product, Ledger(), Answers())
    with product.clients(scene.ledger), product.readers(scene.answers):
        sleep(BEFORE_S)
        fault.strike(scene)
        sleep(AFTER_S)
    back_s = product.recovered()
    wrong = [*scene.notes, *_untrue(scene.answers, fault)]
    counted, recounted = _rolled_up(product)
    books = Books(
        sent=scene.ledger.sent,
        acked=scene.ledger.acked,
        stored_before=before,
        stored=product.stored(),
        counted=counted,
        recounted=recounted,
        refused=scene.refused,
        quarantined=_quarantined(product) - kept,
    )
    wrong += discrepancies(books)
    if not scene.ledger.acked:
        wrong.append("nothing was acknowledged in the whole run")
    return Outcome(
        fault=fault.key,
        acked=len(scene.ledger.acked),
        spooled=scene.ledger.spooled,
        asked=sum(scene.answers.statuses.values()),
        sources=dict(scene.answers.sources),
        back_s=back_s,
        wrong=tuple(wrong),
    )


def _rolled_up(product: Product) -> tuple[dict[int, int], dict[int, int]]:
    """Return events by kind as the rollups and the rows have them, once those had time to agree.

    What is counted ends before the oldest transaction that still runs, so a training holds it up.
    """
    until = monotonic() + COUNTED_S
    while True:
        product.manage("roll_up")
        counted, recounted = _by_kind(product, ROLLED), _by_kind(product, ROWS)
        if counted == recounted or monotonic() > until:
            return counted, recounted


def _untrue(answers: Answers, fault: Fault) -> list[str]:
    """Return what was wrong about the answers to those who asked for lists."""
    allowed = {200} | ({0} if fault.hangs_up else set()) | (set(SHED) if fault.sheds else set())
    odd = {status: n for status, n in answers.statuses.items() if status not in allowed}
    found = [f"{n} of {sum(answers.statuses.values())} answered {s}" for s, n in odd.items()]
    if odd:
        found += [f"said: {text}" for text, n in answers.refusals.items() if n]
    said = Counter(answers.wrong)
    return found + [f"{what} ({n} times)" for what, n in said.items()]


def _by_kind(product: Product, query: LiteralString) -> dict[int, int]:
    with product.database() as connection:
        rows = connection.execute(query).fetchall()
    return {int(str(kind)): int(str(count)) for kind, count in rows}


def _quarantined(product: Product) -> int:
    with product.database() as connection:
        row = connection.execute("SELECT count(*) FROM signals_quarantine").fetchone()
    return int(str(row[0])) if row else 0
