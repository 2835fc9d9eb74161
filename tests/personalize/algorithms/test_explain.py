"""Parts of a final score: they add up, they name true reasons, deletion confirms them."""

import numpy as np
import pytest

from personalize.algorithms.base import History
from personalize.algorithms.blend import Blend
from personalize.algorithms.explain import (
    ContributionVector,
    PartsDoNotAddUpError,
    contribution_vector,
    top_reasons,
    verify_by_deletion,
    without,
)
from tests.personalize.algorithms.worlds import checkerboard

HISTORY = History.of([1, 0, 2, 4])
COURSE = np.array([8], dtype=np.int32)


@pytest.fixture(scope="module")
def blend() -> Blend:
    members = ("transitions", "item_knn", "popularity")
    return Blend(members=members).fit(checkerboard(), rng=np.random.default_rng(1))


def test_the_parts_of_the_final_score_sum_to_it(blend: Blend) -> None:
    parts = blend.contributions_by_member(HISTORY, COURSE)
    final = float(blend.score(HISTORY)[8]) * 2.0 + 0.25 - 0.05
    later = {"boost": 0.25, "diversity": -0.05}
    vector = contribution_vector(parts, 0, score=final, scale=2.0, later=later)
    assert vector.total() == pytest.approx(final, abs=1e-6)
    assert sum(vector.by_member.values()) == pytest.approx(final - 0.2, abs=1e-6)


def test_a_step_that_was_not_named_is_found_out(blend: Blend) -> None:
    parts = blend.contributions_by_member(HISTORY, COURSE)
    final = float(blend.score(HISTORY)[8]) + 0.25
    with pytest.raises(PartsDoNotAddUpError, match=r"0\.25 apart; name every step"):
        contribution_vector(parts, 0, score=final)


def test_the_top_reasons_are_courses_of_the_same_colour(blend: Blend) -> None:
    parts = blend.contributions_by_member(HISTORY, COURSE)
    vector = contribution_vector(parts, 0, score=float(blend.score(HISTORY)[8]))
    reasons = top_reasons(vector, HISTORY)
    assert [reason.course % 2 for reason in reasons] == [0, 0]
    assert reasons[0].share >= reasons[1].share > 0.1
    assert [HISTORY.courses[reason.place] for reason in reasons] == [r.course for r in reasons]


def test_a_pick_carried_by_a_boost_cites_no_past_course() -> None:
    vector = ContributionVector(
        score=1.0, past=np.array([0.04, 0.0, -0.1, 0.06]), named={"boost": 1.0}, by_member={}
    )
    assert top_reasons(vector, HISTORY) == []


def test_nothing_in_favour_gives_no_reason() -> None:
    vector = ContributionVector(score=-0.1, past=np.full(4, -0.025), named={}, by_member={})
    assert top_reasons(vector, HISTORY) == []


def test_deleting_the_cited_course_lowers_the_rank_and_deleting_a_stranger_does_not(
    blend: Blend,
) -> None:
    history = History.of([1, 0])
    assert verify_by_deletion(blend, history, course=8, place=1) > 0
    assert verify_by_deletion(blend, history, course=8, place=0) <= 0


def test_the_history_without_a_course_keeps_the_order_of_the_others() -> None:
    assert without(HISTORY, 1).courses.tolist() == [1, 2, 4]
    assert len(without(HISTORY, 1).weights) == 3
