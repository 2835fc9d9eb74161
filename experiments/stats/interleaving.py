"""Which of two rankers do learners prefer, when both fill one list? Team draft (pure).

Radlinski, Kurup and Joachims 2008: captains take turns, a coin says who picks first in each round,
and whoever picks takes the best of their own list that is still there. Every learner compares both
rankers, so how learners differ does not blur it, and far fewer are needed than with two arms. What
both lists begin with alike belongs to neither: it could only add noise.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

BOTH, CONTROL, VARIANT = 0, 1, 2  # whose an item is; written into logs, never renumbered


@dataclass(frozen=True, slots=True)
class Drafted:
    """One list of two rankers; `teams` says whose each item is."""

    items: tuple[int, ...]
    teams: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Preference:
    """What learners preferred, one vote each, ties counted by half."""

    learners: int
    wins: int  # the variant's items got more credit
    losses: int
    ties: int
    share: float  # (wins + ties / 2) / learners: .5 where neither is preferred
    low: float
    high: float
    p_value: float  # exact sign test over the learners who preferred one

    @property
    def reading(self) -> str:
        """Return better, worse or not clear: where test and interval agree."""
        if self.low > 0.5:
            return "better"
        return "worse" if self.high < 0.5 else "not clear"


def draft(
    control: Sequence[int], variant: Sequence[int], *, k: int, rng: np.random.Generator
) -> Drafted:
    """Return k items of two lists (best first, no item twice in one list) and whose each is.

    Shorter where both lists together are; a ranker that has nothing left leaves the rest to the
    other one.
    """
    shared = _shared(control, variant)[:k]
    items = list(shared)
    teams = [BOTH] * len(shared)
    taken = set(items)
    waiting = {
        CONTROL: iter(control[len(shared) :]),
        VARIANT: iter(variant[len(shared) :]),
    }
    while len(items) < k:
        before = len(items)
        first = VARIANT if rng.integers(2) else CONTROL
        for team in (first, CONTROL + VARIANT - first):
            item = next((each for each in waiting[team] if each not in taken), None)
            if item is not None and len(items) < k:
                items.append(item)
                teams.append(team)
                taken.add(item)
        if len(items) == before:
            break
    return Drafted(tuple(items), tuple(teams))


def _shared(control: Sequence[int], variant: Sequence[int]) -> list[int]:
    shared: list[int] = []
    for one, other in zip(control, variant, strict=False):
        if one != other:
            break
        shared.append(one)
    return shared


def votes(credits: Iterable[tuple[float, float]]) -> tuple[int, int, int]:
    """Return (wins, losses, ties) of the variant from each learner's (control, variant) credit."""
    signs = [int(np.sign(variant - control)) for control, variant in credits]
    return signs.count(1), signs.count(-1), signs.count(0)


def preference(wins: int, losses: int, ties: int, *, alpha: float) -> Preference:
    """Return what the votes of learners say, with a 1 - alpha interval of the variant's share.

    The interval is exact (Clopper and Pearson) over those who preferred one, and shrunk towards
    one half by the ties, so it excludes one half where the sign test does. At least one learner.
    """
    learners, decided = wins + losses + ties, wins + losses
    share = (wins + ties / 2) / learners
    if not decided:
        return Preference(learners, wins, losses, ties, share, 0.0, 1.0, 1.0)
    test = stats.binomtest(wins, decided)
    bounds = test.proportion_ci(1 - alpha, method="exact")
    low, high = (float((end * decided + ties / 2) / learners) for end in bounds)
    return Preference(learners, wins, losses, ties, share, low, high, float(test.pvalue))
