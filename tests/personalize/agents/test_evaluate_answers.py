"""The command finds the recording a question is about, and says so in the agreed words."""

import csv
import json
from hashlib import sha256
from io import StringIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from django.core.management import CommandError, call_command

from personalize.algorithms.retrieval.lectures import of_pieces
from personalize.algorithms.retrieval.words import words

SAID = {
    "chain": ("A chain wears at its pins.", "Oil keeps the rollers of a chain quiet."),
    "oven": ("Dough rises while yeast makes gas.", "A hot oven gives bread its crust."),
    "stars": ("Planets shine steadily.", "A star flickers because moving air bends its light."),
}
ASKED = {"chain": "why does a chain wear?", "oven": "what gives crust?", "stars": "do stars move?"}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    chunks = [
        {"video": video, "chunk": number, "text": text}
        for video, texts in SAID.items()
        for number, text in enumerate(texts)
    ]
    pyarrow.parquet.write_table(pa.Table.from_pylist(chunks[::-1]), tmp_path / "chunks.parquet")
    with (tmp_path / "questions.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["video", "question"])
        writer.writerows([*ASKED.items(), ("of no transcript", "what?")])
    return tmp_path / "chunks.parquet", tmp_path / "questions.csv"


def run(chunks: Path, questions: Path, out: Path) -> dict[str, float]:
    call_command(
        "evaluate_answers",
        chunks=chunks,
        questions=questions,
        json=out,
        stdout=StringIO(),
    )
    return dict(json.loads(out.read_text()))


def test_every_question_finds_its_recording(files: tuple[Path, Path], tmp_path: Path) -> None:
    found = run(*files, tmp_path / "out.json")
    assert (found["n"], found["top1"], found["top5"], found["top10"]) == (3, 1.0, 1.0, 1.0)
    assert found["p95_ms"] >= 0


def test_a_file_without_the_column_is_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no column question"):
        run(files[0], files[0], tmp_path / "out.json")


def test_scores_are_those_added_up_by_hand() -> None:
    names = [video for video, texts in SAID.items() for _ in texts]
    pieces = [words(text) for texts in SAID.values() for text in texts]
    lectures = of_pieces(names, pieces)
    single = lectures.scores(["oil"])
    assert int(np.argmax(single)) == 0
    assert single[0] > single[1] + 1  # one word of one piece of one recording


def test_two_words_side_by_side_tell_more_than_far_apart() -> None:
    together = ["red", "oil", *"abcdefgh"]
    apart = ["red", *"mnop", "oil", *"qrst"]
    lectures = of_pieces(["together", "apart"], [together, apart])
    found = lectures.scores(["red", "oil"])
    assert found[0] > found[1]


def test_pieces_of_a_recording_stand_together() -> None:
    with pytest.raises(ValueError, match="together"):
        of_pieces(["a", "b", "a"], [["x"], ["y"], ["z"]])


def test_replies_are_told_apart(files: tuple[Path, Path], tmp_path: Path) -> None:
    questions = tmp_path / "with_replies.csv"
    kept_out = [name for name in SAID if sha256(name.encode()).digest()[0] % 2]
    assert kept_out, "name a recording whose hash is odd"
    with questions.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["video", "question", "is_reply"])
        writer.writerows([(kept_out[0], "who asked?", "True"), (kept_out[0], "why?", "False")])
    call_command(
        "evaluate_answers",
        chunks=files[0],
        questions=questions,
        json=tmp_path / "out.json",
        stdout=StringIO(),
    )
    report = json.loads((tmp_path / "out.json").read_text())
    assert report["kept_out"]["n"] == 2
    assert report["no_replies"]["n"] == report["tf_idf_no_replies"]["n"] == 1
