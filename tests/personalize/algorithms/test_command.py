"""evaluate_recommender: files in, figures out, no database."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from django.core.management import CommandError, call_command

from tests.personalize.algorithms.worlds import checkerboard

QUICK = "popularity,item_knn,ease,transitions,blend"
METRICS = {
    *(f"hr@{k}" for k in (1, 5, 10)),
    *(f"recall@{k}" for k in (10, 20)),
    *(f"ndcg@{k}" for k in (5, 10, 20)),
    "mrr",
    "coverage@10",
    "fit_s",
    "peak_rss_mb",
}


def columns(**names: str) -> dict[str, list[int]]:
    data = checkerboard(learners=60, n_courses=24)
    values = {"learner": data.learners, "course": data.courses, "time": data.times.astype(int)}
    return {names[key]: value.tolist() for key, value in values.items() if key in names}


def parquet(path: Path, table: dict[str, Any]) -> Path:
    pyarrow.parquet.write_table(pa.table(table), path)
    return path


def csv_gz(path: Path, table: dict[str, list[Any]]) -> Path:
    with gzip.open(path, "wt", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table)
        writer.writerows(zip(*table.values(), strict=True))
    return path


def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], *options: object) -> dict[str, Any]:
    out = tmp_path / "out.json"
    call_command("evaluate_recommender", *map(str, options), "--json", str(out))
    assert "popularity" in capsys.readouterr().out
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def test_the_newest_course_of_every_learner_is_held_out_without_a_test_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = parquet(tmp_path / "t.parquet", columns(learner="learner", course="course", time="pos"))
    options = ("--models", QUICK, "--sample", 40, "--per-learner", 10)
    found = run(tmp_path, capsys, "--train", train, *options)
    assert found["n"] == 40
    assert set(found["models"]) == set(QUICK.split(","))
    assert all(set(model) >= METRICS for model in found["models"].values())
    assert found["models"]["item_knn"]["hr@5"] > found["models"]["popularity"]["hr@5"]
    assert sum(found["models"]["blend"]["weights"].values()) == pytest.approx(1.0, abs=0.01)


def test_users_and_items_without_time_are_ranked_among_all_unseen_courses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = csv_gz(tmp_path / "train.csv.gz", columns(learner="user", course="item"))
    missing = {"user": [0, 0, 1, 999], "item": [0, 22, 23, 4]}
    test = csv_gz(tmp_path / "test.csv.gz", missing)
    found = run(tmp_path, capsys, "--train", train, "--test", test, "--models", "popularity,ease")
    assert found["n"] == 3
    assert found["models"]["ease"]["recall@20"] > 0
    assert not any(key.startswith("all_") for key in found["models"]["ease"])


@pytest.mark.parametrize("as_text", [True, False])
def test_each_test_row_is_ranked_among_its_own_negatives(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_text: bool
) -> None:
    train = parquet(tmp_path / "t.parquet", columns(learner="learner", course="course", time="ts"))
    rows: dict[str, list[Any]] = {"learner": [2, 2, 3], "course": [0, 22, 23]}
    test = parquet(tmp_path / "test.parquet", rows)
    lists = [[1, 3, 5], [7, 9, 11], [0, 2, 4]]
    shuffled = {key: [values[i] for i in (2, 0, 1)] for key, values in rows.items()}
    listed = [lists[i] for i in (2, 0, 1)]
    shuffled["negatives"] = [str(row) if as_text else row for row in listed]
    negatives = parquet(tmp_path / "negatives.parquet", shuffled)
    options = ("--test", test, "--negatives", negatives, "--models", "popularity,item_knn")
    found = run(tmp_path, capsys, "--train", train, *options)
    assert found["n"] == 3
    assert found["models"]["item_knn"]["hr@1"] == 1.0


def test_a_share_of_every_learner_is_held_out_and_ranked_among_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = csv_gz(tmp_path / "train.csv.gz", columns(learner="user", course="item"))
    options = ("--hold-out", "share", "--share", "0.2", "--models", "popularity,item_knn")
    found = run(tmp_path, capsys, "--train", train, *options)
    assert found["n"] == 60
    models = found["models"]
    assert models["item_knn"]["recall@10"] > models["popularity"]["recall@10"] + 0.1


def test_popularity_after_a_moment_is_of_the_past_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everybody takes course 9 last, and nobody had before: who knows the past cannot find it."""
    rows = [(learner, learner % 5, 10.0 + learner) for learner in range(40)]
    rows += [(learner, 9, 1000.0 + learner) for learner in range(40)]
    table = {
        name: [row[at] for row in rows] for at, name in enumerate(("learner", "course", "time"))
    }
    train = parquet(tmp_path / "t.parquet", table)
    options = ("--hold-out", "later", "--share", "0.5", "--models", "popularity")
    found = run(tmp_path, capsys, "--train", train, *options, "--per-learner", "0")
    assert found["n"] == 40
    assert found["models"]["popularity"]["hr@1"] == 0.0
    newest = run(tmp_path, capsys, "--train", train, "--models", "popularity", "--sample", "5")
    assert newest["n"] == 5


