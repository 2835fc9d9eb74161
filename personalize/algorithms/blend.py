"""What do several models say together? Non-negative weights, exactly additive (L3, pure).

Each member's scores are divided by their length (the L2 norm over all courses, one number per
member and learner) and summed with weights tuned on HR@10 and NDCG@10 over kept-back newest
courses. Since every step multiplies a member's parts by one number, the parts still sum to the
score.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import (
    Arrays,
    FloatArray,
    History,
    IndexArray,
    Interactions,
    PartsOf,
    Recommender,
)
from personalize.algorithms.fitting import fit_all
from personalize.algorithms.holdout import Holdout, affordable, hold_outs
from personalize.algorithms.registry import algorithm
from personalize.algorithms.tuning import Pools, pool, settle

MEMBERS = (
    "transitions",
    "item_knn",
    "graph_filter",
    "session_knn",
    "choice",
    "content",
    "als",
    "ease",
    "popularity",
)
TUNE_LEARNERS = 10_000
"""So many that a mixture which finds .005 more is told from luck."""
LEARNERS_AT_ONCE = 500
PLAIN = "item_knn"
"""The member that serves alone where nothing finds clearly more: no model may be below it."""
POPULARITY_FLOOR = 0.0001
"""Least weight of popularity: it orders courses for an empty history and breaks ties.

