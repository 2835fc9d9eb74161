"""What might learners ask of the demo's courses, and which sentences answer it? Reads the TOML.

Two parts may be looked at while answers are tuned: "tune", and "more", which was written after a
first tuning to see what of it holds. The other ("test") judges them and is looked at by nobody.
"""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


class Part(StrEnum):
    """What a question is for."""

    TUNE = "tune"
    MORE = "more"
    TEST = "test"


class Why(StrEnum):
    """Why a question cannot be answered from the course it is asked of."""

    ELSEWHERE = "elsewhere"  # no course of the catalogue is about it
    UNSAID = "unsaid"  # the course is about it, and its text does not say this
    FALSE_PREMISE = "false premise"  # untrue, and its text does not correct it
    PERSONAL = "personal"  # of the learner's own affairs: deadlines, money back, certificates
    ADVICE = "advice"  # wants an opinion, a diagnosis or a decision beyond the text
    NOISE = "noise"  # no words, a language the course is not in, or orders to a machine


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked of a course, as a learner would."""

    course: str
    part: Part
    ask: str


@dataclass(frozen=True, slots=True)
class Answerable(Question):
    """A question, and every sentence that answers it, as it stands in the module's text."""

    module: int  # position in the course, from 1
    gold: tuple[str, ...]
    synonym: bool  # the question names the matter otherwise than the text does


@dataclass(frozen=True, slots=True)
class Unanswerable(Question):
    """A question asked of a course whose text does not answer it."""

    why: Why


def answerable(part: Part | None = None) -> tuple[Answerable, ...]:
    """Return the questions that have an answer, of one part or of both."""
    found = (
        Answerable(
            course=one["course"],
            module=one["module"],
            part=Part(one["part"]),
            ask=one["ask"],
            gold=tuple(one["gold"]),
            synonym=one.get("synonym", False),
        )
        for one in _read("answerable.toml")
    )
    return tuple(one for one in found if part in {None, one.part})


def unanswerable(part: Part | None = None) -> tuple[Unanswerable, ...]:
    """Return the questions that have to be refused, of one part or of both."""
    found = (
        Unanswerable(
            course=one["course"], part=Part(one["part"]), why=Why(one["why"]), ask=one["ask"]
        )
        for one in _read("unanswerable.toml")
    )
    return tuple(one for one in found if part in {None, one.part})


def _read(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((FOLDER / name).read_text("utf-8"))["question"]
    return found
