"""For whom is tonight's model good, and what do its lists look like? (L3)

Looked at on a sample of the held-out learners, before the model is fitted on everything: how early
the course is that each took next, how widely their lists spread, how lists get better with what is
known, and whether a kind of learner is served worse than the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms import fairness, looked, spread
from personalize.algorithms.base import Interactions, Recommender
from personalize.algorithms.by_signals import STEPS, BySignals, by_signals
from personalize.algorithms.evaluate import Case
from personalize.algorithms.fairness import Gap
from personalize.algorithms.heads.training import Told
from personalize.algorithms.looked import DEPTH, Lists
from personalize.algorithms.popularity import Popularity
from personalize.data import Assessed, CohortGap, Estimate, Known

LEARNERS = 4_000  # looked at, spread evenly over the held-out ones
LEARNERS_BY_SIGNALS = 500  # of them with a history that is long enough: each is ranked four times
NOTHING = "0"  # signals used, or the tier that is allowed to everybody
Z95 = 1.959964
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What lists a sample of held-out learners would get, of the model and of popular courses."""

    learners: NDArray[np.int64]  # by number in the data
    own: Lists
    popular: Lists
    taken: NDArray[np.int64]  # the course each of them took next
    takers: NDArray[np.int64]  # (courses,) learners who took each
    among: int  # learners there are
    by_signals: tuple[BySignals, ...]


def sample(
    model: Recommender,
    popular: Popularity,
    cases: Sequence[Case],
    learners: NDArray[np.int64],
    train: Interactions,
) -> Sample:
    """Look at some of the cases; learners are whose they are, and train what was fitted on."""
    chosen = _spread(len(cases), LEARNERS)
    some = [cases[at] for at in chosen]
    long_ = [case for case in cases if len(case.history.courses) >= STEPS[-1][0]]
    asked = [long_[at] for at in _spread(len(long_), LEARNERS_BY_SIGNALS)]
    return Sample(
        learners=learners[chosen],
        own=looked.look(model, some),
        popular=looked.look(popular, some),
        taken=np.array([case.targets[0] for case in some], np.int64),
        takers=np.bincount(train.courses, minlength=train.n_courses),
        among=train.n_learners,
        by_signals=by_signals(model, popular, asked),
    )


def assess(
    found: Sample,
    cohorts: Mapping[str, Sequence[str]],
    *,
    chances: tuple[Gap, ...] = (),
) -> Assessed:
    """Return what the model card keeps; cohorts are of the sample's learners, in their order.

    chances are the gaps of the head that tells how likely a pick is opened.
    """
    gaps = (*fairness.recall_gaps(found.own.found, cohorts), *chances)
    signals = tuple(_known(_name(row), row) for row in found.by_signals)
    return Assessed(
        figures=figures(found.own, found),
        popular=figures(found.popular, found),
        gaps=tuple(_gap(one) for one in gaps),
        by_signals=signals,
        by_tier=_by_tier(found.by_signals),
    )


def chances(said: Told | None, cohorts: Mapping[str, Sequence[str]]) -> tuple[Gap, ...]:
    """Return by how much more than came true was said to be likely, for each kind of learner."""
    if said is None or not len(said.learners):
        return ()
    return fairness.calibration_gaps(said.said, said.happened, cohorts)


def figures(lists: Lists, found: Sample) -> dict[str, Estimate]:
    """Return what a page tells of lists: what they find, and how wide they spread."""
    n, shown = len(lists.ranks), lists.shown
    exposures = np.bincount(shown, minlength=len(found.takers))
    lift, error = spread.popularity_lift(lists.courses, found.taken, found.takers)
    return {
        f"precision@{DEPTH}": _mean(lists.found / DEPTH),
        f"recall@{DEPTH}": _mean(lists.found),
        f"ndcg@{DEPTH}": _mean(lists.gains),
        f"coverage@{DEPTH}": Estimate(float((exposures > 0).mean()), n),
        "novelty": Estimate(spread.novelty(shown, found.takers, found.among), n),
        "gini": Estimate(spread.gini(exposures), n),
        "lift": Estimate(lift, n, lift - Z95 * error, lift + Z95 * error),
    }


def moment_of(days: float, *, now: datetime) -> datetime:
    """Return a time of the data as a moment: kinds of learners are told as they were known then."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=max(days, 0.0) * DAY_S)
    return min(at, now)


def _spread(n: int, most: int) -> NDArray[np.int64]:
    """Return up to `most` places among n, evenly spread: learners are in the order they came."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.int64))


def _mean(values: NDArray[np.float64]) -> Estimate:
    n, mean = len(values), float(values.mean())
    half = Z95 * float(values.std()) / n**0.5
    return Estimate(mean, n, max(mean - half, 0.0), mean + half)


def _gap(gap: Gap) -> CohortGap:
    return CohortGap(**{name: getattr(gap, name) for name in CohortGap.__dataclass_fields__})


def _name(row: BySignals) -> str:
    if row.most is None:
        return f"{row.least}+"
    return str(row.least) if row.least == row.most else f"{row.least}-{row.most}"


def _known(name: str, row: BySignals) -> Known:
    """Return a row of what is served: who told nothing gets popular courses, and no model's."""
    if name == NOTHING:
        return Known(name, row.learners, row.popular_ndcg, row.popular_ndcg, 0.0)
    return Known(name, row.learners, row.ndcg, row.popular_ndcg, row.error)


def _by_tier(rows: Sequence[BySignals]) -> tuple[Known, ...]:
    """Return what the same learners get by what they allow.

    Who allows nothing gets the list that is alike for everyone. No model reads a signal of the
    second tier (none of its kinds writes into a history), so allowing it changes nothing.
    """
    if not rows:
        return ()
    everything = rows[-1]
    return (_known(NOTHING, everything), _known("1", everything), _known("2", everything))
