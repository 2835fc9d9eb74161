"""The arithmetic of demand gaps against hand counts, oracles and what must always hold."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from personalize.algorithms.demand.coverage import Coverage, Offer, freshness, quality
from personalize.algorithms.demand.estimates import certainty, count_interval, trend, wilson
from personalize.algorithms.demand.gap import WEIGHTS, Part, gap, level, weekly, weights_of
from personalize.algorithms.demand.topics import merged, one_slip

SHARES = st.floats(0, 1)
LEVELS = st.fixed_dictionaries(dict.fromkeys(Part, SHARES))


def test_a_gap_is_the_product_of_its_factors() -> None:
    levels = {Part.SEARCHES: 0.8, Part.JOBS: 0.4}
    sure = {Part.SEARCHES: 0.9, Part.JOBS: 0.5}
    found = gap(levels, sure, supply=0.25, parts=tuple(Part))
    assert found.demand == pytest.approx(0.35 * 0.8 + 0.25 * 0.4)
    assert found.certainty == pytest.approx(0.35 * 0.9 + 0.25 * 0.5)
    assert found.score == pytest.approx(found.demand * 0.75 * found.certainty)


@given(LEVELS, LEVELS, SHARES, st.sets(st.sampled_from(Part)))
def test_a_score_is_a_share_whatever_is_counted(
    levels: dict[Part, float], sure: dict[Part, float], supply: float, parts: set[Part]
) -> None:
    assert 0 <= gap(levels, sure, supply=supply, parts=parts).score <= 1 + 1e-9


@given(LEVELS, LEVELS, SHARES, SHARES)
def test_more_supply_never_makes_a_gap_larger(
    levels: dict[Part, float], sure: dict[Part, float], supply: float, more: float
) -> None:
    low, high = sorted((supply, more))
    scores = [gap(levels, sure, supply=s, parts=tuple(Part)).score for s in (low, high)]
    assert scores[1] <= scores[0]


@given(st.sets(st.sampled_from(Part), min_size=1))
def test_weights_of_the_sources_chosen_add_up_to_one(parts: set[Part]) -> None:
    weights = weights_of(parts)
    assert sum(weights.values()) == pytest.approx(1)
    assert set(weights) == parts
    assert sum(WEIGHTS.values()) == pytest.approx(1)


def test_newer_weeks_count_more_and_six_weeks_ago_counts_half() -> None:
    assert weekly([(0, 70.0)], weeks=12) / weekly([(6, 70.0)], weeks=12) == pytest.approx(2)
    assert weekly([(ago, 20.0) for ago in range(12)], weeks=12) == pytest.approx(20)


def test_the_largest_topic_stands_at_one() -> None:
    assert level(500, 500) == 1
    assert level(0, 500) == 0
    assert level(0, 0) == 0


@given(st.integers(1, 400), st.integers(0, 400))
def test_wilson_is_the_score_interval(base: int, hits: int) -> None:
    hits = min(hits, base)
    low, high = wilson(hits, base)
    oracle = stats.binomtest(hits, base).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((oracle.low, oracle.high), abs=1e-6)


@given(st.integers(1, 10_000))
def test_the_interval_of_a_count_is_wilsons_of_a_share_of_very_many(count: int) -> None:
    low, high = (10**12 * share for share in wilson(count, 10**12))
    assert count_interval(count) == pytest.approx((low, high), rel=1e-4)


def test_ten_are_half_sure_and_a_thousand_almost() -> None:
    assert certainty(10) == pytest.approx(0.543, abs=0.001)
    assert certainty(1000) > 0.93
    assert certainty(0) == 0


def test_a_slope_and_its_interval_are_those_of_least_squares() -> None:
    weeks = [(0, 20.0), (1, 25.0), (3, 25.0), (4, 35.0), (7, 40.0), (9, 40.0)]
    found = trend(weeks)
    x, y = np.array(weeks).T
    oracle = stats.linregress(x, y)
    half = stats.t.ppf(0.975, len(weeks) - 2) * oracle.stderr
    assert found is not None
    assert found.slope * y.mean() == pytest.approx(oracle.slope)
    assert found.high * y.mean() == pytest.approx(oracle.slope + half)
    assert found.direction == "up"


def test_three_weeks_are_no_trend_and_flat_weeks_none_either_way() -> None:
    assert trend([(0, 20.0), (1, 30.0), (2, 40.0)]) is None
    flat = trend([(week, 20.0) for week in range(6)])
    assert flat is not None
    assert (flat.slope, flat.direction) == (0, "flat")


# --- topics --------------------------------------------------------------------------------------


def test_endings_order_and_slips_are_one_topic_named_as_most_wrote_it() -> None:
    terms = {
        "kubernetes": 80,
        "kuberntes": 12,
        "kubernets": 11,
        "data analysis": 60,
        "analysis data": 10,
        "c++": 30,
        "c#": 25,
    }
    found = merged(terms)
    assert {found[term] for term in ("kuberntes", "kubernets", "kubernetes")} == {"kubernetes"}
    assert found["analysis data"] == "data analysis"
    assert (found["c++"], found["c#"]) == ("c++", "c#")


def test_two_words_as_common_as_each_other_are_two_topics() -> None:
    assert set(merged({"sewing": 40, "rowing": 40, "mowing": 30}).values()) == {
        "sewing",
        "rowing",
        "mowing",
    }
    assert merged({"marketing": 30, "marketting": 29}, ["Marketing"])["marketting"] == "marketing"


@given(
    st.dictionaries(st.text("abcde ", min_size=1, max_size=12), st.integers(10, 99), max_size=12)
)
def test_what_stands_for_a_topic_stands_for_itself(terms: dict[str, int]) -> None:
    found = merged(terms)
    assert set(found) == set(terms)
    again = merged(dict.fromkeys(found.values(), 10), list(found.values()))
    assert set(again.values()) <= set(found.values())


@given(st.text("abc", min_size=1, max_size=7), st.text("abc", min_size=1, max_size=7))
def test_one_slip_is_a_distance_of_one(word: str, other: str) -> None:
    assert one_slip(word, other) == (_distance(word, other) == 1)


def _distance(word: str, other: str) -> int:
    """Return the optimal string alignment distance, by its table."""
    table = np.zeros((len(word) + 1, len(other) + 1), int)
    table[:, 0], table[0] = np.arange(len(word) + 1), np.arange(len(other) + 1)
    for i in range(1, len(word) + 1):
        for j in range(1, len(other) + 1):
            same = word[i - 1] == other[j - 1]
            table[i, j] = min(
                table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (not same)
            )
            swapped = i > 1 and j > 1 and word[i - 2 : i] == other[j - 2 : j][::-1]
            table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1) if swapped else table[i, j]
    return int(table[-1, -1])


# --- coverage ------------------------------------------------------------------------------------

COURSES = (
    Offer(1, "SQL for analysts", "sql; joins", "Queries over tables.", "beginner", 0.0, 4.6, 200),
    Offer(2, "Hospital data", "privacy", "Reading records with SQL.", "advanced", 0.0, None, 0),
    Offer(3, "Watercolour", "painting", "Washes and glazes."),
)


def test_a_title_counts_before_skills_before_a_summary() -> None:
    found = {one.course_id: one.relevance for one in Coverage(COURSES).of("sql")}
    assert found == {1: 1.0, 2: 0.5}
    assert [one.relevance for one in Coverage(COURSES).of("privacy")] == [0.8]


def test_supply_is_relevance_freshness_quality_and_fit_of_the_best() -> None:
    (best,) = Coverage(COURSES[:1]).of("advanced sql")
    assert best.level_fit == 0.5
    assert best.supply == pytest.approx(1.0 * quality(4.6, 200) * 0.5)
    assert Coverage(COURSES).of("beekeeping") == ()
    assert Coverage(()).of("sql") == ()


def test_half_a_topic_counts_less_than_the_whole() -> None:
    covering = Coverage(COURSES)
    whole, part = covering.of("hospital data")[0], covering.of("hospital plumbing")[0]
    assert part.course_id == whole.course_id
    assert part.relevance < 0.5 * whole.relevance


def test_a_rating_counts_by_its_lower_end_and_age_wears_off_to_half() -> None:
    assert quality(5, 10) < quality(5, 500) < 1
    assert quality(None, 0) == 0.6
    assert freshness(None) == freshness(0) == 1
    assert freshness(730) == pytest.approx(0.75)
    assert math.isclose(freshness(1e6), 0.5)
