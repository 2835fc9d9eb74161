"""Does the door answer the recorded cases of the public conformance suite as that asks?"""

import os
from pathlib import Path

import pytest

from signals.management.vectors import lrs

pytestmark = [
    pytest.mark.skipif("NORTHWAY_DATA" not in os.environ, reason="no data"),
    pytest.mark.django_db,
    pytest.mark.slow,
]
VERSIONS = {"1.0.3": 668, "2.0.0": 690}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_recorded_case_passes(version: str) -> None:
    folder = Path(os.environ["NORTHWAY_DATA"]) / "vectors"
    report = lrs.run_cases(lrs.read(folder / f"lrs_cases_{version}.jsonl.gz"))
    assert report.failures == []
    assert (report.passed, report.skipped) == (VERSIONS[version], 0)


def test_a_case_that_is_answered_otherwise_is_reported_as_failed() -> None:
    case = {
        "id": "planted",
        "section": "Planted",
        "title": "no version is refused",
        "requests": [
            {"method": "GET", "path": "/statements", "query": "", "headers": {}, "body": ""}
        ],
        "expect": 200,
        "kind": "accept",
    }
    report = lrs.run_cases([case])
    assert (report.passed, report.failed, report.skipped) == (0, 1, 0)
    assert "400, not 200" in str(report.failures[0]["reason"])
