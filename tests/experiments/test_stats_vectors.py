"""The public statistics cases (R, gbstats) against our mathematics: every case it covers."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from experiments.stats.means import Sample, difference
from experiments.stats.power import power, sample_size
from experiments.stats.srm import check_split

Case = dict[str, Any]
ROOT = os.environ.get("NORTHWAY_DATA", "")
FILE = Path(ROOT) / "vectors" / "stats_vectors.json"


def _sample(arm: Case) -> Sample:
    return Sample(arm["n"], arm["sum"], arm["sum_sq"] if "sum_sq" in arm else arm["sum_squares"])


def welch(case: Case) -> Iterator[tuple[float, float]]:
    found = difference(
        _sample(case["input"]["control"]),
        _sample(case["input"]["treatment"]),
        alpha=case["input"].get("alpha", 0.05),
    )
    computed = {
        "t": float(found.difference / found.standard_error),
        "df": float(found.degrees),
        "diff": float(found.difference),
        "estimate": float(found.difference),
        "se": float(found.standard_error),
        "p_value": float(found.p_value),
        "ci": (float(found.low), float(found.high)),
        "ci95": (float(found.low), float(found.high)),
    }
    for name, expected in case["expected"].items():
        if name.startswith("ci"):
            yield from zip(computed[name], expected, strict=True)  # type: ignore[call-overload]
        else:
            yield computed[name], expected  # type: ignore[misc]


def means_n(case: Case) -> Iterator[tuple[float, float]]:
    given = case["input"]
    found = sample_size(
        effect=given["delta"], sd=given["sd"], alpha=given["alpha"], power_wanted=given["power"]
    )
    yield found, case["expected"]["n_per_group"]


def means_power(case: Case) -> Iterator[tuple[float, float]]:
    given = case["input"]
    found = power(
        per_arm=given["n_per_group"], effect=given["delta"], sd=given["sd"], alpha=given["alpha"]
    )
    yield found, case["expected"]["power"]


def srm(case: Case) -> Iterator[tuple[float, float]]:
    split = check_split(case["input"]["observed"], case["input"]["expected_share"])
    expected = case["expected"]
    yield split.chi_square, expected["chi2"]
    yield split.degrees, expected["df"]
    yield split.p_value, expected["p_value"]


COVERED: dict[str, Callable[[Case], Iterator[tuple[float, float]]]] = {
    "welch_t": welch,
    "welch_two_sided_absolute": welch,
    "sample_size_means_two_sided_t": means_n,
    "power_means_two_sided_t": means_power,
    "srm_chi_square": srm,
}


def cases() -> list[Case]:
    if not FILE.is_file():
        return []
    return [case for case in json.loads(FILE.read_text()) if case["fn"] in COVERED]


@pytest.mark.skipif(not FILE.is_file(), reason="skipped: no data")
@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_a_public_case_is_met_within_its_tolerance(case: Case) -> None:
    for computed, expected in COVERED[case["fn"]](case):
        assert computed == pytest.approx(expected, rel=case["tolerance"], abs=case["tolerance"])
