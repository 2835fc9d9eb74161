"""`make chaos`: every fault several times over, and a table of what came of it.

First the harness is tried itself: an acknowledged event is deleted, one is made up, one is stored
twice; each of them must be found.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import LiteralString

import pytest

from tests.chaos.faults import FAULTS
from tests.chaos.faults.base import Fault, Scene
from tests.chaos.product import Product, running
from tests.chaos.run import Outcome, run

pytestmark = pytest.mark.chaos

RUNS = int(os.environ.get("NORTHWAY_RUNS", "5"))
ONE: LiteralString = (
    "CREATE TEMP TABLE one AS SELECT * FROM signals_event ORDER BY received_at DESC LIMIT 1"
)
BACK: LiteralString = "INSERT INTO signals_event SELECT * FROM one"
PLANTED: dict[str, tuple[LiteralString, ...]] = {
    "acknowledged and not stored": (
        ONE,
        "DELETE FROM signals_event e USING one WHERE e.id = one.id",
    ),
    "stored and never sent": (ONE, "UPDATE one SET id = gen_random_uuid()", BACK),
    "stored more than once": (
        ONE,
        "UPDATE one SET occurred_at = occurred_at - interval '1 second'",
        BACK,
    ),
}


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """Return a whole product with servers of its own, whose files are on a disk."""
    with tempfile.TemporaryDirectory(prefix="northway-chaos-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another account where root starts it
        with running(Path(folder) / "var") as found:
            yield found


def striking(statements: Sequence[LiteralString]) -> Callable[[Scene], None]:
    def strike(scene: Scene) -> None:
        with scene.product.database() as connection:
            for statement in statements:
                connection.execute(statement)

    return strike


def line(outcome: Outcome, number: int) -> str:
    """Return one row of the table."""
    sources = ", ".join(f"{name} {n}" for name, n in sorted(outcome.sources.items()))
    return (
        f"{outcome.fault:22} {number:3} {outcome.acked:8,} {outcome.spooled:8,} "
        f"{outcome.asked:7,} {outcome.back_s:7.1f}  {'; '.join(outcome.wrong) or sources}"
    )


@pytest.mark.parametrize("words", PLANTED)
def test_the_harness_finds_what_is_planted(product: Product, words: str) -> None:
    fault = Fault("planted", words, striking(PLANTED[words]), hangs_up=False, sheds=False)
    assert any(words in told for told in run(product, fault).wrong)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.key)
def test_nothing_acknowledged_is_lost(
    product: Product, fault: Fault, capsys: pytest.CaptureFixture[str]
) -> None:
    if fault.needs_root and os.geteuid():
        pytest.skip("mounts a small file system: needs root")
    wrong = list[str]()
    for number in range(1, RUNS + 1):
        outcome = run(product, fault)
        wrong += outcome.wrong
        with capsys.disabled():
            print(f"\n{line(outcome, number)}", end="")  # noqa: T201  the table is what is asked for
    assert not wrong
