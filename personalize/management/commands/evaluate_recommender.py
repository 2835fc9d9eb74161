"""How good are the models on rows they have not seen? Files in, a table and JSON out (L3).

Needs no database. With --test the rows of that file are to be found; without it the newest course
of every learner in --train is held out and a sample of them is ranked against negatives.
"""

import json
import resource
import time
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.core.management.base import BaseCommand, CommandError

from personalize.algorithms.base import (
    History,
    IndexArray,
    Interactions,
    MemoryBoundError,
    Recommender,
)
from personalize.algorithms.blend import Blend
from personalize.algorithms.evaluate import Case, evaluate, sample_negatives
from personalize.algorithms.holdout import histories_of
from personalize.algorithms.registry import ALGORITHMS, create
from personalize.management.interaction_files import (
    Codes,
    column,
    days,
    find_column,
    list_column,
    read_table,
)

COLUMNS = ("hr@1", "hr@10", "ndcg@10", "mrr", "recall@20", "ndcg@20", "coverage@10")


@dataclass(frozen=True, slots=True)
class Problem:
    """What to learn from and what to find."""

    train: Interactions
    cases: list[Case]
    learners: int


class Command(BaseCommand):
    help = "Fit the models on a file of interactions and report how well they find held-out courses"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--train", required=True, type=Path, help="learner, course, pos or ts")
        parser.add_argument("--test", type=Path, help="learner, course; several rows allowed")
        parser.add_argument("--negatives", type=Path, help="a list column to rank against")
        parser.add_argument("--models", default=",".join(ALGORITHMS), help="names, by comma")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--sample", type=int, default=20_000, help="held-out learners to rank")
        parser.add_argument("--per-learner", type=int, default=100, help="negatives when held out")

    def handle(self, *args: object, **options: Any) -> None:
        rng = np.random.default_rng(options["seed"])
        names = [name.strip() for name in options["models"].split(",") if name.strip()]
        unknown = sorted(set(names) - set(ALGORITHMS))
        if unknown:
            raise CommandError(f"No model {', '.join(unknown)}; known: {', '.join(ALGORITHMS)}")
        problem = _problem(options, rng)
        self.stdout.write(
            f"{len(problem.train.courses):,} rows, {problem.learners:,} learners, "
            f"{problem.train.n_courses:,} courses; {len(problem.cases):,} lists to rank"
        )
        self.stdout.write(f"{'':14}" + "".join(f"{c:>12}" for c in COLUMNS) + "   fit_s  peak MB")
        found: dict[str, dict[str, Any]] = {}
        fitted: dict[str, Recommender] = {}
        for name in sorted(names, key=lambda name: name == Blend.name):
            found[name] = _measure(name, problem, fitted, options["seed"])
            self.stdout.write(_line(name, found[name]))
            self.stdout.flush()
        if options["json"]:
            report = {"n": len(problem.cases), "models": found}
            options["json"].write_text(json.dumps(report, indent=2) + "\n")


def _measure(
    name: str, problem: Problem, fitted: dict[str, Recommender], seed: int
) -> dict[str, Any]:
    """Fit and evaluate one model; a blend reuses what was fitted, and its fit_s says only its own.

    peak_rss_mb is the highest memory of this process while the model was fitted and evaluated.
    """
    _reset_peak()
    started, cpu_started = time.perf_counter(), time.process_time()
    rng = np.random.default_rng(seed)
    model = create(name)
    try:
        if isinstance(model, Blend):
            model.fit(problem.train, rng=rng, fitted=fitted)
        else:
            fitted[name] = model.fit(problem.train, rng=rng)
    except MemoryBoundError as refusal:
        return {"skipped": str(refusal)}
    fit_s, fit_cpu_s = time.perf_counter() - started, time.process_time() - cpu_started
    found: dict[str, Any] = {key: round(v, 6) for key, v in evaluate(model, problem.cases).items()}
    found |= {"fit_s": round(fit_s, 3), "peak_rss_mb": round(_peak_mb(), 1)}
    found |= {"fit_cpu_s": round(fit_cpu_s, 3)}
    found |= {"evaluate_s": round(time.perf_counter() - started - fit_s, 3)}
    found["params"] = model.refit_params()
    if isinstance(model, Blend):
        found |= {"weights": model.weights_, "members_skipped": model.skipped_}
    return found


def _line(name: str, found: Mapping[str, Any]) -> str:
    if "skipped" in found:
        return f"{name:14}  skipped: {found['skipped']}"
    figures = "".join(f"{found.get(column, float('nan')):12.4f}" for column in COLUMNS)
    line = f"{name:14}{figures}{found['fit_s']:8.1f}{found['peak_rss_mb']:9.0f}"
    if "all_ndcg@10" in found:
        line += f"   over all courses: hr@10 {found['all_hr@10']:.4f} "
        line += f"ndcg@10 {found['all_ndcg@10']:.4f}"
    if "weights" in found:
        shares = ", ".join(f"{k} {v:.3f}" for k, v in found["weights"].items())
        line += f"\n{'':14}weights: {shares}"
    return line


