"""Does a candidate beat the live model where neither has an advantage? (L3)

The live model was fitted on everything up to its training, the held-out choices of today's trial
among it, so only choices made since then are a fair ground.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import FloatArray, History, Interactions, Recommender
from personalize.algorithms.evaluate import Case, target_ranks
from personalize.algorithms.holdout import Holdout
from personalize.engine.gates.context import Duel
from personalize.engine.trial import LEARNERS, cases_of

DEPTH = 10  # of the list that counts
LEARNERS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Abroad:
    """A model that scores courses numbered as another model's; courses it lacks rank last."""

    model: Recommender
    own: NDArray[np.int32]  # the model's number of each course, -1 where it lacks it

    def score_many(self, histories: list[History]) -> FloatArray:
        """Return (histories, courses) in the other numbering."""
        translated = [History(self.own[h.courses], h.weights) for h in histories]
        known = self.own >= 0
        scores = np.full((len(histories), len(self.own)), -np.inf, np.float32)
        scores[:, known] = self.model.score_many(translated)[:, self.own[known]]
        return scores


def _gains(scores: FloatArray, cases: list[Case]) -> NDArray[np.float64]:
    """Return NDCG@DEPTH of each case, whose one target stands among its negatives."""
    ranks = np.array(
        [
            target_ranks(row[case.targets], row[case.negatives])[0]
            for row, case in zip(scores, cases, strict=True)
        ]
    )
    return np.where(ranks < DEPTH, 1.0 / np.log2(ranks + 2.0), 0.0)


def _newer_choices(data: Interactions, *, after: float, rng: np.random.Generator) -> list[Case]:
    """Return the first choice after a moment of learners who had chosen before it."""
    later = np.flatnonzero(data.times > after)
    who, first = np.unique(data.learners[later], return_index=True)
    starts, rows = data.starts()[who], later[first]
    chosen = rng.permutation(np.flatnonzero(rows > starts))[:LEARNERS]
    histories = [
        History(data.courses[start:row], data.weights[start:row])
        for start, row in zip(starts[chosen].tolist(), rows[chosen].tolist(), strict=True)
    ]
    newer = Holdout(train=data, histories=histories, targets=data.courses[rows[chosen]])
    return cases_of(newer, data.n_courses, rng)


def fight(
    candidate: Recommender,
    champion: Abroad,
    data: Interactions,
    *,
    after: float,
    rng: np.random.Generator,
) -> Duel | None:
    """Compare both on choices later than `after` (in the data's time); None without any."""
    cases = _newer_choices(data, after=after, rng=rng)
    if not cases:
        return None
    differences = []
    for start in range(0, len(cases), LEARNERS_AT_ONCE):
        batch = cases[start : start + LEARNERS_AT_ONCE]
        histories = [case.history for case in batch]
        ours = _gains(candidate.score_many(histories), batch)
        differences.append(ours - _gains(champion.score_many(histories), batch))
    difference = np.concatenate(differences)
    error = float(difference.std() / np.sqrt(len(difference)))
    return Duel(len(difference), float(difference.mean()), error)
