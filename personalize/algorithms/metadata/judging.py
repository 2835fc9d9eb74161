"""How good are proposed skills, levels, needs and orders? (L3, pure) Figures of what is known."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def micro_f1(
    proposed: Sequence[Collection[str]],
    known: Sequence[Collection[str]],
    *,
    learnt: Collection[str],
) -> dict[str, float]:
    """Return precision, recall and F1 over all courses together, of labels that were learnt."""
    vocabulary = frozenset(learnt)
    pairs = [(set(a), set(b) & vocabulary) for a, b in zip(proposed, known, strict=True)]
    hits = sum(len(a & b) for a, b in pairs)
    said = sum(len(a) for a, _ in pairs)
    wanted = sum(len(b) for _, b in pairs)
    return {
        "skill_precision": hits / said if said else 0.0,
        "skill_recall": hits / wanted if wanted else 0.0,
        "skill_f1": 2 * hits / (said + wanted) if said + wanted else 0.0,
    }


def macro_f1(proposed: Sequence[str], known: Sequence[str]) -> dict[str, float]:
    """Return F1 of each level that occurs, averaged, and the share that is right."""
    said, right = np.array(proposed), np.array(known)
    scores = []
    for level in sorted(set(known) | set(proposed)):
        hits = ((said == level) & (right == level)).sum()
        scores.append(2 * hits / ((said == level).sum() + (right == level).sum()))
    return {
        "level_macro_f1": float(np.mean(scores)),
        "level_accuracy": float((said == right).mean()),
    }


def auc(scores: Floats, right: NDArray[np.bool_]) -> float:
    """Return how often a pair that is one scores above one that is not; a tie counts half.

    Raises ValueError unless there are both.
    """
    above, below = scores[right], np.sort(scores[~right])
    if not len(above) or not len(below):
        raise ValueError("All pairs are of one kind: nothing can be told apart.")
    under = np.searchsorted(below, above, "left") + np.searchsorted(below, above, "right")
    return float(under.mean() / 2 / len(below))


def directed(forth: Floats, back: Floats) -> float:
    """Return how often a pair scores above itself turned round; a tie counts half."""
    return float(((forth > back) + 0.5 * (forth == back)).mean())


def adjacent(earliness: Sequence[Floats]) -> tuple[float, int]:
    """Return the share of neighbours whose order is right, and how many there are.

    `earliness` holds one array for each programme, its courses in their true order.
    """
    steps = np.concatenate([values[:-1] - values[1:] for values in earliness])
    return float(((steps > 0) + 0.5 * (steps == 0)).mean()), len(steps)