def _reset_peak() -> None:
    """Begin a new peak where the system can (Linux); elsewhere the peak is the process's own."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def _peak_mb() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return float(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _problem(options: Mapping[str, Any], rng: np.random.Generator) -> Problem:
    train = read_table(options["train"])
    test = read_table(options["test"]) if options["test"] else None
    negatives = read_table(options["negatives"]) if options["negatives"] else None
    if test is None:
        if negatives is not None:
            raise CommandError("--negatives belongs to --test; without it they are sampled")
        return _held_out(train, options["sample"], options["per_learner"], rng)
    return _from_files(train, test, negatives)


def _interactions(table: pa.Table, learners: Codes, courses: Codes) -> Interactions:
    who, what = learners.of(column(table, "learner")), courses.of(column(table, "course"))
    times = days(table)
    order = np.lexsort((times, who))
    return Interactions(
        learners=who[order],
        courses=what[order],
        times=times[order],
        weights=np.ones(len(who), dtype=np.float32),
        n_learners=len(learners),
        n_courses=len(courses),
    )


def _held_out(table: pa.Table, sample: int, per_learner: int, rng: np.random.Generator) -> Problem:
    """The newest course of every learner held out; a sample of learners ranked."""
    learners = Codes(column(table, "learner"))
    courses = Codes(column(table, "course"))
    rows = _interactions(table, learners, courses)
    if not rows.ordered:
        raise CommandError("--train has no time or order column, so nothing is newest; give --test")
    newest = rows.starts()[1:] - 1
    kept = np.ones(len(rows.courses), dtype=bool)
    kept[newest] = False
    train = rows.take(kept)
    chosen = np.sort(rng.choice(len(learners), min(sample, len(learners)), replace=False))
    targets = rows.courses[newest[chosen]]
    cases = [
        Case(
            history=history,
            targets=np.array([target], dtype=np.int32),
            negatives=sample_negatives(
                np.append(history.courses, target), len(courses), per_learner, rng
            ),
        )
        for history, target in zip(histories_of(train, chosen), targets, strict=True)
    ]
    return Problem(train=train, cases=cases, learners=len(learners))


def _from_files(train: pa.Table, test: pa.Table, negatives: pa.Table | None) -> Problem:
    lists = None if negatives is None else list_column(negatives, "negatives")
    spare = [] if lists is None else [lists.flatten()]
    learners = Codes(column(train, "learner"), column(test, "learner"))
    courses = Codes(column(train, "course"), column(test, "course"), *spare)
    rows = _interactions(train, learners, courses)
    who, what = learners.of(column(test, "learner")), courses.of(column(test, "course"))
    if negatives is None or lists is None:
        cases = _cases_among_all(rows, who, what)
    else:
        values = courses.of(lists.flatten())
        bounds = np.append(0, np.cumsum(pc.list_value_length(lists).to_numpy(zero_copy_only=False)))
        each = [values[a:b] for a, b in pairwise(bounds)]
        at = _negative_rows(negatives, learners, courses, who, what)
        histories = histories_of(rows, who.astype(np.int64))
        cases = [
            Case(history=history, targets=what[i : i + 1], negatives=each[row])
            for i, (history, row) in enumerate(zip(histories, at, strict=True))
        ]
    return Problem(train=rows, cases=cases, learners=len(learners))


def _cases_among_all(rows: Interactions, who: IndexArray, what: IndexArray) -> list[Case]:
    """One list a learner, with all their test courses as targets."""
    order = np.argsort(who, kind="stable")
    unique, first = np.unique(who[order], return_index=True)
    groups: Sequence[IndexArray] = np.split(what[order], first[1:])
    histories: list[History] = histories_of(rows, unique.astype(np.int64))
    return [
        Case(history=history, targets=np.unique(targets))
        for history, targets in zip(histories, groups, strict=True)
    ]


def _negative_rows(
    negatives: pa.Table, learners: Codes, courses: Codes, who: IndexArray, what: IndexArray
) -> list[int]:
    """The row of the negatives file for each test row: by learner and course, learner, or place."""
    of_learner = find_column(negatives, "learner")
    of_course = find_column(negatives, "course")
    if of_learner is None:
        if len(negatives) != len(who):
            raise CommandError("--negatives has no learner column and not one row per test row")
        return list(range(len(who)))
    keys: list[Any] = learners.of(of_learner).tolist()
    wanted: list[Any] = who.tolist()
    if of_course is not None:
        keys = list(zip(keys, courses.of(of_course).tolist(), strict=True))
        wanted = list(zip(wanted, what.tolist(), strict=True))
    place = {key: row for row, key in enumerate(keys)}
    missing = sum(key not in place for key in wanted)
    if missing:
        raise CommandError(f"--negatives has no list for {missing} of {len(wanted)} test rows")
    return [place[key] for key in wanted]
