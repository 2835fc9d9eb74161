"""What changed a path, and was it the learner? (L5) Found by comparing what it was planned from."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from personalize.agents.evidence import Facts
from personalize.agents.path import Choices
from personalize.agents.wishes import Stated
from signals import catalogue


class Reason(StrEnum):
    """Why a path is another than before."""

    BEGUN = "begun"  # the first one
    GOAL = "goal"
    KNOWN = "known"  # skills that are claimed
    LANGUAGES = "languages"  # that are read
    PACE = "pace"
    DATE = "date"
    SWAP = "swap"
    KNOW = "know"  # a course that is known
    UNDO = "undo"
    QUIZ = "quiz"
    FINISHED = "finished"
    CATALOGUE = "catalogue"
    TIME = "time"  # the date came nearer


BY_LEARNER = frozenset(
    {
        Reason.BEGUN,
        Reason.GOAL,
        Reason.KNOWN,
        Reason.LANGUAGES,
        Reason.PACE,
        Reason.DATE,
        Reason.SWAP,
        Reason.KNOW,
        Reason.UNDO,
    }
)
_READ = (  # what a difference of which input means, the first that differs
    ("goal", Reason.GOAL),
    ("known", Reason.KNOWN),
    ("reads", Reason.LANGUAGES),
    ("pace", Reason.PACE),
    ("by_when", Reason.DATE),
    ("failed", Reason.QUIZ),
    ("finished", Reason.FINISHED),
    ("catalogue", Reason.CATALOGUE),
)


def inputs(stated: Stated, facts: Facts, choices: Choices) -> dict[str, Any]:
    """Return what a path is planned from, as JSON can hold it."""
    return {
        "goal": [stated.role, stated.field, sorted(stated.skills)],
        "known": sorted(stated.known),
        "reads": sorted(stated.reads),
        "pace": stated.pace,
        "by_when": stated.by_when.isoformat() if stated.by_when else "",
        "failed": sorted(facts.failed),
        "finished": sorted(facts.finished),
        "begun": sorted(facts.begun or ()),
        "choices": [sorted(choices.known), sorted(choices.instead), sorted(choices.without)],
        "catalogue": catalogue.version(),
    }


def reason(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Reason, tuple[int, ...]]:
    """Return why a path that was planned from `before` is another now, and the courses behind it.

    What a learner chose in the path itself is known to who stores it, and not asked here.
    """
    if not before:
        return Reason.BEGUN, ()
    for name, meaning in _READ:
        if before.get(name, after[name]) != after[name]:  # an earlier release kept less
            courses = meaning in {Reason.QUIZ, Reason.FINISHED}
            new = set(after[name]) ^ set(before.get(name, ())) if courses else set()
            return meaning, tuple(sorted(new))
    return Reason.TIME, ()
