import numpy as np
import pytest
import statsmodels.api as sm

from experiments.stats import clusters, confidence_sequences, winsor
from experiments.stats.clusters import Clusters, grouped
from experiments.stats.contrasts import absolute
from experiments.stats.means import Sample, two_sided


def classes(rng: np.random.Generator, number: int) -> tuple[Clusters, list[float], list[int]]:
    """Classes of 5 to 30 learners, and the learners they come from."""
    sizes = rng.integers(5, 31, number)
    ids = np.repeat(np.arange(number), sizes)
    values = rng.normal(size=number)[ids] * 0.5 + rng.normal(size=len(ids))
    return grouped(values, ids), values.tolist(), ids.tolist()


def test_the_error_of_the_mean_over_learners_is_the_cluster_robust_one_of_statsmodels() -> None:
    rng = np.random.default_rng(1)
    (control, y0, ids0), (variant, y1, ids1) = classes(rng, 60), classes(rng, 60)
    found = absolute(control.learners, variant.learners)
    arm = np.repeat([0.0, 1.0], [len(y0), len(y1)])
    groups = np.array(ids0 + [number + 60 for number in ids1])
    fit = sm.OLS(np.array(y0 + y1), sm.add_constant(arm)).fit(
        cov_type="cluster", cov_kwds={"groups": groups}
    )
    assert found.estimate == pytest.approx(fit.params[1])
    assert float(found.error) == pytest.approx(fit.bse[1], rel=0.01)  # small-sample factors differ


def test_the_intraclass_correlation_is_found_whatever_the_arms_differ_by() -> None:
    rng = np.random.default_rng(2)
    control, _, _ = classes(rng, 800)
    ids = np.repeat(np.arange(800), 12)
    shifted = grouped(10 + rng.normal(size=800)[ids] * 0.5 + rng.normal(size=len(ids)), ids)
    assert clusters.icc([control, shifted]) == pytest.approx(0.2, abs=0.03)


def test_the_power_for_classes_is_met_by_simulation() -> None:
    rng = np.random.default_rng(3)
    means = rng.normal(size=(2, 4_000, 40)) * np.sqrt(
        clusters.design_effect(size=20, correlation=0.1) / 20
    )
    means[1] += 0.2
    control, variant = (Sample(40, arm.sum(1), (arm**2).sum(1)) for arm in means)
    found = two_sided(absolute(control, variant), alpha=0.05)
    called = (np.asarray(found.p_value) < 0.05) & (np.asarray(found.difference) > 0)
    promised = clusters.power(
        classes_per_arm=40, size=20, effect=0.2, sd=1, correlation=0.1, alpha=0.05
    )
    assert called.mean() == pytest.approx(promised, abs=0.025)


def test_a_confidence_sequence_watched_at_every_learner_is_hardly_ever_wrong() -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(size=(2, 400, 2_000))
    n = np.arange(50, 2_000, 25)
    totals, squares = values.cumsum(-1)[..., n - 1], (values**2).cumsum(-1)[..., n - 1]
    control, variant = (Sample(n.astype(np.float64), totals[arm], squares[arm]) for arm in (0, 1))
    now = confidence_sequences.always_valid(absolute(control, variant), alpha=0.05)
    wrong = (np.asarray(now.low) > 0) | (np.asarray(now.high) < 0)
    assert wrong.any(-1).mean() <= 0.06


def test_a_cap_is_met_by_its_share_of_all_learners_and_lowers_the_rest() -> None:
    values = np.arange(1, 101)
    assert winsor.cap(values, share=0.99) == 99
    assert winsor.winsorised(values, at=50).max() == 50
    assert winsor.winsorised(values, at=50)[:50].tolist() == values[:50].tolist()
    with pytest.raises(ValueError, match="at least one"):
        winsor.cap([], share=0.99)
