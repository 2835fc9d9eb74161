"""How good are the models on rows they have not seen? Files in, a table and JSON out (L3).

Needs no database. With --test the rows of that file are to be found; without it the newest course
of every learner in --train is held out and a sample of them is ranked against negatives.
"""

import json
import resource
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from personalize.algorithms.base import MemoryBoundError, Recommender
from personalize.algorithms.blend import Blend
from personalize.algorithms.by_signals import by_signals
from personalize.algorithms.evaluate import evaluate
from personalize.algorithms.popularity import Popularity
from personalize.algorithms.registry import ALGORITHMS, create
from personalize.management.interaction_files import read_table
from personalize.management.problems import (
    Catalogue,
    Problem,
    Sampling,
    from_files,
    later_held_out,
    newest_held_out,
    share_held_out,
)
from signals.catalogue import of_file

BESIDE = "courses.parquet"
COLUMNS = ("hr@1", "hr@10", "ndcg@10", "mrr", "recall@20", "ndcg@20", "coverage@10")


class Command(BaseCommand):
    help = "Fit the models on a file of interactions and report how well they find held-out courses"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--train", required=True, type=Path, help="learner, course, pos or ts")
        parser.add_argument("--test", type=Path, help="learner, course; several rows allowed")
        parser.add_argument("--negatives", type=Path, help="a list column to rank against")
        parser.add_argument(
            "--courses", type=Path, help="what courses say; else courses.parquet beside --train"
        )
        parser.add_argument("--models", default=",".join(ALGORITHMS), help="names, by comma")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--sample", type=int, default=20_000, help="held-out learners to rank")
        parser.add_argument(
            "--per-learner", type=int, default=100, help="negatives when held out, 0: all courses"
        )
        parser.add_argument(
            "--hold-out",
            choices=("newest", "later", "share"),
            default="newest",
            help="each learner's newest course; the newest after one moment; a random share",
        )
        parser.add_argument("--share", type=float, default=0.1, help="of rows held out")
        parser.add_argument(
            "--ablation", action="store_true", help="leave each member out of the blend in turn"
        )
        parser.add_argument(
            "--by-signals",
            action="store_true",
            help="what the same learners get of the blend by how much it is told of them",
        )

    def handle(self, *args: object, **options: Any) -> None:
        rng = np.random.default_rng(options["seed"])
        names = [name.strip() for name in options["models"].split(",") if name.strip()]
        unknown = sorted(set(names) - set(ALGORITHMS))
        if unknown:
            raise CommandError(f"No model {', '.join(unknown)}; known: {', '.join(ALGORITHMS)}")
        catalogue = _catalogue(options["courses"], options["train"])
        problem = _problem(options, catalogue, rng)
        self.stdout.write(
            f"{len(problem.train.courses):,} rows, {problem.learners:,} learners, "
            f"{problem.train.n_courses:,} courses, {len(catalogue):,} described; "
            f"{len(problem.cases):,} lists to rank"
        )
        self.stdout.write(f"{'':14}" + "".join(f"{c:>12}" for c in COLUMNS) + "   fit_s  peak MB")
        found: dict[str, dict[str, Any]] = {}
        fitted: dict[str, Recommender] = {}
        models: dict[str, Recommender | None] = {}
        for name in sorted(names, key=lambda name: name == Blend.name):
            models[name], found[name] = _measure(name, problem, fitted, options["seed"])
            self.stdout.write(_line(name, found[name]))
            self.stdout.flush()
        report: dict[str, Any] = {"n": len(problem.cases), "models": found}
        blend = models.get(Blend.name)
        if options["ablation"] and isinstance(blend, Blend):
            report["without"] = {
                name: _without(name, blend, problem, fitted) for name in blend.weights_
            }
            for name, figures in report["without"].items():
                self.stdout.write(_line(f"- {name}", figures))
        if options["by_signals"] and blend is not None:
            report["by_signals"] = self._by_signals(blend, problem)
        if options["json"]:
            options["json"].write_text(json.dumps(report, indent=2) + "\n")

    def _by_signals(self, blend: Recommender, problem: Problem) -> list[dict[str, Any]]:
        """Tell what the same learners get from ever more of their signals."""
        popular = Popularity().fit(problem.train, rng=np.random.default_rng(0))
        found = by_signals(blend, popular, problem.cases)
        for row in found:
            signals = f"{row.least} to {row.most or 'all'}" if row.most != 0 else "none"
            self.stdout.write(
                f"{signals:14}ndcg@10 over all courses {row.ndcg:.4f}, popularity "
                f"{row.popular_ndcg:.4f} ({row.learners:,} learners, standard error of the "
                f"difference {row.error:.4f})"
            )
        return [asdict(row) for row in found]


