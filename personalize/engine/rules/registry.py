"""Which rules govern what models learn from? (L3) One line each, in the order they apply.

Before these, signals hands up nothing of whoever has objected, of staff, tests and robots, nothing
that was assigned and nothing that was left again; `TrainingRows.kept_back` counts those.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from personalize.engine.rules import crowded, own_lists, steered, unlisted
from personalize.engine.rules.base import Given, Rule
from signals.data import TrainingRows

RULES: tuple[Rule, ...] = (unlisted.RULE, steered.RULE, own_lists.RULE, crowded.RULE)

Counts = dict[str, dict[str, float]]  # rule -> rows it touched, rows it left out, weight it took


@dataclass(frozen=True, slots=True)
class Governed:
    """What one rule did in a training: choices it touched, left out, and the weight it took."""

    rule: str
    title: str
    says: str
    rows: float
    left_out: float
    weight: float

    @property
    def less(self) -> float:
        """Return how many choices count for less, and are not left out."""
        return self.rows - self.left_out


def govern(given: Given) -> tuple[TrainingRows, Counts]:
    """Return the rows as they may be learned from, and what each rule did."""
    counts: Counts = {}
    for rule in RULES:
        rows = given.rows
        factors = rule.factors(given)
        counts[rule.key] = {
            "rows": float(np.count_nonzero(factors < 1)),
            "left_out": float(np.count_nonzero(factors <= 0)),
            "weight": round(float((rows.weights * (1 - factors)).sum()), 3),
        }
        if counts[rule.key]["rows"]:
            weighed = replace(rows, weights=(rows.weights * factors).astype(np.float32))
            given = replace(given, rows=kept(weighed, factors > 0))
    return given.rows, counts


def kept(rows: TrainingRows, keep: NDArray[np.bool_]) -> TrainingRows:
    """Return some of the rows."""
    return TrainingRows(
        learner_ids=rows.learner_ids[keep],
        course_ids=rows.course_ids[keep],
        times=rows.times[keep],
        weights=rows.weights[keep],
    )


# What signals keeps back, with the name and the sentence of each reason.
KEPT_BACK: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "staff_and_tests": (
            "Staff and test accounts",
            "What staff and test accounts choose is left out: they look, they do not learn.",
        ),
        "objected": (
            "Personalization is off",
            "Nothing is learned from who has switched it off, whenever it was chosen.",
        ),
        "assigned": (
            "Assigned by somebody else",
            "A mandatory course was somebody else's choice, so it is none.",
        ),
        "robots": ("Robots", "What a rule of signal quality found to be no person is left out."),
        "slips": (
            "Slips",
            "A course that was only opened by accident, by the rules of quality, is left out.",
        ),
        "left_again": (
            "Left again",
            "A course that was left and not completed is no choice.",
        ),
    }
)


def named(counts: Counts) -> tuple[Governed, ...]:
    """Return what governed a training, in words, in the order of the rules."""
    words = dict(KEPT_BACK) | {rule.key: (rule.title, rule.says) for rule in RULES}
    return tuple(
        Governed(
            rule=key,
            title=title,
            says=says,
            rows=counts[key]["rows"],
            left_out=counts[key]["left_out"],
            weight=counts[key]["weight"],
        )
        for key, (title, says) in words.items()
        if key in counts
    )
