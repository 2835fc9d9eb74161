"""Does a candidate beat the live model where neither has an advantage? (L3)

The live model was fitted on everything up to its training, the held-out choices of today's trial
among it, so only choices made since then are a fair ground.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import FloatArray, History, Interactions, Recommender
from personalize.algorithms.evaluate import Case
from personalize.algorithms.holdout import Holdout, is_choice
from personalize.engine.gains import error_of, gains_of
from personalize.engine.gates.context import Duel
from personalize.engine.trial import LEARNERS, cases_of


@dataclass(frozen=True, slots=True)
class Abroad:
    """A model that scores courses numbered as another model's; courses it lacks rank last."""

    model: Recommender
    own: NDArray[np.int32]  # the model's number of each course, -1 where it lacks it

    def score_many(self, histories: Sequence[History]) -> FloatArray:
        """Return (histories, courses) in the other numbering."""
        translated = [History(self.own[h.courses], h.weights) for h in histories]
        known = self.own >= 0
        scores = np.full((len(histories), len(self.own)), -np.inf, np.float32)
        scores[:, known] = self.model.score_many(translated)[:, self.own[known]]
        return scores


def _newer_choices(data: Interactions, *, after: float, rng: np.random.Generator) -> list[Case]:
    """Return the first choice after a moment of learners who had chosen before it."""
    later = np.flatnonzero((data.times > after) & is_choice(data))
    who, first = np.unique(data.learners[later], return_index=True)
    starts, rows = data.starts()[who], later[first]
    chosen = rng.permutation(np.flatnonzero(rows > starts))[:LEARNERS]
    histories = [
        History(data.courses[start:row], data.weights[start:row])
        for start, row in zip(starts[chosen].tolist(), rows[chosen].tolist(), strict=True)
    ]
    newer = Holdout(data, histories, targets=data.courses[rows[chosen]], learners=who[chosen])
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
    difference = gains_of(candidate, cases) - gains_of(champion, cases)
    return Duel(
        learners=len(difference),
        difference=float(difference.mean()),
        error=error_of(difference, learners=len(difference)),
    )
