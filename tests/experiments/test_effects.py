"""Is the effect on a ratio, and of classes that were drawn whole, the one of the raw numbers?"""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.cohorts import compare_metrics
from experiments.effects import direction, effect_of, readable_effects
from experiments.metrics import DOWN, METRICS
from experiments.samples import learners as learners_of
from experiments.samples import samples_of
from experiments.stats.clusters import grouped
from experiments.stats.contrasts import absolute
from experiments.stats.means import Sample, difference
from experiments.stats.ratio import Ratio
from experiments.trends import trends
from signals import api as signals
from signals.data import ArmMoments, Asked, RatioMoments
from tests.experiments.plans import plan
from tests.experiments.world import day

Values = NDArray[np.float64]
ARMS = ("generic", "model")


def moments(
    arm: str,
    top: Values,
    base: Values,
    *,
    before: Values | None = None,
    learners: int | None = None,
    telling: int | None = None,
) -> ArmMoments:
    """The sums of one arm; before are numerator and denominator of the time before."""
    earlier = np.zeros((len(top), 2)) if before is None else before
    table = np.column_stack([top, base, earlier])
    products, sums = table.T @ table, table.sum(axis=0).tolist()
    return ArmMoments(
        arm,
        len(top),
        float(top.sum()),
        float(top @ top),
        ratio=RatioMoments(
            totals=(sums[0], sums[1], sums[2], sums[3]),
            products=tuple(map(tuple, products.tolist())),
        ),
        learners=len(top) if learners is None else learners,
        telling=int((base > 0).sum()) if telling is None else telling,
    )


def answer(monkeypatch: pytest.MonkeyPatch, name: str, rows: list[ArmMoments]) -> None:
    def told(_experiment: str, asked: list[Asked], **_: object) -> dict[Asked, list[ArmMoments]]:
        return dict.fromkeys(asked, rows)

    monkeypatch.setattr(signals, name, told)


