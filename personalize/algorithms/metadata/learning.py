"""From which score on is a proposal shown? (L3, pure) What people accepted and rejected moves it.

Of all that was decided with at least a score, at least WANTED should have been accepted; one
acceptance and one rejection are counted beside, so that few decisions move little.
"""

from collections.abc import Sequence

WANTED = 0.5
STEP = 0.05
HIGHEST = 0.95


def threshold(decided: Sequence[tuple[float, bool]], *, begin: float) -> float:
    """Return the least score that is shown; `decided` is (score, accepted) of one kind."""
    steps = [begin, *_steps_above(begin)]
    for least in steps:
        above = [accepted for score, accepted in decided if score >= least]
        if (sum(above) + 1) / (len(above) + 2) >= WANTED:
            return least
    return steps[-1]


def _steps_above(begin: float) -> list[float]:
    first = int(begin / STEP) + 1
    return [round(n * STEP, 2) for n in range(first, round(HIGHEST / STEP) + 1) if n * STEP > begin]
