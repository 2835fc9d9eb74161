import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.stats.bucketing import bucket, choose, in_share

UNITS = st.one_of(st.integers(), st.text())
SHARES = st.floats(min_value=0, max_value=1)


@given(unit=UNITS, salt=st.text(max_size=200))
def test_a_bucket_is_in_the_unit_interval_and_always_the_same(unit: int | str, salt: str) -> None:
    first = bucket(unit=unit, salt=salt)
    assert 0 <= first < 1
    assert all(bucket(unit=unit, salt=salt) == first for _ in range(20))


@given(unit=UNITS, salt=st.text(), small=SHARES, large=SHARES)
def test_a_growing_share_keeps_who_was_in(
    unit: int | str, salt: str, small: float, large: float
) -> None:
    small, large = sorted((small, large))
    was_in = in_share(unit=unit, salt=salt, share=small)
    assert in_share(unit=unit, salt=salt, share=large) >= was_in


@given(unit=UNITS, salt=st.text())
def test_nobody_is_in_a_share_of_none_and_everybody_in_the_whole(
    unit: int | str, salt: str
) -> None:
    assert not in_share(unit=unit, salt=salt, share=0)
    assert in_share(unit=unit, salt=salt, share=1)


@given(st.integers())
def test_a_number_and_its_text_are_the_same_unit(unit: int) -> None:
    assert bucket(unit=unit, salt="s") == bucket(unit=str(unit), salt="s")


def test_buckets_are_uniform() -> None:
    places = [bucket(unit=unit, salt="uniform") for unit in range(20_000)]
    assert stats.kstest(places, "uniform").pvalue > 0.001


def test_arms_of_different_salts_are_independent() -> None:
    arms = np.array(
        [
            [bucket(unit=unit, salt=f"experiment-{number}") < 0.5 for unit in range(4_000)]
            for number in range(20)
        ]
    )
    pairs = [(a, b) for a in range(20) for b in range(a)]
    p_values = [
        stats.chi2_contingency(np.histogram2d(arms[a], arms[b], bins=2)[0], correction=False).pvalue
        for a, b in pairs
    ]
    significant = sum(p < 0.05 for p in p_values) / len(p_values)
    assert 0.005 < significant < 0.10  # 190 pairs, 5% expected
    assert min(p_values) > 1e-5


@pytest.mark.parametrize("length", [63, 64, 65, 100])
def test_long_salts_that_begin_alike_are_different_salts(length: int) -> None:
    start = "s" * length
    differ = [
        bucket(unit=unit, salt=start + "a") != bucket(unit=unit, salt=start + "b")
        for unit in range(100)
    ]
    assert all(differ)


def test_arms_get_their_shares_and_the_rest_gets_none() -> None:
    arms = [
        choose(unit=unit, salt="c", arms=("generic", "model"), shares=(0.5, 0.2))
        for unit in range(20_000)
    ]
    assert abs(arms.count("generic") / 20_000 - 0.5) < 0.012
    assert abs(arms.count("model") / 20_000 - 0.2) < 0.012
    assert arms.count(None) == 20_000 - arms.count("generic") - arms.count("model")


@given(unit=st.integers(), parts=st.integers(min_value=1, max_value=40))
def test_a_full_split_leaves_nobody_out(unit: int, parts: int) -> None:
    arms = tuple(str(part) for part in range(parts))
    assert choose(unit=unit, salt="full", arms=arms, shares=(1 / parts,) * parts) in arms
