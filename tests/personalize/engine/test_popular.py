"""The lists that need nobody's history."""

import numpy as np

from personalize.algorithms.base import Interactions
from personalize.engine.popular import HALF_LIFE_DAYS, SCORES, PopularLists, popular_arrays

IDS = np.array([10, 20, 30], np.int32)


def chosen(*rows: tuple[int, float]) -> Interactions:
    """Return choices of one course each by different learners, at a day."""
    courses, times = zip(*rows, strict=True)
    return Interactions(
        learners=np.arange(len(rows), dtype=np.int32),
        courses=np.array(courses, np.int32),
        times=np.array(times, np.float64),
        weights=np.ones(len(rows), np.float32),
        n_learners=len(rows),
        n_courses=3,
    )


def test_a_choice_one_half_life_ago_counts_half() -> None:
    arrays = popular_arrays(chosen((0, 0.0), (1, HALF_LIFE_DAYS)), ["", "", ""])
    np.testing.assert_allclose(arrays[SCORES], [0.5, 1.0, 0.0])


def test_what_is_chosen_lately_beats_what_was_chosen_more_often_long_ago() -> None:
    old = [(0, 0.0)] * 3
    arrays = popular_arrays(chosen(*old, (1, 5 * HALF_LIFE_DAYS)), ["A", "A", "B"])
    lists = PopularLists.from_arrays(IDS, arrays)
    assert lists.overall(3).tolist() == [20, 10, 30]
    assert lists.in_field("A", 1).tolist() == [20]
    assert lists.in_field("B", 9).tolist() == [30]


def test_ties_keep_the_order_of_the_catalogue_for_everyone() -> None:
    arrays = popular_arrays(chosen((2, 1.0), (0, 1.0), (1, 1.0)), ["", "", ""])
    assert PopularLists.from_arrays(IDS, arrays).overall(9).tolist() == [10, 20, 30]
