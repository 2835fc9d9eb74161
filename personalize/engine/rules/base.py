"""What is a rule of training data? (L3) A name, a sentence, and how much each choice counts.

A rule returns a factor for each row: 1 leaves it as it is, 0 leaves it out. What is shown because
of what was learned, and learned because it was shown, would go round in circles without rules.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals.data import TrainingRows

Factors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spans:
    """From when to when courses were shown to learners, by pair. Parallel arrays.

    first and last are days since the epoch.
    """

    learner_ids: NDArray[np.int64]
    course_ids: NDArray[np.int32]
    first: NDArray[np.float64]
    last: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shown:
    """What lists showed by themselves: each pair once, with the best place it had."""

    spans: Spans
    sights: NDArray[np.int32]  # how often
    places: NDArray[np.int16]  # from 0
    explored: NDArray[np.bool_]  # drawn at random each time, ranked by nobody


@dataclass(frozen=True, slots=True)
class Given:
    """What rules are asked about."""

    rows: TrainingRows
    listed: NDArray[np.int32]  # ids of courses in the catalogue
    steered: Spans  # by a pin or boost
    shown: Shown


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its name and sentence, as cards and pages show them."""

    key: str
    title: str
    says: str
    factors: Callable[[Given], Factors]


NO_SPANS = Spans(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0), np.zeros(0))
NOTHING_SHOWN = Shown(NO_SPANS, np.zeros(0, np.int32), np.zeros(0, np.int16), np.zeros(0, bool))


def span_of(rows: TrainingRows, spans: Spans, *, days: float) -> NDArray[np.int64]:
    """Return for each choice which span it lies in, or at most `days` after; -1 for none."""
    none = np.full(len(rows.learner_ids), -1, np.int64)
    if not len(rows.learner_ids) or not len(spans.learner_ids):
        return none
    among = np.unique(rows.learner_ids)
    shown = _codes(spans.learner_ids, spans.course_ids, among)
    order = np.argsort(shown)
    wanted = _codes(rows.learner_ids, rows.course_ids, among)
    at = order[np.minimum(np.searchsorted(shown, wanted, sorter=order), len(order) - 1)]
    after = rows.times >= spans.first[at]
    soon = rows.times <= spans.last[at] + days
    return np.where((shown[at] == wanted) & after & soon, at, none)


def _codes(
    learner_ids: NDArray[np.int64], course_ids: NDArray[np.int32], among: NDArray[np.int64]
) -> NDArray[np.int64]:
    """One number a pair; -1 for a learner who is not `among` (ascending)."""
    at = np.minimum(np.searchsorted(among, learner_ids), len(among) - 1)
    codes = at.astype(np.int64) * (1 << 32) + course_ids
    return np.where(among[at] == learner_ids, codes, -1)
