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

from experiments.data import Drafted, Team

BOTH, CONTROL, VARIANT = Team
EXACT_MOST = 5_000  # learners up to which a size is computed exactly
TEETH = 100  # learners beyond twice a rough size, so that the teeth of the power are seen


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
        rounds = (VARIANT, CONTROL) if rng.integers(2) else (CONTROL, VARIANT)
        for team in rounds:
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


def voters_needed(*, lead: float, alpha: float, power: float) -> int:
    """Return how many learners who prefer one the exact sign test needs.

    lead is how much more than half of them prefer the better one, relative: at .1 it is 55% to
    45%. The power of an exact test goes up in teeth, so it has to hold from that number on. By the
    normal approximation where that is beyond EXACT_MOST.
    """
    share = min(0.5 * (1 + lead), 1.0)
    z = stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power) * 2 * np.sqrt(share * (1 - share))
    guess = int(np.ceil((z / lead) ** 2))
    if guess > EXACT_MOST:
        return guess
    n = np.arange(1, 2 * guess + TEETH)
    most = stats.binom.isf(alpha / 2, n, 0.5)  # more wins than this are called better
    found = stats.binom.sf(most, n, share) >= power
    return int(n[np.flatnonzero(~found)[-1]] + 1) if not found.all() else 1


def lead_visible(*, voters: int, critical: float, power: float) -> float:
    """Return the smallest lead that so many learners who prefer one show, by the normal curve."""
    return min(1.0, (critical + float(stats.norm.ppf(power))) / float(np.sqrt(voters)))
