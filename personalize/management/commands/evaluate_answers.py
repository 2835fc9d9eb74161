"""How often is the recording found under which a question was asked? Files in, figures out (L3).

Needs no database. Every question counts, those on which weights were fitted too; what was kept out
of the fitting is told apart, by the recordings a question is about. So are replies, which are asked
of whoever wrote before, where the file says which questions are.
"""

import json
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError
from numpy.typing import NDArray
from scipy import sparse

from personalize.algorithms.retrieval.bm25 import added
from personalize.algorithms.retrieval.lectures import Lectures, of_pieces
from personalize.algorithms.retrieval.moments import moment, without_moments
from personalize.algorithms.retrieval.words import words
from personalize.management.lecture_files import is_kept_out, read_pieces, read_questions

TOPS = (1, 5, 10)
IN_FULL = 8  # words from which a question says what it is about
Ranks = NDArray[np.int64]


class Command(BaseCommand):
    help = "Report how often the recording a question was asked under is among the first found"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chunks", required=True, type=Path, help="video, chunk, text")
        parser.add_argument("--questions", required=True, type=Path, help="video, question")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here")

    def handle(self, *args: object, **options: Any) -> None:
        videos, texts, begins = read_pieces(options["chunks"])
        pieces = [words(text) for text in texts]
        lectures = of_pieces(videos, pieces, begins)
        place_of = {video: place for place, video in enumerate(lectures.recordings)}
        known = [one for one in read_questions(options["questions"]) if one.video in place_of]
        asked = [(place_of[one.video], one.text) for one in known]
        if not asked:
            raise CommandError("No question is about a video of --chunks; look at both files.")
        gold = np.array([place for place, _ in asked])
        kept_out = np.array([is_kept_out(lectures.recordings[place]) for place in gold])
        parts = {
            "kept_out": kept_out,
            "no_replies": kept_out & ~np.array([one.is_reply for one in known]),
            "in_full": kept_out & np.array([len(one.text.split()) >= IN_FULL for one in known]),
        }
        found, took_ms = _ranks(_searched(lectures), asked)
        plain, _ = _ranks(_tf_idf(lectures, pieces, whole=False), asked)
        whole, _ = _ranks(_tf_idf(lectures, pieces, whole=True), asked)
        report: dict[str, Any] = _figures(found) | {"p95_ms": round(_p95(took_ms), 2)}
        for name, ranks in {"": found, "tf_idf": plain, "tf_idf_whole": whole}.items():
            report[name or "all"] = _figures(ranks)
            for part, chosen in parts.items():
                report[f"{name}_{part}".strip("_")] = _figures(ranks[chosen])
        for name, figures in _told(report).items():
            self.stdout.write(f"{name:36}{figures['n']:>7,}" + "".join(_columns(figures)))
        self.stdout.write(f"95 of 100 questions take {report['p95_ms']} ms or less.")
        if options["json"]:
            options["json"].write_text(json.dumps(report, indent=2) + "\n")


def _ranks(
    scores: Callable[[str], NDArray[np.float32]],
    asked: Sequence[tuple[int, str]],
) -> tuple[Ranks, NDArray[np.float64]]:
    """Return at which place each question's video stands, from 1, and how long each search took.

    Ties rank against us: a video stands behind all others that score the same.
    """
    places, took = [], []
    for gold, question in asked:
        began = time.perf_counter()
        found = scores(question)
        took.append(1000 * (time.perf_counter() - began))
        places.append(int((found >= found[gold]).sum()))
    return np.array(places, np.int64), np.array(took)


def _searched(lectures: Lectures) -> Callable[[str], NDArray[np.float32]]:
    def scores(question: str) -> NDArray[np.float32]:
        return lectures.scores(words(without_moments(question)), moment(question))

    return scores


def _tf_idf(
    lectures: Lectures, pieces: Sequence[Sequence[str]], *, whole: bool
) -> Callable[[str], NDArray[np.float32]]:
    """Return the cosine of TF-IDF with each recording, or with its best piece: the yardsticks."""
    of_piece = np.arange(len(pieces))
    recording = np.repeat(np.arange(len(lectures.starts)), np.diff([*lectures.starts, len(pieces)]))
    place_of = recording if whole else of_piece
    rows = [lectures.row_of[word] for piece in pieces for word in piece]
    columns = np.repeat(place_of, [len(piece) for piece in pieces])
    shape = (len(lectures.row_of), int(place_of[-1]) + 1)
    counted = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    counted.data = 1 + np.log(counted.data)
    found_in = np.diff(counted.indptr)
    told = (np.log((1 + shape[1]) / (1 + found_in)) + 1).astype(np.float32)
    weighted = sparse.csr_matrix(sparse.diags_array(told) @ counted)
    norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=0)).ravel())
    normed = sparse.csr_matrix(weighted @ sparse.diags_array(told.max() / np.maximum(norms, 1e-9)))

    def scores(question: str) -> NDArray[np.float32]:
        said = words(question)
        asked = Counter(row for word in said if (row := lectures.row_of.get(word)) is not None)
        found = added(normed, {row: times * float(told[row]) for row, times in asked.items()})
        return found if whole else np.maximum.reduceat(found, lectures.starts)

    return scores


def _figures(ranks: Ranks) -> dict[str, Any]:
    shares = {f"top{k}": round(float((ranks <= k).mean()), 4) if len(ranks) else 0.0 for k in TOPS}
    return {"n": len(ranks), **shares}


def _p95(took_ms: NDArray[np.float64]) -> float:
    return float(np.quantile(took_ms, 0.95))


def _told(report: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the lines of the table: what was asked of whom, by which search."""
    asked = {
        "all": "all",
        "kept_out": "kept out",
        "no_replies": "kept out, no replies",
        "in_full": f"kept out, {IN_FULL}+ words",
    }
    searches = {"": "this search", "tf_idf": "TF-IDF, pieces", "tf_idf_whole": "TF-IDF, whole"}
    lines: dict[str, Mapping[str, Any]] = {}
    for part, about in asked.items():
        for search, name in searches.items():
            key = search if search and part == "all" else f"{search}_{part}".strip("_")
            lines[f"{about}: {name}"] = report[key]
    return lines


def _columns(figures: Mapping[str, Any]) -> list[str]:
    return [f"   top{k} {figures[f'top{k}']:.4f}" for k in TOPS]
