"""How well is it told what comes first: of two concepts of a text, or of courses? Files in (L3).

Needs no database. Concepts are learnt from one subject and asked of another, pair by pair. Of
programmes whose order is known, three tenths are held out; programmes that share a course are held
out together. Where --order is another file than --courses, those in --order alone are asked about.
"""

import json
import math
import os
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError
from threadpoolctl import threadpool_limits

from personalize.algorithms.metadata.judging import adjacent, auc, directed
from personalize.algorithms.metadata.prerequisites import Prerequisites
from personalize.algorithms.metadata.sequence import SequenceModel, Step
from personalize.management.metadata_files import Pairs, Programme, pairs, part_of, programmes

TENTHS_HELD_OUT = 3
LEARNT_FROM = ("alcpl_geometry_pairs.csv.gz", "alcpl_geometry_concept_text.csv.gz")


class Command(BaseCommand):
    help = "Report how well prerequisites of concepts, or the order of courses, are told"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--pairs", type=Path, help="topic_a, topic_b, relation: asked about")
        parser.add_argument("--text", type=Path, help="the text of that subject: title, content")
        parser.add_argument("--train-pairs", type=Path, help="pairs to learn from")
        parser.add_argument("--train-text", type=Path, help="the text of those")
        parser.add_argument("--courses", type=Path, help="courses of programmes")
        parser.add_argument("--order", type=Path, help="their order; may be the same file")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here")

    @threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # untyped package
    def handle(self, *args: object, **options: Any) -> None:
        if options["pairs"] and options["text"]:
            figures = _of_concepts(options)
        elif options["courses"] and options["order"]:
            figures = _of_courses(options["courses"], options["order"])
        else:
            raise CommandError("Give --pairs and --text, or --courses and --order.")
        for name, value in figures.items():
            self.stdout.write(f"{name:24}{value:.4f}")
        if options["json"]:
            options["json"].write_text(json.dumps(figures, indent=2) + "\n")


def _of_concepts(options: Mapping[str, Any]) -> dict[str, float]:
    learnt_from = _learnt_from(options["train_pairs"], options["train_text"])
    learnt, asked = pairs(*learnt_from), pairs(options["pairs"], options["text"])
    forth, back = _figures(asked, turned=False), _figures(asked, turned=True)
    model = Prerequisites().fit(_figures(learnt, turned=False), np.array(learnt.needed))
    scores, needed = model.probabilities(forth), np.array(asked.needed)
    said = scores >= 0.5
    hits = float((said & needed).sum())
    return {
        "precision": hits / max(float(said.sum()), 1.0),
        "recall": hits / max(float(needed.sum()), 1.0),
        "f1": 2 * hits / max(float(said.sum() + needed.sum()), 1.0),
        "auc": auc(scores, needed),
        "direction": directed(scores[needed], model.probabilities(back[needed])),
        "auc_of_sections": auc(forth[:, 0], needed),
        "direction_of_sections": directed(forth[needed, 0], back[needed, 0]),
    }


def _figures(of: Pairs, *, turned: bool) -> Any:
    later, before = np.array(of.later), np.array(of.before)
    return of.concepts.figures(before, later) if turned else of.concepts.figures(later, before)


def _learnt_from(pairs_path: Path | None, text: Path | None) -> tuple[Path, Path]:
    if pairs_path and text:
        return pairs_path, text
    data = os.environ.get("NORTHWAY_DATA", "")
    if not data:
        raise CommandError("Give --train-pairs and --train-text, or set NORTHWAY_DATA.")
    folder = Path(data) / "data" / "prereq"
    return folder / LEARNT_FROM[0], folder / LEARNT_FROM[1]


def _of_courses(courses: Path, order: Path) -> dict[str, float]:
    own = programmes(courses)
    if courses.resolve() == order.resolve():
        group = _groups(own)
        known = {name: one for name, one in own.items() if one.known}
        held = {name for name in known if part_of(group[name], 10) < TENTHS_HELD_OUT}
        learnt = [one for name, one in known.items() if name not in held]
        asked = [known[name] for name in known if name in held]
    else:
        learnt = [one for one in own.values() if one.known]
        told = programmes(courses, order=order)
        asked = [one for name, one in told.items() if one.known and not own[name].known]
    if not learnt or not asked:
        raise CommandError("No programme to learn from or to ask about; look at both files.")
    model = SequenceModel().fit([_in_order(one) for one in learnt])
    truth = [_in_order(one) for one in asked]
    share, n = adjacent([model.earliness(one) for one in truth])
    plain, _ = adjacent([np.array([_by_title(step) for step in one]) for one in truth])
    return {
        "pair_accuracy": share,
        "pair_accuracy_of_titles": plain,
        "pairs": float(n),
        "standard_error": math.sqrt(share * (1 - share) / n),
        "programmes": float(len(asked)),
    }


def _in_order(programme: Programme) -> list[Step]:
    return [programme.steps[place] for place in np.argsort(programme.order, kind="stable")]


def _by_title(step: Step) -> float:
    return float(step.says_early) - float(step.says_late)


def _groups(own: Mapping[str, Programme]) -> dict[str, str]:
    """Return of each programme the first of those it shares a course with, over any others."""
    of_course: dict[str, str] = {}
    leader = {name: name for name in own}

    def foremost(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    for name, one in own.items():
        for other in _met(one.keys, of_course, name):
            leader[foremost(name)] = foremost(other)
    first: dict[str, str] = {}
    for name in own:
        first.setdefault(foremost(name), name)
    return {name: first[foremost(name)] for name in own}


def _met(keys: Sequence[str], of_course: dict[str, str], name: str) -> Iterable[str]:
    return [of_course.setdefault(key, name) for key in keys]
