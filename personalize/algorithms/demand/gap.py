"""How large is the gap between what is wanted of a topic and what there is? (L3, pure)

gap = demand x (1 - supply) x certainty, each 0 to 1. Demand is the weighted mean of its sources,
each on a log scale up to its largest topic: the tenth asker says more than the thousandth.
Certainty is the weighted mean of how sure each source's count is, 0 for one that is silent.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """Where demand shows."""

    SEARCHES = "searches"  # learners a week who searched, newer weeks counting more
    IN_VAIN = "in_vain"  # searches a week that found nothing
    FORUM = "forum"  # learners a week who wrote of it in forums
    JOBS = "jobs"  # job posts and occupations that ask for it


# Learners' own words before what employers write; what was not found counts twice: it was searched.
WEIGHTS: Mapping[Part, float] = {
    Part.SEARCHES: 0.35,
    Part.IN_VAIN: 0.25,
    Part.FORUM: 0.15,
    Part.JOBS: 0.25,
}
HALF_LIFE_WEEKS = 6.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap with its factors; each 0 to 1."""

    demand: float
    supply: float
    certainty: float
    levels: Mapping[Part, float]  # of each source, before its weight

    @property
    def score(self) -> float:
        """Return their product."""
        return self.demand * (1 - self.supply) * self.certainty


def weekly(counts: Sequence[tuple[int, float]], *, weeks: int) -> float:
    """Return the count of a usual week: (weeks ago from 0, count) pairs, newer ones count more.

    A week without a count stands as none: what was under ten is not known, and not guessed.
    """
    weights = [math.exp2(-ago / HALF_LIFE_WEEKS) for ago in range(weeks)]
    return sum(weights[ago] * count for ago, count in counts) / sum(weights)


def level(count: float, most: float) -> float:
    """Return where a count lies between none and the largest, on a log scale."""
    return math.log1p(count) / math.log1p(most) if most > 0 else 0.0


def weights_of(parts: Collection[Part]) -> dict[Part, float]:
    """Return the weights of the sources counted, made to add up to 1; empty for none."""
    total = sum(WEIGHTS[part] for part in parts)
    return {part: WEIGHTS[part] / total for part in WEIGHTS if part in parts} if total else {}


def gap(
    levels: Mapping[Part, float],
    sure: Mapping[Part, float],
    *,
    supply: float,
    parts: Collection[Part],
) -> Gap:
    """Return the gap of a topic over the sources counted; a source it is not in counts 0."""
    weights = weights_of(parts)
    return Gap(
        demand=sum(weight * levels.get(part, 0.0) for part, weight in weights.items()),
        supply=supply,
        certainty=sum(weight * sure.get(part, 0.0) for part, weight in weights.items()),
        levels={part: levels.get(part, 0.0) for part in weights},
    )
