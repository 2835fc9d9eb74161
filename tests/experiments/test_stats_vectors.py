"""The public statistics cases (R, gbstats, tea-tasting) against our mathematics: all of them."""

import json
import os
from pathlib import Path

import pytest

from experiments.management.vectors import stats

FILE = Path(os.environ.get("NORTHWAY_DATA", "")) / "vectors" / "stats_vectors.json"


@pytest.mark.skipif(not FILE.is_file(), reason="skipped: no data")
def test_every_public_case_is_met_within_its_tolerance() -> None:
    report = stats.run(FILE)
    assert report.failures == []
    assert (report.passed, report.skipped) == (148, 0)


def test_a_wrong_figure_and_an_unknown_function_fail(tmp_path: Path) -> None:
    known = {
        "id": "holm",
        "fn": "p_adjust",
        "input": {"p": [0.01, 0.02], "method": "holm"},
        "expected": {"adjusted": [0.02, 0.03]},
        "tolerance": 1e-6,
    }
    unknown = known | {"id": "other", "fn": "no_such_function"}
    right = known | {"id": "right", "expected": {"adjusted": [0.02, 0.02]}}
    path = tmp_path / "cases.json"
    path.write_text(json.dumps([known, unknown, right]))
    report = stats.run(path)
    assert [failure["title"] for failure in report.failures] == ["holm", "other"]
    assert report.passed == 1
    assert report.by_section["p_adjust"] == {"passed": 1, "failed": 1, "skipped": 0}
