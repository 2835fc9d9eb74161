"""How often is a canary stopped that is as good, and one that is worse? Looked at all the time."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from personalize.engine.guards.context import ALPHA, Group, Watched
from personalize.engine.guards.registry import hold_all
from personalize.engine.watching import SHARES

LISTS = 3  # a learner
LOOKS = 12
USUAL = {"slow": 0.03, "fallback": 0.01, "empty": 0.01, "refused": 0.04, "clicked": 0.12}

Shares = dict[str, NDArray[np.float64]]


def world(rng: np.random.Generator, learners: int, **chances: float) -> Shares:
    """Draw the share of each learner's lists that had something, for each guardrail."""
    chance = USUAL | chances
    return {share: rng.binomial(LISTS, chance[share], learners) / LISTS for share in SHARES}


def group(shares: Shares, learners: int) -> Group:
    sums = {
        share: (learners, float(seen.sum()), float((seen**2).sum()))
        for share, values in shares.items()
        for seen in [values[:learners]]
    }
    return Group(learners, LISTS * learners, sums)


def looks(canary: Shares, others: Shares) -> Iterator[Watched]:
    """Look again and again while learners come."""
    for step in range(1, LOOKS + 1):
        seen, base = (len(one["slow"]) * step // LOOKS for one in (canary, others))
        yield Watched(
            canary=group(canary, seen),
            live=group(others, base),
            by_canary=LISTS * seen,
            instead=0,
            p95={"canary": 20.0, "live": 20.0},
            limit_ms=35.0,
            against_will=0,
        )


def stopped(rng: np.random.Generator, runs: int, **worse: float) -> int:
    """Return how many of so many canaries some guardrail stops at some look."""
    return sum(
        any(
            not reading.holds
            for watched in looks(world(rng, 600, **worse), world(rng, 5_400))
            for reading in hold_all(watched)
        )
        for _ in range(runs)
    )


def test_a_canary_that_is_as_good_is_hardly_ever_stopped() -> None:
    runs = 100
    false_stops = stopped(np.random.default_rng(7), runs)
    assert false_stops <= 3 * ALPHA * runs


@pytest.mark.parametrize(
    ("share", "worse"),
    [("slow", 0.12), ("fallback", 0.08), ("empty", 0.08), ("refused", 0.12), ("clicked", 0.04)],
)
def test_one_that_is_clearly_worse_is_stopped(share: str, worse: float) -> None:
    assert stopped(np.random.default_rng(7), 10, **{share: worse}) >= 9
