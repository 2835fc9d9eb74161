"""Weights are found again that made the choice, the same each time, and figures are out of fold."""

import csv
import json
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from personalize.algorithms.retrieval.fitting import (
    NOT_FOUND,
    Examples,
    example,
    fitted,
    out_of_fold,
    ranks,
)
from personalize.algorithms.retrieval.reranking import CANDIDATES, WEIGHTS

LECTURES = [str(number) for number in range(60)]
IN = [name for name in LECTURES if not sha256(name.encode()).digest()[0] % 2]


def planted(*, questions: int) -> tuple[Examples, np.ndarray[Any, Any]]:
    """Return questions whose recording was drawn with weights that are known."""
    rng = np.random.default_rng(3)
    weights = rng.normal(0, 1, len(WEIGHTS)).astype(np.float32)
    evidence = rng.normal(0, 1, (questions, CANDIDATES, len(WEIGHTS))).astype(np.float32)
    chance = np.exp(evidence @ weights)
    chance /= chance.sum(axis=1, keepdims=True)
    gold = np.array([rng.choice(CANDIDATES, p=one / one.sum()) for one in chance.astype(float)])
    return Examples(evidence, gold), weights


def test_weights_that_made_the_choice_are_found_again() -> None:
    examples, weights = planted(questions=800)
    found = fitted(examples)
    assert np.corrcoef(found, weights)[0, 1] > 0.99
    assert fitted(examples).tolist() == found.tolist()


def test_a_recording_that_is_no_candidate_has_the_last_rank_and_teaches_nothing() -> None:
    examples, _ = planted(questions=60)
    lost = Examples(examples.evidence, np.where(np.arange(60) < 20, -1, examples.gold))
    weights = fitted(lost)
    assert weights.tolist() == fitted(lost.only(lost.gold >= 0)).tolist()
    found = ranks(lost, weights)
    assert set(found[:20].tolist()) == {NOT_FOUND}
    told = examples.evidence[30] @ weights
    assert found[30] == (told >= told[lost.gold[30]]).sum()


def test_ranks_out_of_fold_do_not_know_their_own_answers() -> None:
    rng = np.random.default_rng(5)
    evidence = rng.normal(0, 1, (40, CANDIDATES, len(WEIGHTS))).astype(np.float32)
    noise = Examples(evidence, rng.integers(0, CANDIDATES, 40))
    own = ranks(noise, fitted(noise))
    held = out_of_fold(noise, np.arange(40) % 5)
    assert np.median(own) < np.median(held)


def test_evidence_stands_in_the_order_of_the_weights() -> None:
    rows, gold = example(np.array([7, 4]), {"whole": np.array([2.0, 3.0], np.float32)}, 4)
    assert gold == 1
    assert rows[:2, list(WEIGHTS).index("whole")].tolist() == [2.0, 3.0]
    assert np.count_nonzero(rows) == 2


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Return lectures of two pieces each, and a question about each of them."""
    chunks, questions = tmp_path / "chunks.csv", tmp_path / "questions.csv"
    with chunks.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["video", "chunk", "text"])
        for name in LECTURES:
            rows.writerow([name, 0, f"Heat flows and word{name} explains it"])
            rows.writerow([name, 1, f"Ice melts beside topic{name}"])
    with questions.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["video", "question", "is_reply"])
        rows.writerows([name, f"why does word{name} need heat?", "False"] for name in LECTURES)
        rows.writerows([name, "who asked?", "True"] for name in LECTURES)
    return chunks, questions


def test_the_command_fits_on_what_is_not_kept_out(files: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    call_command("fit_answers", chunks=files[0], questions=files[1], json=out, stdout=StringIO())
    report = json.loads(out.read_text())
    assert report["n"] == len(IN)
    assert list(report["weights"]) == list(WEIGHTS)
    assert report["out_of_fold"] == {"top1": 1.0, "top5": 1.0, "top10": 1.0}


def test_files_that_have_nothing_to_do_with_each_other_are_told(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("video,question\nelsewhere,why?\n")
    with pytest.raises(CommandError, match="Too few questions"):
        call_command("fit_answers", chunks=files[0], questions=other, stdout=StringIO())
