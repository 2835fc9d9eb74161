"""How well are skills and levels proposed for courses whose labels nobody saw? Files in (L3).

Needs no database. Without --labels a fifth of the labelled courses is held out, by the hash of
their keys; with it, the courses whose labels the catalogue keeps back are asked about. TF-IDF with
logistic regression is measured in the same run.
"""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError
from threadpoolctl import threadpool_limits

from personalize.algorithms.metadata import yardstick
from personalize.algorithms.metadata.judging import macro_f1, micro_f1
from personalize.algorithms.metadata.level import LevelModel
from personalize.algorithms.metadata.skills import SkillModel
from personalize.management.metadata_files import Labelled, catalogue, labels


class Command(BaseCommand):
    help = "Report how well skills and levels are proposed where labels are kept back"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--catalogue", required=True, type=Path, help="courses with labels")
        parser.add_argument("--labels", type=Path, help="the labels that --catalogue keeps back")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here")

    @threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # untyped package
    def handle(self, *args: object, **options: Any) -> None:
        learnt, asked = _parted(catalogue(options["catalogue"]), options["labels"])
        if not learnt or not asked:
            raise CommandError("Nothing to learn from or to ask about; look at both files.")
        skills, plain_skills = _skills(learnt, asked)
        levels, plain_levels = _levels(learnt, asked)
        report = {**skills, **levels, "baseline": {**plain_skills, **plain_levels}}
        for name, value in report.items():
            if isinstance(value, float):
                plain = report["baseline"].get(name)
                beside = "" if plain is None else f"   TF-IDF + logistic regression {plain:.4f}"
                self.stdout.write(f"{name:24}{value:.4f}{beside}")
        if options["json"]:
            options["json"].write_text(json.dumps(report, indent=2) + "\n")


def _parted(
    courses: Sequence[Labelled], path: Path | None
) -> tuple[list[Labelled], list[Labelled]]:
    if path is None:
        open_ones = [one for one in courses if not one.withheld]
        return (
            [one for one in open_ones if not one.held_out],
            [one for one in open_ones if one.held_out],
        )
    told = labels(path)
    asked = [
        replace(one, skills=told[one.key][0], level=told[one.key][1])
        for one in courses
        if one.withheld and one.key in told
    ]
    return [one for one in courses if not one.withheld], asked


def _skills(
    learnt: Sequence[Labelled], asked: Sequence[Labelled]
) -> tuple[dict[str, Any], dict[str, float]]:
    known = [one for one in learnt if one.skills]
    wanted = [one for one in asked if one.skills]
    model = SkillModel().fit([one.course for one in known], [one.skills for one in known])
    found = model.probabilities([one.course for one in wanted]) >= model.threshold_
    names = np.array(model.skills_)
    truth = [one.skills for one in wanted]
    figures = micro_f1([set(names[row]) for row in found], truth, learnt=model.skills_)
    plain = yardstick.skills(
        [one.course for one in known],
        [one.skills for one in known],
        [one.course for one in wanted],
    )
    counted: dict[str, Any] = {"skill_courses": len(wanted), "skill_expected": model.expected_f1_}
    return figures | counted, micro_f1(plain, truth, learnt=model.skills_)


def _levels(
    learnt: Sequence[Labelled], asked: Sequence[Labelled]
) -> tuple[dict[str, Any], dict[str, float]]:
    known, wanted = [one for one in learnt if one.level], [one for one in asked if one.level]
    courses, truth = [one.course for one in wanted], [one.level for one in wanted]
    model = LevelModel().fit([one.course for one in known], [one.level for one in known])
    best = model.probabilities(courses).argmax(axis=1)
    figures: dict[str, Any] = macro_f1([model.levels_[place] for place in best], truth)
    plain = yardstick.levels([one.course for one in known], [one.level for one in known], courses)
    return figures | {"level_courses": len(wanted)}, macro_f1(plain, truth)