def test_the_ablation_leaves_each_member_out_and_more_signals_are_told_step_by_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = parquet(tmp_path / "t.parquet", columns(learner="learner", course="course", time="pos"))
    options = ("--models", "popularity,item_knn,transitions,blend", "--ablation", "--by-signals")
    found = run(tmp_path, capsys, "--train", train, *options, "--per-learner", "10")
    assert [row["least"] for row in found["by_signals"]] == [0, 1, 3, 6]
    assert {row["learners"] for row in found["by_signals"]} == {60}
    assert set(found["without"]) == set(found["models"]["blend"]["weights"])
    assert all(name not in left["weights"] for name, left in found["without"].items())


def test_names_of_courses_may_be_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table: dict[str, list[Any]] = dict(columns(learner="username", course="course", time="order"))
    table["course"] = [f"c-{course}" for course in table["course"]]
    found = run(
        tmp_path, capsys, "--train", csv_gz(tmp_path / "t.csv.gz", table), "--models", "popularity"
    )
    assert found["n"] == 60


def test_a_model_beyond_its_memory_is_skipped_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wide = {"user": [0, 0, 1], "item": [0, 1, 1]}
    train = parquet(tmp_path / "train.parquet", wide)
    test = {"user": np.zeros(20_000, dtype=int), "item": np.arange(20_000)}
    test_file = parquet(tmp_path / "test.parquet", test)
    options = ("--train", train, "--test", test_file, "--models", "popularity,ease")
    found = run(tmp_path, capsys, *options)
    assert "may use 2,000 MB" in found["models"]["ease"]["skipped"]
    assert "hr@10" in found["models"]["popularity"]


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        (["--models", "magic"], "known: popularity"),
        (["--train", "nowhere.csv"], "is not there"),
        (["--negatives", "n.parquet"], "belongs to --test"),
    ],
)
def test_a_wrong_call_says_what_to_do(tmp_path: Path, options: list[str], advice: str) -> None:
    train = parquet(tmp_path / "t.parquet", columns(learner="learner", course="course", time="pos"))
    parquet(tmp_path / "n.parquet", {"learner": [1], "negatives": [[2]]})
    given = [str(tmp_path / o) if o == "n.parquet" else o for o in options]
    with pytest.raises(CommandError, match=advice):
        call_command("evaluate_recommender", "--train", str(train), *given)


def test_a_column_that_cannot_be_found_is_named(tmp_path: Path) -> None:
    train = parquet(tmp_path / "t.parquet", {"who": [1], "course": [2], "pos": [0]})
    with pytest.raises(CommandError, match="No column for learner among who, course, pos"):
        call_command("evaluate_recommender", "--train", str(train))


def test_what_courses_say_is_read_from_the_file_beside_the_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = parquet(tmp_path / "t.parquet", columns(learner="learner", course="course", time="pos"))
    options = ("--train", train, "--models", "popularity,content", "--per-learner", 5)
    untold = run(tmp_path, capsys, *options)["models"]["content"]
    titles = [f"{('Even', 'Odd')[course % 2]} numbers" for course in range(24)]
    parquet(tmp_path / "courses.parquet", {"course": list(range(24)), "title": titles})
    told = run(tmp_path, capsys, *options)["models"]["content"]
    assert untold["hr@1"] == 0.0
    assert told["hr@5"] > 0.9


def test_a_file_of_courses_that_names_none_is_refused(tmp_path: Path) -> None:
    train = parquet(tmp_path / "t.parquet", columns(learner="learner", course="course", time="pos"))
    nameless = parquet(tmp_path / "what.parquet", {"colour": ["red"]})
    with pytest.raises(CommandError, match="No column names the course"):
        call_command("evaluate_recommender", "--train", str(train), "--courses", str(nameless))
