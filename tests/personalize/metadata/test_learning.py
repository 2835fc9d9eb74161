"""Intervals, thresholds and figures against what is worked out elsewhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, roc_auc_score
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from personalize.algorithms.metadata.judging import adjacent, auc, directed, macro_f1, micro_f1
from personalize.algorithms.metadata.learning import HIGHEST, threshold
from personalize.algorithms.metadata.shares import difference, wilson

DECISIONS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (7, 10), (430, 512), (25, 25)])
def test_a_share_has_the_interval_of_wilson(hits: int, n: int) -> None:
    assert wilson(hits, n) == pytest.approx(proportion_confint(hits, n, method="wilson"))


def test_a_difference_has_the_interval_of_newcombe() -> None:
    theirs = confint_proportions_2indep(56, 70, 48, 80, method="newcomb")
    assert difference(56, 70, 48, 80) == pytest.approx(theirs, abs=1e-6)


def test_nothing_leaves_everything_likely() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert difference(1, 2, 0, 0) == (-1.0, 1.0)


@given(DECISIONS)
def test_what_is_shown_was_mostly_accepted_or_it_is_the_most_there_is(
    decided: list[tuple[float, bool]],
) -> None:
    least = threshold(decided, begin=0.2)
    above = [accepted for score, accepted in decided if score >= least]
    assert least == HIGHEST or 2 * (sum(above) + 1) >= len(above) + 2
    assert 0.2 <= least <= HIGHEST


def test_rejections_raise_it_and_acceptances_bring_it_down_again() -> None:
    assert threshold([], begin=0.2) == 0.2
    rejected = [(0.3, False)] * 6
    assert threshold(rejected, begin=0.2) == 0.35
    assert threshold([*rejected, *[(0.9, True)] * 6], begin=0.2) == 0.2


def test_figures_are_those_of_scikit_learn() -> None:
    said, right = ["a", "b", "b", "c", "a"], ["a", "b", "a", "c", "c"]
    assert macro_f1(said, right)["level_macro_f1"] == pytest.approx(
        f1_score(right, said, average="macro")
    )
    scores, needed = np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, True, False, True])
    assert auc(scores, needed) == pytest.approx(roc_auc_score(needed, scores))


def test_skills_nobody_taught_before_do_not_count_as_missed() -> None:
    found = micro_f1([{"sql"}, {"r"}], [{"sql", "unheard"}, {"sql"}], learnt={"sql", "r"})
    assert found == {"skill_precision": 0.5, "skill_recall": 0.5, "skill_f1": 0.5}


def test_ties_count_half() -> None:
    assert directed(np.array([1.0, 2.0]), np.array([1.0, 1.0])) == 0.75
    assert adjacent([np.array([3.0, 2.0, 2.0]), np.array([0.0, 1.0])]) == (0.5, 3)