def test_classes_are_compared_with_a_cluster_robust_error(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    rows, raw, learners = [], [], []
    for arm, lift in zip(ARMS, (0.0, 0.3), strict=True):
        sizes = rng.integers(10, 31, 24)
        classes = np.repeat(np.arange(24), sizes)
        done = rng.normal(1 + lift, 1, len(classes)) + rng.normal(0, 0.5, 24)[classes]
        found = grouped(done, classes)
        raw.append(found.learners)
        learners.append(int(sizes.sum()))
        rows.append(
            moments(arm, found.totals, found.sizes, learners=learners[-1], telling=learners[-1])
        )
    answer(monkeypatch, "cluster_moments", rows)
    by_class = replace(plan(), unit="class")
    arms = samples_of(by_class, ("modules_completed",), as_of=day(30))["modules_completed"]
    found_effect = effect_of(by_class, "modules_completed", arms, alpha=0.05)
    expected = difference(*raw, alpha=0.05)
    assert found_effect.difference == pytest.approx(float(expected.difference))
    assert found_effect.low == pytest.approx(float(expected.low))
    assert found_effect.n_control == learners[0]


def test_a_ratio_is_the_ratio_of_sums_with_the_error_of_the_delta_method(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(6)
    rows, raw = [], []
    for arm, rate in zip(ARMS, (0.1, 0.14), strict=True):
        lists = 1 + rng.poisson(3, 800).astype(np.float64)
        taken = rng.binomial(lists.astype(np.int64), rate).astype(np.float64)
        rows.append(moments(arm, taken, lists))
        raw.append(Ratio(sample(taken), sample(lists), float(taken @ lists)))
    answer(monkeypatch, "measured", rows)
    arms = samples_of(plan(), ("acceptance",), as_of=day(30))["acceptance"]
    found = effect_of(plan(), "acceptance", arms, alpha=0.05)
    expected = absolute(*raw)
    assert found.control_mean == pytest.approx(float(raw[0].mean))
    assert found.difference == pytest.approx(float(expected.estimate))
    half = (found.high - found.low) / 2
    assert half == pytest.approx(1.96 * float(expected.error), rel=0.01)
    assert (found.n_control, found.n_variant) == (800, 800)


@pytest.mark.parametrize(("unit", "read"), [("learner", "measured"), ("class", "cluster_moments")])
def test_the_base_of_a_ratio_is_the_learners_who_have_part_in_it(
    monkeypatch: pytest.MonkeyPatch, unit: str, read: str
) -> None:
    rng = np.random.default_rng(9)
    stars, given = rng.integers(1, 6, 40).astype(np.float64), np.full(40, 2.0)
    rows = [moments(arm, stars, given, learners=900, telling=65) for arm in ARMS]
    answer(monkeypatch, read, rows)
    by = replace(plan(), unit=unit)
    arms = samples_of(by, ("satisfaction",), as_of=day(30))["satisfaction"]
    found = effect_of(by, "satisfaction", arms, alpha=0.05)
    assert (found.n_control, found.n_variant) == (65, 65)
    assert learners_of(arms["model"]) == 900  # whom a step of the ramp counts


def test_the_time_before_steadies_a_ratio_too(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    adjusted, plain = [], []
    for arm in ARMS:
        habit = rng.beta(2, 10, 600)
        lists, earlier = (1 + rng.poisson(6, 600).astype(np.float64) for _ in range(2))
        taken = rng.binomial(lists.astype(np.int64), habit).astype(np.float64)
        before = rng.binomial(earlier.astype(np.int64), habit).astype(np.float64)
        adjusted.append(moments(arm, taken, lists, before=np.column_stack([before, earlier])))
        plain.append(moments(arm, taken, lists))
    widths = []
    for rows in (adjusted, plain):
        answer(monkeypatch, "measured", rows)
        (found,) = readable_effects(
            plan(), samples_of(plan(), ("acceptance",), as_of=day(30)), alpha=0.05
        )
        widths.append(found.high - found.low)
    assert widths[0] < 0.95 * widths[1]


def test_fewer_than_ten_classes_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    rows = [moments(arm, rng.gamma(2, 10, 9), np.full(9, 25.0)) for arm in ARMS]
    answer(monkeypatch, "cluster_moments", rows)
    by_class = replace(plan(), unit="class")
    samples = samples_of(by_class, ("modules_completed",), as_of=day(30))
    assert readable_effects(by_class, samples, alpha=0.05) == []


def test_a_rise_of_what_should_fall_is_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    assert METRICS["not_for_me"].better == DOWN
    lists = np.full(500, 4.0)
    sent_away = [np.arange(500) % 10 < share for share in (1, 3)]
    rows = [
        moments(arm, away.astype(np.float64), lists)
        for arm, away in zip(ARMS, sent_away, strict=True)
    ]
    answer(monkeypatch, "measured", rows)
    (found,) = readable_effects(
        plan(), samples_of(plan(), ("not_for_me",), as_of=day(30)), alpha=0.05
    )
    assert found.difference > 0
    assert (found.reading, direction(found)) == ("worse", "worse")


def test_weeks_of_classes_are_read_class_by_class(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(10)
    asked_for: list[Asked] = []

    def told(_experiment: str, asked: list[Asked], **_: object) -> dict[Asked, list[ArmMoments]]:
        asked_for.extend(asked)
        return {one: classes_of(rng, gain=2 - one.from_days / 28) for one in asked}

    monkeypatch.setattr(signals, "cluster_moments", told)
    monkeypatch.setattr(signals, "measured", None)  # asking it of learners would fail
    (found,) = trends(replace(plan(), unit="class", primary_metric="enrolments"), as_of=day(60))
    assert len(asked_for) == 8
    assert (found.reading, len(found.weeks)) == ("fades", 8)


def classes_of(rng: np.random.Generator, *, gain: float) -> list[ArmMoments]:
    """Forty classes an arm, the variant's with so much more a learner."""
    rows = []
    for arm, lift in zip(ARMS, (0.0, gain), strict=True):
        sizes = rng.integers(15, 30, 40).astype(np.float64)
        totals = sizes * (5 + lift + rng.normal(0, 0.1, 40))
        size = int(sizes.sum())
        rows.append(moments(arm, totals, sizes, learners=size, telling=size))
    return rows


@pytest.mark.parametrize("late", ["retention_d90", "retention_d180"])
def test_what_is_not_counted_ahead_is_looked_through_only_where_a_plan_names_it(
    monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    asked_for: set[str] = set()

    def told(_experiment: str, asked: list[Asked], **_: object) -> dict[Asked, list[ArmMoments]]:
        asked_for.update(one.metric for one in asked)
        return {one: [] for one in asked}

    monkeypatch.setattr(signals, "measured", told)
    assert compare_metrics(plan(), as_of=day(30), alpha=0.05) == []
    assert late not in asked_for
    assert "retention_d30" in asked_for


def sample(values: Values) -> Sample:
    return Sample(len(values), float(values.sum()), float(values @ values))
