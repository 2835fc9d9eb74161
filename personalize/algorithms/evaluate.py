"""How well does a model find the courses that were taken next? Ranking metrics (L3, pure).

Ties rank against us: a course that scores the same as the one to be found stands above it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import FloatArray, History, IndexArray, Recommender
from personalize.algorithms.holdout import Holdout

CUTOFFS = (1, 5, 10, 20)
SHOWN = 10
"""Length of the list whose coverage of the catalogue is reported."""
CELLS_AT_ONCE = 20_000_000
"""Scores held in memory at once: 80 MB of float32."""


@dataclass(frozen=True, slots=True)
class Case:
    """One list to be ranked: the targets among the negatives, or among all unseen courses."""

    history: History
    targets: IndexArray
    negatives: IndexArray | None = None


def sample_negatives(
    taken: NDArray[np.integer], n_courses: int, count: int, rng: np.random.Generator
) -> IndexArray:
    """``count`` courses the learner did not take, uniform without replacement."""
    free = np.ones(n_courses, dtype=bool)
    free[taken] = False
    untaken = np.flatnonzero(free).astype(np.int32)
    return rng.choice(untaken, min(count, len(untaken)), replace=False, shuffle=False)


def target_ranks(target_scores: FloatArray, other_scores: FloatArray) -> NDArray[np.int64]:
    """Ranks from 0 of the targets, best first; every other course with the same score is above."""
    best_first = -np.sort(-target_scores)
    ascending = np.sort(other_scores)
    above = len(ascending) - np.searchsorted(ascending, best_first, side="left")
    return (above + np.arange(len(best_first))).astype(np.int64)


def metrics_of(ranks: Sequence[NDArray[np.int64]]) -> dict[str, float]:
    """Mean over the cases of hr, recall, ndcg at the cut-offs, and mrr."""
    found: dict[str, float] = {}
    if not ranks:
        return found
    sizes = np.array([len(r) for r in ranks])
    flat = np.concatenate(ranks)
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    for k in CUTOFFS:
        hits = np.add.reduceat((flat < k).astype(float), first)
        gains = np.add.reduceat(np.where(flat < k, 1.0 / np.log2(flat + 2.0), 0.0), first)
        ideal = np.cumsum(1.0 / np.log2(np.arange(k) + 2.0))[np.minimum(sizes, k) - 1]
        found[f"hr@{k}"] = float(np.mean(hits > 0))
        found[f"recall@{k}"] = float(np.mean(hits / sizes))
        found[f"ndcg@{k}"] = float(np.mean(gains / ideal))
    found["mrr"] = float(np.mean(1.0 / (flat[first] + 1)))
    return found


def evaluate(model: Recommender, cases: Sequence[Case]) -> dict[str, float]:
    """Metrics of a fitted model over the cases.

    Where cases bring negatives, the same metrics over all unseen courses follow with the prefix
    ``all_``. coverage@10 is the share of the catalogue in any learner's ten best unseen courses.
    """
    own: list[NDArray[np.int64]] = []
    overall: list[NDArray[np.int64]] = []
    shown = np.zeros(model.n_courses_, dtype=bool)
    for case, scores in _scored(model, cases, [case.history for case in cases]):
        everything = _ranks_among_all(scores, case)
        overall.append(everything)
        shown[_best(scores)] = True
        if case.negatives is not None:
            own.append(target_ranks(scores[case.targets], scores[case.negatives]))
    found = metrics_of(own or overall)
    if own:
        found |= {f"all_{key}": value for key, value in metrics_of(overall).items()}
    return found | {f"coverage@{SHOWN}": float(shown.mean())}


def ranks_among_all(
    model: Recommender, cases: Sequence[Case], told: Sequence[History]
) -> list[NDArray[np.int64]]:
    """Ranks of the targets among all untaken courses, where the model is told these histories."""
    return [_ranks_among_all(scores, case) for case, scores in _scored(model, cases, told)]


def ndcg_at(scores: FloatArray, holdout: Holdout, k: int) -> float:
    """NDCG@k of one target a learner among all courses outside the history."""
    total = 0.0
    for row, history, target in zip(scores, holdout.histories, holdout.targets, strict=True):
        rank = int(np.count_nonzero(row >= row[target])) - 1
        taken = history.courses[history.courses != target]
        rank -= int(np.count_nonzero(row[taken] >= row[target]))
        total += 1.0 / np.log2(rank + 2) if rank < k else 0.0
    return total / max(len(holdout.targets), 1)


def _scored(
    model: Recommender, cases: Sequence[Case], told: Sequence[History]
) -> Iterator[tuple[Case, FloatArray]]:
    """Each case with its scores; taken courses and anything not a number rank last."""
    step = max(CELLS_AT_ONCE // max(model.n_courses_, 1), 1)
    for start in range(0, len(cases), step):
        batch = cases[start : start + step]
        scores = model.score_many(told[start : start + step])
        for case, row in zip(batch, scores, strict=True):
            comparable = np.where(np.isnan(row), np.float32(-np.inf), row)
            wanted = comparable[case.targets]
            comparable[case.history.courses] = -np.inf
            comparable[case.targets] = wanted
            yield case, comparable


def _ranks_among_all(scores: FloatArray, case: Case) -> NDArray[np.int64]:
    """As target_ranks, against every course that is no target; one pass, no sort."""
    targets = -np.sort(-scores[case.targets])
    at_least = np.array([np.count_nonzero(scores >= score) for score in targets])
    targets_at_least = np.array([np.count_nonzero(targets >= score) for score in targets])
    ranks: NDArray[np.int64] = at_least - targets_at_least + np.arange(len(targets))
    return ranks


def _best(scores: FloatArray) -> NDArray[np.intp]:
    """The ten best courses that can be shown at all."""
    count = min(SHOWN, len(scores))
    best = np.argpartition(-scores, count - 1)[:count]
    return best[np.isfinite(scores[best])]
