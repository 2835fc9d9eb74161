"""Which rows are kept back to tune on? The newest ones, and never a test row (L3, pure)."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import History, IndexArray, Interactions

NEWEST_SHARE = 0.1
"""With a clock, at most this share of the rows is kept back."""
CHOICE_WEIGHT = 0.5
"""Least weight of a row that is worth finding: enrolled, started or completed, and not disliked.

Lighter rows, such as a mere view, speak for other courses and are never the one to be found.
"""
FEW = 3000
"""Learners; what is tuned on fewer is tuned on choices of before the moment too."""
BESIDE = 4000
"""Learners at most whose choices those are."""
ENOUGH_ROWS = 5_000_000
"""Rows that are enough to learn which courses belong together; more repeat what these say."""
CELLS = 35_000_000
"""Scores a member may be asked for at once by a tuning: learners times courses."""


@dataclass(frozen=True, slots=True)
class Holdout:
    """Rows to fit on, and learners whose next course (``targets``) is known but kept back."""

    train: Interactions
    histories: list[History]
    targets: IndexArray
    learners: NDArray[np.int64]
    """Whose choices they are, by number in the data."""

    def of(self, at: slice) -> "Holdout":
        """Some of the learners; the rows to fit on stay the same."""
        return replace(
            self,
            histories=self.histories[at],
            targets=self.targets[at],
            learners=self.learners[at],
        )


def hold_out_newest(data: Interactions, *, learners: int, rng: np.random.Generator) -> Holdout:
    """Keep back the next course of up to ``learners`` learners.

    Where times are a clock common to all learners, everything from one moment on is kept back,
    so that neither popularity nor neighbours come from the future of the courses to be found.
    Where times are positions, the newest choice of a random sample of learners is kept back, with
    whatever they did after it. Without an order it is any choice, since the last row of a file may
    be the one with the highest number.
    """
    if has_clock(data):
        return _after_one_moment(data, learners, rng)
    if data.ordered:
        return _newest_rows(data, learners, rng)
    return _any_rows(data, learners, rng)


def hold_outs(data: Interactions, *, learners: int, rng: np.random.Generator) -> list[Holdout]:
    """What `hold_out_newest` keeps back; where that is of few learners, of others too.

    Of what was before the moment, the newest choices of a sample of learners are kept back as well.
    On a platform whose learners mostly come once, the newest tenth tells too little, and only of
    those who come back.
    """
    found = [hold_out_newest(data, learners=learners, rng=rng)]
    before = found[0].train
    if len(found[0].targets) < min(learners, FEW) and has_clock(before):
        found.append(_newest_rows(before, min(learners, BESIDE), rng))
    return [each for each in found if len(each.targets)]


def some_learners(data: Interactions, most: int, rng: np.random.Generator) -> Interactions:
    """The rows of as many learners, drawn at random, as have about ``most`` rows together."""
    if len(data.courses) <= most:
        return data
    drawn = rng.random(data.n_learners) < most / len(data.courses)
    kept = drawn[data.learners]
    numbers = (np.cumsum(drawn) - 1).astype(np.int32)
    return replace(
        data,
        learners=numbers[data.learners[kept]],
        courses=data.courses[kept],
        times=data.times[kept],
        weights=data.weights[kept],
        n_learners=int(np.count_nonzero(drawn)),
    )


def affordable(learners: int, n_courses: int, *, cells: int = CELLS) -> int:
    """So many learners as may be ranked among all courses; large catalogues get fewer."""
    return max(min(learners, cells // max(n_courses, 1)), 1)


def histories_of(data: Interactions, learners: NDArray[np.int64]) -> list[History]:
    """The rows of these learners as histories, oldest first; empty for learners without rows."""
    starts = data.starts()
    return [
        History(
            courses=data.courses[starts[learner] : starts[learner + 1]],
            weights=data.weights[starts[learner] : starts[learner + 1]],
        )
        for learner in learners
    ]


def is_choice(data: Interactions) -> NDArray[np.bool_]:
    """Which rows are choices, rather than a look at a course or one that was disliked."""
    return data.weights >= np.float32(CHOICE_WEIGHT)


def has_clock(data: Interactions) -> bool:
    """Whether times are moments: positions begin at the same number for every learner."""
    first = data.times[data.starts()[:-1][data.lengths() > 0]]
    return bool(len(first)) and data.ordered and bool(np.any(first != first[0]))


def _newest_rows(data: Interactions, learners: int, rng: np.random.Generator) -> Holdout:
    starts, choices = data.starts(), np.flatnonzero(is_choice(data))
    newest = np.full(data.n_learners, -1)
    newest[data.learners[choices]] = choices  # ascending, so the last one written is the newest
    able = np.flatnonzero(newest > starts[:-1])
    chosen = np.sort(rng.choice(able, min(learners, len(able)), replace=False))
    end = starts[1:].copy()
    end[chosen] = newest[chosen]
    kept = np.arange(len(data.courses)) < end[data.learners]
    return _holdout(data.take(kept), chosen, data.courses[newest[chosen]])


def _any_rows(data: Interactions, learners: int, rng: np.random.Generator) -> Holdout:
    shuffled = np.lexsort((rng.random(len(data.learners)), data.learners))
    choices = shuffled[is_choice(data)[shuffled]]
    who, first = np.unique(data.learners[choices], return_index=True)
    able = np.flatnonzero(data.lengths()[who] > 1)
    chosen = np.sort(rng.choice(able, min(learners, len(able)), replace=False))
    out = choices[first[chosen]]
    kept = np.ones(len(data.courses), dtype=bool)
    kept[out] = False
    return _holdout(data.take(kept), who[chosen].astype(np.int64), data.courses[out])


def _after_one_moment(data: Interactions, learners: int, rng: np.random.Generator) -> Holdout:
    moment = np.quantile(data.times, 1.0 - NEWEST_SHARE, method="lower")
    past = data.times <= moment
    if past.all():  # a bulk of newest rows shares one time
        past = data.times < moment
    later = np.flatnonzero(~past & is_choice(data))
    who, first = np.unique(data.learners[later], return_index=True)
    train = data.take(past)
    able = np.flatnonzero(train.lengths()[who] > 0)
    chosen = np.sort(rng.choice(able, min(learners, len(able)), replace=False))
    return _holdout(train, who[chosen].astype(np.int64), data.courses[later[first[chosen]]])


def _holdout(train: Interactions, learners: NDArray[np.int64], targets: IndexArray) -> Holdout:
    histories = histories_of(train, learners)
    return Holdout(train=train, histories=histories, targets=targets, learners=learners)
