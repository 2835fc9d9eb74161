"""How good are proposals on real catalogues? The figures and goals are in docs/metadata.md."""

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

DATA = Path(os.environ.get("NORTHWAY_DATA", "")) / "data"
pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(not os.environ.get("NORTHWAY_DATA"), reason="skipped: no data"),
]


def measured(command: str, out: Path, **files: Path) -> Any:
    call_command(command, json=out, stdout=StringIO(), **files)
    return json.loads(out.read_text())


def test_skills_and_levels_of_a_fifth_held_out(tmp_path: Path) -> None:
    file = DATA / "catalogue" / "coursera2021_courses.csv.gz"
    found = measured("evaluate_metadata", tmp_path / "out.json", catalogue=file)
    assert found["skill_f1"] >= 0.40
    assert found["skill_f1"] > found["baseline"]["skill_f1"]
    assert found["level_macro_f1"] >= 0.60  # the goal is .66
    assert found["level_macro_f1"] > found["baseline"]["level_macro_f1"]


def test_concepts_of_another_subject(tmp_path: Path) -> None:
    prereq = DATA / "prereq"
    found = measured(
        "evaluate_prerequisites",
        tmp_path / "out.json",
        pairs=prereq / "alcpl_physics_pairs.csv.gz",
        text=prereq / "alcpl_physics_concept_text.csv.gz",
    )
    assert found["auc"] >= 0.85
    assert found["direction"] >= 0.88


def test_the_order_of_programmes_held_out(tmp_path: Path) -> None:
    file = DATA / "catalogue" / "coursera2025_specialization_courses.csv.gz"
    found = measured("evaluate_prerequisites", tmp_path / "out.json", courses=file, order=file)
    assert found["pair_accuracy"] >= 0.65
