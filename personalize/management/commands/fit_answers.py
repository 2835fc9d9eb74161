"""Which weights does the re-ranking of lectures have? Files in, weights and figures out (L3).

Fits on the recordings that `evaluate_answers` does not keep out, and on questions that are no
replies. The figures are out of fold: five folds of recordings, by their hash.
"""

import json
from argparse import ArgumentParser
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from personalize.algorithms.retrieval.fitting import (
    Ints,
    example,
    fitted,
    gathered,
    out_of_fold,
)
from personalize.algorithms.retrieval.lectures import of_pieces
from personalize.algorithms.retrieval.moments import moment, without_moments
from personalize.algorithms.retrieval.reranking import WEIGHTS
from personalize.algorithms.retrieval.words import words
from personalize.management.lecture_files import is_kept_out, read_pieces, read_questions

FOLDS = 5
TOPS = (1, 5, 10)


class Command(BaseCommand):
    help = "Fit the weights that put lectures in order, on the half that is not kept out"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chunks", required=True, type=Path, help="video, chunk, text")
        parser.add_argument("--questions", required=True, type=Path, help="video, question")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write them here")

    def handle(self, *args: object, **options: Any) -> None:
        videos, texts, begins = read_pieces(options["chunks"])
        lectures = of_pieces(videos, [words(text) for text in texts], begins)
        place_of = {video: place for place, video in enumerate(lectures.recordings)}
        asked = [
            one
            for one in read_questions(options["questions"])
            if one.video in place_of and not one.is_reply and not is_kept_out(one.video)
        ]
        folds = np.array([_fold(one.video) for one in asked], np.int64)
        if len(np.unique(folds)) < 2:
            raise CommandError("Too few questions about videos of --chunks; look at both files.")
        examples = []
        for one in asked:
            said = words(without_moments(one.text))
            _first, candidates, evidence = lectures.weighed(said, moment(one.text))
            examples.append(example(candidates, evidence, place_of[one.video]))
        found = gathered(examples)
        if not (found.gold >= 0).any():
            raise CommandError("No question finds its own video; look at both files.")
        figures = _figures(out_of_fold(found, folds))
        weights = {
            name: float(f"{weight:.4g}")
            for name, weight in zip(WEIGHTS, fitted(found).tolist(), strict=True)
        }
        for name, weight in weights.items():
            self.stdout.write(f'    "{name}": {weight},')
        told = "   ".join(f"{name} {share:.4f}" for name, share in figures.items())
        self.stdout.write(f"{len(asked):,} questions, out of fold: {told}")
        if options["json"]:
            report = {"n": len(asked), "out_of_fold": figures, "weights": weights}
            options["json"].write_text(json.dumps(report, indent=2) + "\n")


def _fold(video: str) -> int:
    return sha256(video.encode()).digest()[1] % FOLDS


def _figures(ranks: Ints) -> dict[str, float]:
    return {f"top{k}": round(float((ranks <= k).mean()), 4) for k in TOPS}
