"""Are gaps what a catalogue got courses on later? The command, and its figures on real files."""

import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

DATA = Path(os.environ.get("NORTHWAY_DATA", "")) / "data"


@pytest.mark.prove
def test_the_gaps_of_2021_were_filled_more_than_what_was_wanted_most(tmp_path: Path) -> None:
    if not (DATA / "catalogue").is_dir():
        pytest.skip("no data")
    out = tmp_path / "out.json"
    call_command(
        "evaluate_demand",
        catalogue=DATA / "catalogue" / "coursera2021_courses.csv.gz",
        later=DATA / "catalogue" / "coursera2025_specialization_courses.csv.gz",
        jobs=DATA / "jobs",
        questions=DATA / "qa" / "learner_questions.csv.gz",
        json=out,
        stdout=StringIO(),
    )
    found = json.loads(out.read_text())
    assert found["gap"]["filled@20"] >= 2 * found["demand_only"]["filled@20"]
    assert found["gap"]["filled@20"] > found["demand_of_uncovered"]["filled@20"]
    assert found["gap"]["filled_ap"] >= 0.28
    assert found["gap"]["filled_auc"] >= 0.85 > found["demand_only"]["filled_auc"]


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not there"):
        call_command(
            "evaluate_demand",
            catalogue=tmp_path / "none.csv",
            later=tmp_path,
            jobs=tmp_path,
            questions=tmp_path,
        )
