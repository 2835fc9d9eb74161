import numpy as np
import pytest
from scipy import stats

from experiments.stats.srm import check_loss, check_split


@pytest.mark.parametrize(
    ("observed", "shares"), [([510, 490], [0.5, 0.5]), ([100, 210, 330], [1, 2, 3])]
)
def test_the_test_is_that_of_scipy(observed: list[int], shares: list[float]) -> None:
    expected = np.array(shares) / sum(shares) * sum(observed)
    oracle = stats.chisquare(observed, expected)
    split = check_split(observed, shares)
    assert (split.chi_square, split.p_value) == pytest.approx((oracle.statistic, oracle.pvalue))


def test_three_percent_lost_in_one_arm_of_two_hundred_thousand_raises_the_alarm() -> None:
    rng = np.random.default_rng(2)
    arms = rng.binomial(200_000, 0.5, size=500)
    kept = rng.binomial(arms, 0.97)
    alarms = [
        check_split([int(n), int(200_000 - all_)], [0.5, 0.5]).broken
        for n, all_ in zip(kept, arms, strict=True)
    ]
    assert np.mean(alarms) > 0.99


def test_a_sound_split_hardly_ever_raises_the_alarm() -> None:
    rng = np.random.default_rng(3)
    arms = rng.binomial(2_000, 0.5, size=2_000)
    alarms = [check_split([int(n), int(2_000 - n)], [0.5, 0.5]).broken for n in arms]
    assert np.mean(alarms) <= 0.004


def test_nobody_yet_is_no_reason_for_mistrust() -> None:
    assert not check_split([0, 0], [0.5, 0.5]).broken


LEARNERS = 200_000


def _alarms(
    rng: np.random.Generator, *, runs: int, usual_loss: float, more_in_variant: float
) -> tuple[float, float]:
    """Shares of runs in which the split alone, and split or loss by arm, raise the alarm."""
    control = rng.binomial(LEARNERS, 0.5, size=runs)
    assigned = np.stack([control, LEARNERS - control], axis=1)
    observed = rng.binomial(assigned, [1 - usual_loss, 1 - usual_loss - more_in_variant])
    split, either = 0, 0
    for sizes, kept in zip(assigned.tolist(), observed.tolist(), strict=True):
        by_split = check_split(kept, [0.5, 0.5]).broken
        split += by_split
        either += by_split or check_loss(sizes, kept).broken
    return split / runs, either / runs


def test_one_percent_lost_in_one_arm_of_two_hundred_thousand_raises_the_alarm() -> None:
    rng = np.random.default_rng(5)
    for usual_loss in (0.0, 0.05):
        _, either = _alarms(rng, runs=300, usual_loss=usual_loss, more_in_variant=0.01)
        assert either >= 0.99


def test_the_loss_by_arm_is_the_test_of_scipy() -> None:
    oracle = stats.chi2_contingency([[940, 60], [1880, 120], [890, 110]], correction=False)
    found = check_loss([1000, 2000, 1000], [940, 1880, 890])
    assert (found.chi_square, found.p_value) == pytest.approx((oracle.statistic, oracle.pvalue))


@pytest.mark.parametrize("observed", [[100, 200], [0, 0]])
def test_nobody_or_everybody_missing_is_no_reason_for_mistrust(observed: list[int]) -> None:
    assert check_loss([100, 200], observed).p_value == 1


@pytest.mark.prove
def test_alarms_of_forty_thousand_splits(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(6)
    rows = []
    for usual_loss in (0.0, 0.05):
        false = _alarms(rng, runs=40_000, usual_loss=usual_loss, more_in_variant=0.0)
        right = _alarms(rng, runs=2_000, usual_loss=usual_loss, more_in_variant=0.01)
        rows.append((usual_loss, false, right))
    tilted = rng.binomial(LEARNERS, 0.51, size=2_000).tolist()
    by_point = np.mean([check_split([n, LEARNERS - n], [0.5, 0.5]).broken for n in tilted])
    with capsys.disabled():
        print("\n| lost in both arms | 1% more lost in one | no arm loses more |")  # noqa: T201
        for loss, false, right in rows:
            print(  # noqa: T201
                f"| {loss:.0%} | split alone {right[0]:.1%}, with loss by arm {right[1]:.1%} "
                f"| {false[0]:.2%}, {false[1]:.2%} |"
            )
        print(f"a split of 51 to 49: {by_point:.1%}")  # noqa: T201
    assert by_point >= 0.99
    assert all(right[1] >= 0.99 for _, _, right in rows)
    assert all(false[1] <= 0.002 for _, false, _ in rows)
