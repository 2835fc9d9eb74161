"""What does als cost in this process, and what on Spark, fitted to the same rows?

The last choices of some learners are kept back, so that it is also seen whether both find them. The
processor time is that of everything done between the rows and a model that serves; on Spark that is
the JVM's too, its start and the exchange of files included, and once more without its start.
"""

from os import times
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks import made_history
from personalize.algorithms.als import Als, Configuration
from personalize.algorithms.base import Interactions
from personalize.algorithms.evaluate import Case, evaluate
from personalize.algorithms.holdout import Holdout, hold_out_newest
from personalize.engine.engines import EngineUnusable
from personalize.engine.spark import fit, needs

CONFIGURATION = Configuration(factors=64, regularization=100.0, alpha=30.0)
ROWS = 1_500_000  # at most; what a trial fits on
HELD_OUT = 4_000
MASTER = "local[2]"
FOUND = "recall@20"

Figures = dict[str, float | int | str | None]


def measure(rng: np.random.Generator, *, learners: int, courses: int, pairs: int) -> Figures:
    """Return processor seconds and recall of both; why not, where Spark is not there."""
    mean = pairs / learners
    holdout = hold_out_newest(
        made(rng, learners=max(int(min(pairs, ROWS) / mean), 1), courses=courses, mean=mean),
        learners=HELD_OUT,
        rng=rng,
    )
    local = Als(**CONFIGURATION._asdict())
    begun = _processor_s()
    local.fit(holdout.train, rng=rng)
    figures: Figures = {
        "als_pairs": len(holdout.train.courses),
        "als_cpu_s": round(_processor_s() - begun, 1),
        f"als_{FOUND}": _found(local, holdout),
        "spark_als_cpu_s": None,
    }
    try:
        needs.check(MASTER)
    except EngineUnusable as refusal:
        return figures | {"spark_als": str(refusal)}
    return figures | _on_spark(holdout, iterations=local.iterations)


def _on_spark(holdout: Holdout, *, iterations: int) -> Figures:
    model = Als(**CONFIGURATION._asdict())
    with TemporaryDirectory() as root:
        begun = _processor_s()
        model.configured(holdout.train, np.random.default_rng(1))
        factors, told = fit.factors(
            holdout.train,
            CONFIGURATION,
            iterations=iterations,
            seed=1,
            master=MASTER,
            root=Path(root),
        )
        model.take(factors, CONFIGURATION)
        spent = _processor_s() - begun
    return {
        "spark_als_cpu_s": round(spent, 1),
        "spark_als_started_cpu_s": round(told.processor_s, 1),
        f"spark_als_{FOUND}": _found(model, holdout),
    }


def made(rng: np.random.Generator, *, learners: int, courses: int, mean: float) -> Interactions:
    """Draw rows of a made-up platform, sorted by learner, then time."""
    who, what, days_ago = made_history.draw(rng, learners=learners, courses=courses, mean=mean)
    order = np.lexsort((-days_ago, who))
    return Interactions(
        learners=who[order].astype(np.int32),
        courses=what[order].astype(np.int32),
        times=-days_ago[order],
        weights=np.ones(len(who), np.float32),
        n_learners=learners,
        n_courses=courses,
    )


def _found(model: Als, holdout: Holdout) -> float:
    cases = [
        Case(history, np.array([target], np.int32))
        for history, target in zip(holdout.histories, holdout.targets.tolist(), strict=True)
    ]
    return round(evaluate(model, cases)[FOUND], 4)


def _processor_s() -> float:
    """Return what this process and its children that have ended used."""
    spent = times()
    return sum((spent.user, spent.system, spent.children_user, spent.children_system))