So little that beside a single member it changes nothing else.
"""


class Blend(Recommender):
    """Weighted sum of other recommenders.

    ``members`` are names of the registry, ``member_params`` their parameters where they differ
    from the defaults, ``weights`` fixes the weights instead of tuning them.
    """

    name: ClassVar[str] = "blend"

    members_: dict[str, Recommender]
    weights_: dict[str, float]
    skipped_: dict[str, str]
    tuned_on_: tuple[list[str], Pools] | None

    def __init__(
        self,
        *,
        members: Sequence[str] = MEMBERS,
        member_params: Mapping[str, Mapping[str, Any]] | None = None,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        self.members = list(members)
        self.member_params = {k: dict(v) for k, v in (member_params or {}).items()}
        self.weights = None if weights is None else dict(weights)

    def fit(
        self,
        data: Interactions,
        *,
        rng: np.random.Generator,
        fitted: Mapping[str, Recommender] | None = None,
        keep_pools: bool = False,
    ) -> Self:
        """Tune the weights on kept-back rows, then fit the members on all rows.

        ``fitted`` hands over members already fitted on the same data; their configuration is
        refitted without the kept-back rows for the tuning, and they serve as they are.
        ``keep_pools`` keeps what the weights were tuned on for `weights_without`.
        """
        self.n_courses_ = data.n_courses
        self.tuned_on_ = None
        self.skipped_ = {}
        ready = dict(fitted or {})
        params = self.member_params | {
            k: ready[k].refit_params() for k in self.members if k in ready
        }
        weights = self.weights
        if weights is None:
            asked = affordable(TUNE_LEARNERS, data.n_courses)
            pools: list[Pools] = []
            for holdout in hold_outs(data, learners=asked, rng=rng):
                trial = self._fit_members(holdout.train, params, rng)
                params |= {name: model.refit_params() for name, model in trial.items()}
                pools += pools_of(trial, holdout, rng)
            weights = self._tune(pools)
            if not keep_pools:
                self.tuned_on_ = None
        kept = [name for name in self.members if weights.get(name, 0.0) > 0]
        ready |= self._fit_members(data, params, rng, [n for n in kept if n not in ready])
        self._keep(ready, weights)
        return self

    def mix(self, fitted: Mapping[str, Recommender], pools: Sequence[Pools]) -> Self:
        """Tune the weights of members fitted elsewhere on courses that they have not seen."""
        self.n_courses_ = next(iter(fitted.values())).n_courses_
        self.skipped_ = {}
        self._keep(fitted, self._tune(pools))
        self.tuned_on_ = None
        return self

    def _keep(self, fitted: Mapping[str, Recommender], weights: Mapping[str, float]) -> None:
        kept = [name for name in self.members if weights.get(name, 0.0) > 0]
        self.members_ = {name: fitted[name] for name in kept if name in fitted}
        self.weights_ = {name: float(weights[name]) for name in self.members_}

    def _fit_members(
        self,
        data: Interactions,
        params: Mapping[str, Mapping[str, Any]],
        rng: np.random.Generator,
        names: Sequence[str] | None = None,
    ) -> dict[str, Recommender]:
        """The members, without those whose memory bound the data exceeds."""
        wanted = self.members if names is None else names
        fitted = fit_all({name: params.get(name, {}) for name in wanted}, data, rng=rng)
        self.skipped_ |= fitted.skipped
        return fitted.models

    def _tune(self, pools: Sequence[Pools]) -> dict[str, float]:
        names = [name for name in self.members if name not in self.skipped_]
        if not pools:
            return dict.fromkeys(names, 1.0 / max(len(names), 1))
        self.tuned_on_ = names, Pools.join(pools)
        return _settled(*self.tuned_on_)

    def weights_without(self, name: str) -> dict[str, float]:
        """The weights tuned again on the same rows without one member, for an ablation."""
        if self.tuned_on_ is None:
            raise ValueError("Fit with keep_pools=True: weights were fixed, or not kept to tune on")
        names, pools = self.tuned_on_
        rest = [other for other in names if other != name]
        return _settled(rest, pools.without(names.index(name)))

    def score(self, history: History) -> FloatArray:
        return self.score_with_parts(history)[0]

    def score_with_parts(self, history: History) -> tuple[FloatArray, PartsOf]:
        total = np.zeros(self.n_courses_, dtype=np.float32)
        members: list[tuple[float, PartsOf]] = []
        for name, model in self.members_.items():
            scores, parts_of = model.score_with_parts(history)
            factor = self.weights_[name] / _length(scores)
            members.append((factor, parts_of))
            total += scores * np.float32(factor)
        return total, partial(_sum_of_parts, len(history.courses), members)

    def score_many(self, histories: Sequence[History]) -> FloatArray:
        total = np.zeros((len(histories), self.n_courses_), dtype=np.float32)
        for name, model in self.members_.items():
            total += _unit(model.score_many(histories)) * np.float32(self.weights_[name])
        return total

    def contributions(
        self, history: History, courses: IndexArray
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.score_with_parts(history)[1](courses)

    def refit_params(self) -> dict[str, Any]:
        fitted = {name: model.refit_params() for name, model in self.members_.items()}
        return self.params() | {"member_params": self.member_params | fitted}

    def arrays(self) -> Arrays:
        weights = [self.weights_.get(name, 0.0) for name in self.members]
        found: Arrays = {"weights": np.array(weights), "n_courses": np.array([self.n_courses_])}
        for name, model in self.members_.items():
            found |= {f"{name}.{key}": array for key, array in model.arrays().items()}
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], params: Mapping[str, Any]) -> Self:
        model = cls(**params)
        model.n_courses_ = int(arrays["n_courses"][0])
        weights = dict(zip(model.members, arrays["weights"].tolist(), strict=True))
        model.weights_ = {name: weight for name, weight in weights.items() if weight > 0}
        model.skipped_ = {}
        model.members_ = {}
        for name in model.weights_:
            prefix = f"{name}."
            own = {k.removeprefix(prefix): a for k, a in arrays.items() if k.startswith(prefix)}
            own_params = model.member_params.get(name, {})
            model.members_[name] = algorithm(name).from_arrays(own, own_params)
        return model


def pools_of(
    models: Mapping[str, Recommender], holdout: Holdout, rng: np.random.Generator
) -> list[Pools]:
    """What is tuned on: the members' scores of the likely courses, some learners at a time."""
    pools = []
    for start in range(0, len(holdout.targets), LEARNERS_AT_ONCE):
        at = slice(start, start + LEARNERS_AT_ONCE)
        histories = holdout.histories[at]
        scores = np.stack([_unit(m.score_many(histories)) for m in models.values()])
        pools.append(pool(scores, holdout, at, rng))
    return pools


def _settled(names: list[str], pools: Pools) -> dict[str, float]:
    plain = names.index(PLAIN) if PLAIN in names else None
    weights = dict(zip(names, settle(pools, plain=plain).tolist(), strict=True))
    if "popularity" in weights:
        weights["popularity"] = max(weights["popularity"], POPULARITY_FLOOR)
    return weights


def _length(scores: FloatArray) -> float:
    """The L2 norm; 1 where a member knows nothing, which then adds nothing."""
    return float(np.sqrt(np.dot(scores, scores))) or 1.0


def _unit(scores: FloatArray) -> FloatArray:
    """Each learner's scores divided by their length."""
    lengths = np.sqrt(np.einsum("ij,ij->i", scores, scores))
    return scores / np.where(lengths > 0, lengths, 1.0).astype(np.float32)[:, None]


def _sum_of_parts(
    past: int, members: Sequence[tuple[float, PartsOf]], courses: IndexArray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    base, parts = np.zeros(len(courses)), np.zeros((past, len(courses)))
    for factor, parts_of in members:
        own_base, own_parts = parts_of(courses)
        base += own_base * factor
        parts += own_parts * factor
    return base, parts
