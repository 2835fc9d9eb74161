"""The list of metrics: each can be counted, says which way is better, and reads in a sentence."""

from dataclasses import replace

import pytest

from experiments.data import Effect
from experiments.metrics import DOWN, KINDS, MEASURED, PROPORTION, RATIO, TRACKS, UP, Metric
from signals.derive.measures import MEASURES

BASE = Effect(
    metric="not_for_me",
    track="guardrail",
    unit="share",
    control_mean=0.2,
    variant_mean=0.25,
    difference=0.05,
    low=0.03,
    high=0.07,
    p_value=0.001,
    n_control=1000,
    n_variant=1000,
    margin=0.1,
)

each = pytest.mark.parametrize("metric", MEASURED.values(), ids=lambda metric: metric.key)


def test_what_can_be_counted_is_listed_and_what_is_listed_can_be_counted() -> None:
    assert set(MEASURED) == set(MEASURES)


@each
def test_a_metric_is_a_ratio_where_it_is_counted_as_one(metric: Metric) -> None:
    assert (metric.kind == RATIO) == bool(MEASURES[metric.key].base)


@each
def test_a_metric_says_what_it_is_for(metric: Metric) -> None:
    assert metric.track in TRACKS
    assert metric.kind in KINDS
    assert metric.better in {UP, DOWN}
    assert metric.window_days > 0
    assert 0 < metric.margin <= 0.2
    assert metric.about.endswith(".")
    assert metric.unit == "share" or metric.kind != PROPORTION


def test_a_rise_of_what_should_fall_is_worse_and_no_margin_covers_it() -> None:
    risen = replace(BASE, better=DOWN)
    assert (risen.reading, risen.not_inferior) == ("worse", False)
    fallen = replace(risen, difference=-0.05, low=-0.07, high=-0.03)
    assert (fallen.reading, fallen.not_inferior) == ("better", True)


def test_a_small_rise_within_the_margin_is_no_loss() -> None:
    unclear = replace(BASE, better=DOWN, low=-0.01, high=0.019)
    assert (unclear.reading, unclear.not_inferior) == ("not clear", True)
    assert not replace(unclear, high=0.021).not_inferior


def test_of_what_should_rise_the_same_interval_means_the_opposite() -> None:
    assert (BASE.reading, BASE.not_inferior) == ("better", True)
