"""How good would today's configuration be? (L3) Fit without the newest choices, then find them.

Every single model and their blend are measured on the same held-out choices, against the same
sampled courses. The weights are tuned on the newest choices of other learners, so that the members
are fitted once; where those are few, on earlier choices, inside the blend's own fit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from personalize.algorithms.base import Interactions, Recommender
from personalize.algorithms.blend import Blend, pools_of
from personalize.algorithms.evaluate import Case, evaluate, sample_negatives
from personalize.algorithms.fitting import fit_all
from personalize.algorithms.holdout import (
    FEW,
    Holdout,
    affordable,
    hold_out_newest,
    some_learners,
)
from personalize.algorithms.popularity import Popularity
from personalize.engine.assess import Sample, sample
from personalize.engine.configuration import Configuration
from personalize.engine.engines import LOCAL, Engine
from personalize.engine.gains import error_of, gains_of

LEARNERS = 20_000  # at most; half of them measure: the standard error of a hit rate is then .004
CELLS = 70_000_000  # learners times courses: of a large catalogue fewer learners are ranked
ROWS = 1_500_000  # fitted on, of learners drawn at random; enough to tell configurations apart
NEGATIVES = 100
PAIRED = 2_000  # of them, for the standard error of differences


@dataclass(frozen=True, slots=True)
class Trial:
    """A configuration fitted without the newest choices, and what it reached on them."""

    blend: Blend
    singles: Mapping[str, Recommender]
    skipped: Mapping[str, str]  # algorithm -> why it could not be fitted
    metrics: dict[str, dict[str, float]]
    errors: dict[str, float]  # of the blend's NDCG@10 minus each single model's
    heldout: int
    seen_until: float  # time of the newest choice that was fitted on
    sample: Sample  # what lists some of the held-out learners would get
    engine: Engine = LOCAL  # that fitted the members, and fits them again on everything


def cases_of(holdout: Holdout, n_courses: int, rng: np.random.Generator) -> list[Case]:
    """Return one case a learner: the course taken next among courses not taken."""
    return [
        Case(
            history=history,
            targets=np.array([target], np.int32),
            negatives=sample_negatives(
                np.append(history.courses, target), n_courses, NEGATIVES, rng
            ),
        )
        for history, target in zip(holdout.histories, holdout.targets.tolist(), strict=True)
    ]


def _errors(
    blend: Blend, singles: Mapping[str, Recommender], cases: list[Case]
) -> dict[str, float]:
    """Return the standard errors over all cases, with the spread seen in PAIRED of them."""
    sample = cases[:PAIRED]
    ours = gains_of(blend, sample)
    return {
        name: error_of(ours - gains_of(model, sample), learners=len(cases))
        for name, model in singles.items()
    }


def run(
    data: Interactions,
    configuration: Configuration,
    *,
    rng: np.random.Generator,
    engine: Engine = LOCAL,
) -> Trial | None:
    """Fit, tune and measure; nothing of the choices measured on reaches fit or tuning.

    None where the newest choices are all of learners without an earlier one.
    """
    asked = affordable(LEARNERS, data.n_courses, cells=CELLS)
    newest = hold_out_newest(data, learners=asked, rng=rng)
    if not len(newest.targets):
        return None
    train = some_learners(newest.train, ROWS, rng)
    wanted = {name: configuration.parameters[name] for name in configuration.members}
    fitted = fit_all(wanted, train, rng=rng, fit=engine.fit)
    singles = fitted.models
    blend = Blend(members=tuple(singles), **configuration.parameters[Blend.name])
    if len(newest.targets) >= 2 * FEW:
        pools = pools_of(singles, newest.of(slice(1, None, 2)), rng)
        blend, unseen = blend.mix(singles, pools), newest.of(slice(0, None, 2))
    else:
        blend, unseen = blend.fit(train, rng=rng, fitted=singles), newest
    cases = cases_of(unseen, data.n_courses, rng)
    models: dict[str, Recommender] = {**singles, Blend.name: blend}
    metrics = {name: evaluate(model, cases) for name, model in models.items()}
    popular = Popularity().fit(newest.train, rng=rng)
    seen_until = float(newest.train.times.max(initial=-np.inf))
    return Trial(
        blend=blend,
        singles=singles,
        skipped=fitted.skipped,
        metrics=metrics,
        errors=_errors(blend, singles, cases),
        heldout=len(cases),
        seen_until=seen_until,
        sample=sample(blend, popular, cases, unseen.learners, newest.train),
        engine=engine,
    )


def refit(trial: Trial, data: Interactions, *, rng: np.random.Generator) -> Blend:
    """Fit the trial's configuration and weights on everything, without searching again."""
    params = trial.blend.refit_params() | {"weights": trial.blend.weights_}
    given = params["member_params"]
    fitted = {
        name: trial.engine.fit(name, given[name], data, rng)
        for name in trial.engine.elsewhere
        if name in trial.blend.weights_
    }
    return Blend(**params).fit(data, rng=rng, fitted=fitted)