def _measure(
    name: str, problem: Problem, fitted: dict[str, Recommender], seed: int
) -> tuple[Recommender | None, dict[str, Any]]:
    """Fit and evaluate one model; a blend reuses what was fitted, and its fit_s says only its own.

    peak_rss_mb is the highest memory of this process while the model was fitted and evaluated.
    """
    _reset_peak()
    started, cpu_started = time.perf_counter(), time.process_time()
    rng = np.random.default_rng(seed)
    model = create(name)
    try:
        if isinstance(model, Blend):
            model.fit(problem.train, rng=rng, fitted=fitted, keep_pools=True)
        else:
            fitted[name] = model.fit(problem.train, rng=rng)
    except MemoryBoundError as refusal:
        return None, {"skipped": str(refusal)}
    fit_s, fit_cpu_s = time.perf_counter() - started, time.process_time() - cpu_started
    found: dict[str, Any] = {key: round(v, 6) for key, v in evaluate(model, problem.cases).items()}
    found |= {"fit_s": round(fit_s, 3), "peak_rss_mb": round(_peak_mb(), 1)}
    found |= {"fit_cpu_s": round(fit_cpu_s, 3)}
    found |= {"evaluate_s": round(time.perf_counter() - started - fit_s, 3)}
    found["params"] = model.refit_params()
    if isinstance(model, Blend):
        found |= {"weights": model.weights_, "members_skipped": model.skipped_}
    return model, found


def _without(
    name: str, blend: Blend, problem: Problem, fitted: Mapping[str, Recommender]
) -> dict[str, Any]:
    """Measure the blend with its weights tuned again without one member."""
    weights = blend.weights_without(name)
    rest = Blend(members=list(weights), weights=weights)
    rest.fit(problem.train, rng=np.random.default_rng(0), fitted=fitted)
    found = {key: round(value, 6) for key, value in evaluate(rest, problem.cases).items()}
    return found | {"weights": rest.weights_}


def _line(name: str, found: Mapping[str, Any]) -> str:
    if "skipped" in found:
        return f"{name:14}  skipped: {found['skipped']}"
    figures = "".join(f"{found.get(column, float('nan')):12.4f}" for column in COLUMNS)
    line = f"{name:14}{figures}"
    if "fit_s" in found:
        line += f"{found['fit_s']:8.1f}{found['peak_rss_mb']:9.0f}"
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


def _problem(options: Mapping[str, Any], catalogue: Catalogue, rng: np.random.Generator) -> Problem:
    train = read_table(options["train"])
    test = read_table(options["test"]) if options["test"] else None
    negatives = read_table(options["negatives"]) if options["negatives"] else None
    if test is not None:
        return from_files(train, test, negatives, catalogue)
    if negatives is not None:
        raise CommandError("--negatives belongs to --test; without it they are sampled")
    sampling = Sampling(options["sample"], options["per_learner"])
    if options["hold_out"] == "share":
        return share_held_out(train, options["share"], sampling, rng, catalogue)
    if options["hold_out"] == "later":
        return later_held_out(train, options["share"], sampling, rng, catalogue)
    return newest_held_out(train, sampling, rng, catalogue)


def _catalogue(given: Path | None, train: Path) -> Catalogue:
    """What courses say of themselves, where a file of them is named or lies beside the rows."""
    path = given or train.parent / BESIDE
    if given is None and not path.is_file():
        return {}
    try:
        return of_file(path)
    except (OSError, ValueError) as error:
        raise CommandError(f"{path}: {error}") from error
