"""Pictures of the tower: what is drawn stands where its numbers say."""

import json
from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import CompareMeans

from controltower import charts


@pytest.mark.parametrize(("hits", "base"), [(0, 12), (7, 12), (12, 12), (840, 10_000)])
def test_the_interval_of_a_share_is_wilsons(hits: int, base: int) -> None:
    assert charts.wilson(hits, base) == pytest.approx(
        proportion_confint(hits, base, method="wilson"), abs=1e-6
    )


def moments(values: np.ndarray) -> charts.Moments:
    return len(values), float(values.sum()), float((values**2).sum())


def test_means_and_their_difference_have_students_and_welchs_intervals() -> None:
    rng = np.random.default_rng(7)
    now = rng.integers(1, 6, 60).astype(float)
    before = rng.integers(2, 6, 25).astype(float)

    assert charts.mean_interval(*moments(now))[1:] == pytest.approx(
        stats.t.interval(0.95, len(now) - 1, now.mean(), stats.sem(now))
    )
    assert charts.mean_difference(moments(now), moments(before))[1:] == pytest.approx(
        CompareMeans.from_data(now, before).tconfint_diff(usevar="unequal")
    )


def test_an_interval_of_a_rate_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(11)
    hits, bases = rng.poisson(30, 4000), rng.poisson(100, 4000)
    intervals = [charts.rate_interval(*pair) for pair in zip(hits, bases, strict=True)]

    covered = np.mean([low <= 0.3 <= high for low, high in intervals])

    assert 0.94 <= covered <= 0.965


def tile(now: charts.Rate, before: charts.Rate) -> charts.Tile:
    return charts.rate_tile(
        "ctr", "Click-through", "engagement", now=now, before=before, series=[], base="of lists"
    )


def test_a_difference_that_may_be_zero_is_no_clear_change() -> None:
    moved = tile((84, 1000), (80, 1000)).change

    assert moved is not None
    assert (moved.text, moved.words, moved.direction) == ("+0.4 pts", "no clear change", "flat")


def test_a_clear_fall_is_down() -> None:
    moved = tile((400, 10_000), (800, 10_000)).change

    assert moved is not None
    assert (moved.text, moved.direction) == ("\u22124.0 pts", "down")


def test_too_little_counted_gives_no_figure() -> None:
    assert tile((0, 0), (5, 1000)).value == ""
    assert tile((0, charts.FEWEST - 1), (5, 1000)).value == ""


def test_a_first_week_is_compared_with_nothing() -> None:
    assert tile((5, 1000), (0, 0)).change is None


def test_a_spark_needs_two_known_values_and_keeps_their_places() -> None:
    assert charts.spark([None, 0.2, None]) is None
    spark = charts.spark([0.1, None, 0.3])
    assert spark is not None
    assert spark.line == "3.0,34.0 117.0,4.0"


@pytest.mark.parametrize(
    ("bounds", "end"), [([0.03, -0.011], 0.05), ([0.9], 1.0), ([2.0, -5.1], 10.0), ([], 1.0)]
)
def test_an_axis_holds_every_bound(bounds: list[float], end: float) -> None:
    assert charts.reach(bounds) == pytest.approx(end)


@pytest.mark.parametrize(
    ("low", "high", "track", "reading", "css"),
    [
        (0.1, 0.2, "engagement", "better", "eng"),
        (0.1, 0.2, "progression", "better", "prog"),
        (-0.2, -0.1, "progression", "worse", "bad"),
        (-0.2, -0.1, "guardrail", "better", "prog"),  # of what should fall
        (-0.1, 0.1, "engagement", "not clear", "mut"),
    ],
)
def test_an_interval_is_coloured_by_what_it_says(
    low: float, high: float, track: str, reading: str, css: str
) -> None:
    place = charts.forest(low, (low + high) / 2, high, end=0.2, track=track, reading=reading)

    assert place.css == css
    assert 20 <= place.low < place.middle < place.high <= 280


def test_a_figure_is_json_without_gaps_in_its_band() -> None:
    days = [date(2026, 11, 1) + timedelta(days=i) for i in range(3)]

    figure = charts.kpi_figure(
        days,
        [0.4, None, 0.5],
        [(0.3, 0.5), None, (0.4, 0.6)],
        title="Completion",
        track="progression",
        is_share=True,
    )

    band, line = json.loads(json.dumps(figure, default=list))["data"]
    assert band["y"] == [0.5, 0.6, 0.4, 0.3]
    assert line["line"]["color"] == "var(--prog)"
