"""How many courses do learners of a lab take, and how alike, beside those of real platforms?"""

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pyarrow import parquet

from demo.lab import days
from demo.lab.events import Kind
from demo.lab.truths import TRUTHS

REAL = {
    "XuetangX (MOOCCubeX)": "mooccubex/train.parquet",
    "Udemy (CoCo)": "coco/interactions.parquet",
}
LEARNERS, DAYS = 3_000, 90


def row(name: str, learners: NDArray[np.int64], courses: NDArray[np.int64]) -> str:
    """Return quartiles and ninth tenth of courses a learner, and what popular courses take."""
    each = np.bincount(np.unique(learners, return_inverse=True)[1])
    quarter, half, most, tenth = np.quantile(each, (0.25, 0.5, 0.75, 0.9))
    taken = np.sort(np.bincount(np.unique(courses, return_inverse=True)[1]))[::-1]
    top, upper = (taken[: len(taken) // part].sum() / taken.sum() for part in (10, 2))
    return (
        f"| {name} | {quarter:.0f} | {half:.0f} | {most:.0f} | {tenth:.0f} "
        f"| {top:.0%} | {upper:.0%} |"
    )


def simulated(truth: str, *, learners: int, length: int) -> str:
    """Play a world without the product and return its row."""
    lab = days.begin(truth, n=learners, days=length, seed=1)
    begun = [days.live(lab, None).of(Kind.ENROLLED) for _ in range(length)]
    who = np.concatenate([one.learner for one in begun])
    course = np.concatenate([one.course for one in begun])
    pairs = np.unique(np.stack([who, course]), axis=1)
    return row(f"{truth} (lab)", pairs[0], pairs[1])


def real(name: str) -> str:
    """Return the row of a real data set."""
    table = parquet.read_table(Path(os.environ["NORTHWAY_DATA"]) / "data" / REAL[name])
    return row(name, table["learner"].to_numpy(), table["course"].to_numpy())


@pytest.mark.prove
@pytest.mark.skipif("NORTHWAY_DATA" not in os.environ, reason="no data")
def test_learners_of_a_lab_take_about_as_many_courses_as_real_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = [real(name) for name in REAL]
    found += [simulated(truth, learners=LEARNERS, length=DAYS) for truth in TRUTHS]
    with capsys.disabled():
        print("", *found, sep="\n")  # noqa: T201  the table is what is asked for
    medians = [int(line.split("|")[3]) for line in found]
    assert all(medians[1] <= median <= 3 * medians[0] for median in medians[2:])
