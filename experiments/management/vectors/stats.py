"""Does our mathematics agree with R, gbstats and tea-tasting? Runs their public cases.

One short function for each function of the file: it hands the case's input to the functions the
product itself uses. No database.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.management.vectors.report import Report, difference
from experiments.stats import (
    adjusted_ratio,
    bayes,
    clusters,
    confidence_sequences,
    cuped,
    means,
    multiplicity,
    noninferiority,
    power,
    proportion_power,
    proportions,
    ratio,
    srm,
)
from experiments.stats.contrasts import Contrast, Estimated, absolute, log_ratio, relative
from experiments.stats.means import Difference, Sample

Given = dict[str, Any]
Found = Mapping[str, Any]
Compare = Callable[[Estimated, Estimated], Contrast]


def run(path: Path) -> Report:
    """Run a file of cases."""
    report = Report()
    for case in json.loads(path.read_text(encoding="utf-8")):
        compute = BY_FUNCTION.get(case["fn"])
        if compute is None:
            reason = "there is no such function"
        else:
            found = compute(case["input"])
            reason = difference(found, case["expected"], within=case["tolerance"])
        report.add(case["fn"], case["id"], reason=reason)
    return report


def _sample(arm: Given) -> Sample:
    return Sample(arm["n"], arm["sum"], arm["sum_sq"] if "sum_sq" in arm else arm["sum_squares"])


def _means(given: Given) -> tuple[Estimated, Estimated]:
    return _sample(given["control"]), _sample(given["treatment"])


def _shares(given: Given) -> tuple[Estimated, Estimated]:
    control, variant = (
        proportions.Proportion(arm["n"], arm["sum"])
        for arm in (given["control"], given["treatment"])
    )
    return control, variant


def _paired(arm: Given) -> cuped.Paired:
    return cuped.Paired(_sample(arm["post"]), _sample(arm["pre"]), arm["post_pre_sum_of_products"])


def _cuped(given: Given) -> Contrast:
    return cuped.relative_effect(
        cuped.adjust(_paired(given["control"]), _paired(given["treatment"]))
    )


def _paired_ratio(arm: Given) -> adjusted_ratio.PairedRatio:
    pairs = [arm[name] for name in ("num_post", "den_post", "num_pre", "den_pre")]
    products = np.diag([squares for _, squares in pairs])
    for name, row, column in (
        ("mpost_dpost", 0, 1),
        ("mpost_mpre", 0, 2),
        ("mpost_dpre", 0, 3),
        ("mpre_dpost", 1, 2),
        ("dpost_dpre", 1, 3),
        ("mpre_dpre", 2, 3),
    ):
        products[row, column] = products[column, row] = arm[name]
    totals = np.array([total for total, _ in pairs])
    return adjusted_ratio.PairedRatio(arm["n"], totals, products)


def _ratio_cuped(given: Given) -> tuple[Estimated, Estimated]:
    adjustment = adjusted_ratio.adjust(
        _paired_ratio(given["control"]), _paired_ratio(given["treatment"])
    )
    return adjustment.control, adjustment.variant


def _two_sided(found: Difference) -> Found:
    interval = (found.low, found.high)
    return {
        "estimate": found.difference,
        "diff": found.difference,
        "se": found.standard_error,
        "t": found.difference / found.standard_error,
        "df": found.degrees,
        "p_value": found.p_value,
        "ci": interval,
        "ci95": interval,
    }


def _welch(
    arms: Callable[[Given], tuple[Estimated, Estimated]], compare: Compare
) -> Callable[[Given], Found]:
    def compute(given: Given) -> Found:
        found = compare(*arms(given))
        return _two_sided(means.two_sided(found, alpha=given.get("alpha", 0.05)))

    return compute


def _greater(compare: Compare) -> Callable[[Given], Found]:
    def compute(given: Given) -> Found:
        found = compare(*_means(given))
        test = noninferiority.above(found, alpha=given["alpha"])
        return {"estimate": found.estimate, "lower": test.bound, "p_value": test.p_value}

    return compute


def _less(compare: Compare) -> Callable[[Given], Found]:
    def compute(given: Given) -> Found:
        found = compare(*_means(given))
        test = noninferiority.below(found, alpha=given["alpha"])
        return {"estimate": found.estimate, "upper": test.bound, "p_value": test.p_value}

    return compute


def _sequence(contrast: Callable[[Given], Contrast]) -> Callable[[Given], Found]:
    def compute(given: Given) -> Found:
        found = contrast(given)
        alpha, tuning = given["alpha"], given["tuning"]
        now = confidence_sequences.always_valid(found, alpha=alpha, tuning=tuning)
        return {
            "estimate": found.estimate,
            "se": found.error,
            "ci": (now.low, now.high),
            "p_value": confidence_sequences.always_valid_p(found, alpha=alpha, tuning=tuning),
        }

    return compute


def _sequence_one_sided(compare: Compare) -> Callable[[Given], Found]:
    def compute(given: Given) -> Found:
        found = compare(*_means(given))
        how = {"alpha": given["alpha"], "tuning": given["tuning"]}
        return {
            "estimate": found.estimate,
            "lower": confidence_sequences.lower_always(found, **how),
            "upper": confidence_sequences.upper_always(found, **how),
            "p_value": confidence_sequences.exceeds_always_p(found, **how),
        }

    return compute


def _bayes(given: Given) -> Found:
    prior = given.get("prior", {})
    known = {f"prior_{name}": value for name, value in prior.items()}
    found = bayes.posterior(relative(*_means(given)), alpha=0.05, **known)
    return {
        "estimate": found.mean,
        "se": found.error,
        "ci": (found.low, found.high),
        "chance_to_win": found.chance_to_win,
        "risk": (found.loss_of_control, found.loss_of_variant),
    }


def _tea_tasting_orders() -> tuple[Sample, Sample]:
    """Draw the data the documentation names: 4,000 shoppers of numpy's default_rng(42).

    tea_tasting.make_users_data, whose defaults are: half in treatment, 2 sessions on average,
    orders in a quarter of them, 10% more with the treatment; the order of the draws matters.
    """
    rng = np.random.default_rng(42)
    treated = rng.binomial(n=1, p=0.5, size=4_000)
    sessions = 1 + rng.poisson(lam=1, size=4_000)
    chance = 0.25 * (1 + 0.1 * treated)
    orders = rng.binomial(n=sessions, p=rng.beta(a=chance, b=1 - chance)).astype(np.float64)
    control, variant = (orders[treated == arm] for arm in (0, 1))
    return _sums(control), _sums(variant)


def _sums(values: np.ndarray[Any, np.dtype[np.float64]]) -> Sample:
    return Sample(len(values), float(values.sum()), float(values @ values))


def _tea_tasting(_: Given) -> Found:
    control, variant = _tea_tasting_orders()
    plain = means.difference(control, variant, alpha=0.05)
    log = means.two_sided(log_ratio(control, variant), alpha=0.05)
    return {
        "control": control.mean,
        "treatment": variant.mean,
        "effect": plain.difference,
        "ci": (plain.low, plain.high),
        "p_value": plain.p_value,
        "statistic": plain.difference / plain.standard_error,
        "rel": relative(control, variant).estimate,
        "rel_ci": (np.expm1(log.low), np.expm1(log.high)),
    }


def _proportions_n(given: Given) -> Found:
    found = proportion_power.sample_size(
        p1=given["p1"], p2=given["p2"], alpha=given["alpha"], power_wanted=given["power"]
    )
    return {"n_per_group": found}


def _proportions_power(given: Given) -> Found:
    found = proportion_power.power(
        per_arm=given["n_per_group"], p1=given["p1"], p2=given["p2"], alpha=given["alpha"]
    )
    return {"power": found}


def _proportions_mde(given: Given) -> Found:
    p2 = proportion_power.detectable(
        per_arm=given["n_per_group"],
        p1=given["p1"],
        alpha=given["alpha"],
        power_wanted=given["power"],
    )
    return {"p2": p2, "mde_abs": p2 - given["p1"]}


def _means_n(given: Given) -> Found:
    found = power.sample_size(
        effect=given["delta"], sd=given["sd"], alpha=given["alpha"], power_wanted=given["power"]
    )
    return {"n_per_group": found}


def _means_power(given: Given) -> Found:
    found = power.power(
        per_arm=given["n_per_group"], effect=given["delta"], sd=given["sd"], alpha=given["alpha"]
    )
    return {"power": found}


def _srm(given: Given) -> Found:
    split = srm.check_split(given["observed"], given["expected_share"])
    return {"chi2": split.chi_square, "df": split.degrees, "p_value": split.p_value}


def _two_proportions(given: Given) -> Found:
    found = proportions.compare(
        proportions.Proportion(given["n_control"], given["x_control"]),
        proportions.Proportion(given["n_treatment"], given["x_treatment"]),
        alpha=0.05,
    )
    return {
        "chi2": found.chi_square,
        "p_value": found.p_value,
        "ci95_unpooled": (found.low, found.high),
    }


def _cuped_raw(given: Given) -> Found:
    x, y, group = (np.asarray(given[name], dtype=np.float64) for name in ("x", "y", "group"))
    arms = [
        cuped.Paired(
            _sums(y[group == arm]), _sums(x[group == arm]), float((x * y)[group == arm].sum())
        )
        for arm in (0, 1)
    ]
    adjustment = cuped.adjust(arms[0], arms[1])
    found = means.difference(adjustment.control, adjustment.variant, alpha=0.05)
    estimate, error = cuped.ancova(arms[0], arms[1])
    return {
        "theta": adjustment.theta,
        "adj_mean_control": adjustment.control.mean,
        "adj_mean_treatment": adjustment.variant.mean,
        "diff": found.difference,
        "welch_p": found.p_value,
        "ci95": (found.low, found.high),
        "var_reduction": adjustment.variance_removed,
        "ancova_estimate": estimate,
        "ancova_se": error,
    }


def _ratio_raw(given: Given) -> Found:
    top, base, group = (
        np.asarray(given[name], dtype=np.float64) for name in ("num", "den", "group")
    )
    control, variant = (
        ratio.Ratio(
            _sums(top[group == arm]),
            _sums(base[group == arm]),
            float((top * base)[group == arm].sum()),
        )
        for arm in (0, 1)
    )
    found = means.normal(absolute(control, variant), alpha=0.05)
    return {
        "ratio_control": control.mean,
        "ratio_treatment": variant.mean,
        "var_control": control.variance / control.n,
        "var_treatment": variant.variance / variant.n,
        "diff": found.difference,
        "z": found.difference / found.standard_error,
        "p_value": found.p_value,
    }


ADJUSTMENTS = {
    "BH": multiplicity.benjamini_hochberg,
    "BY": multiplicity.benjamini_yekutieli,
    "bonferroni": multiplicity.bonferroni,
    "hochberg": multiplicity.hochberg,
    "holm": multiplicity.holm,
}


def _p_adjust(given: Given) -> Found:
    return {"adjusted": list(ADJUSTMENTS[given["method"]](given["p"]))}


def _non_inferiority(given: Given) -> Found:
    found = absolute(*_means(given))
    test = noninferiority.not_inferior(
        found, margin=given["margin"], alpha=0.05, more_is_better=given["higher_is_better"]
    )
    return {
        "t": test.statistic,
        "df": found.degrees,
        "p_value": test.p_value,
        "lower_95_one_sided": test.bound,
    }


def _clusters(given: Given) -> Found:
    y, cluster, group = (np.asarray(given[name]) for name in ("y", "cluster", "group"))
    arms = [clusters.grouped(y[group == arm], cluster[group == arm]) for arm in (0, 1)]
    found = means.difference(arms[0].means, arms[1].means, alpha=0.05)
    everyone = clusters.grouped(y, cluster)  # R's figure leaves the arms' effect in
    correlation = clusters.icc([everyone])
    size = float(everyone.sizes.mean())
    return {
        "diff": found.difference,
        "p_value": found.p_value,
        "df": found.degrees,
        "icc_anova": correlation,
        "design_effect": clusters.design_effect(size=size, correlation=correlation),
    }


BY_FUNCTION: Mapping[str, Callable[[Any], Found]] = {
    "welch_t": _welch(_means, absolute),
    "welch_two_sided": _tea_tasting,
    "welch_two_sided_absolute": _welch(_means, absolute),
    "welch_two_sided_relative": _welch(_means, relative),
    "welch_two_sided_relative_proportion": _welch(_shares, relative),
    "welch_greater_absolute": _greater(absolute),
    "welch_greater_relative": _greater(relative),
    "welch_less_absolute": _less(absolute),
    "welch_less_relative": _less(relative),
    "asymptotic_cs_two_sided_relative": _sequence(lambda given: relative(*_means(given))),
    "asymptotic_cs_two_sided_relative_proportion": _sequence(
        lambda given: relative(*_shares(given))
    ),
    "asymptotic_cs_two_sided_relative_cuped": _sequence(_cuped),
    "asymptotic_cs_greater_absolute": _sequence_one_sided(absolute),
    "asymptotic_cs_greater_relative": _sequence_one_sided(relative),
    "asymptotic_cs_less_absolute": _sequence_one_sided(absolute),
    "asymptotic_cs_less_relative": _sequence_one_sided(relative),
    "ratio_cuped_two_sided_relative": _welch(_ratio_cuped, relative),
    "ratio_cuped_asymptotic_cs_relative": _sequence(lambda given: relative(*_ratio_cuped(given))),
    "bayes_flat_prior_relative": _bayes,
    "bayes_gaussian_prior_relative": _bayes,
    "sample_size_proportions_two_sided": _proportions_n,
    "power_proportions_two_sided": _proportions_power,
    "mde_proportions_two_sided": _proportions_mde,
    "sample_size_means_two_sided_t": _means_n,
    "power_means_two_sided_t": _means_power,
    "srm_chi_square": _srm,
    "two_proportion_test_pooled": _two_proportions,
    "cuped_pooled_theta": _cuped_raw,
    "ratio_delta_method": _ratio_raw,
    "p_adjust": _p_adjust,
    "non_inferiority_welch": _non_inferiority,
    "cluster_level_welch": _clusters,
}
