"""Do the heads ever see what came after? A feature that does would win every test and no day."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize.algorithms.heads.courses import Catalogue, catalogue_of
from personalize.algorithms.heads.facts import Facts, Kind, State, state_before
from personalize.algorithms.heads.outcomes import Shown
from personalize.algorithms.heads.training import Past

CATALOGUE: Catalogue = catalogue_of(
    fields_of=[0, 0, 1, -1],
    levels=[0.0, 0.5, np.nan, 1.0],
    minutes=[60, 90, 0, 30],
    modules=[4, 5, 0, 2],
    pairs=[(1, 0), (3, 1)],
)
UNTIL = 60.0

fact = st.tuples(
    st.integers(1, 4),
    st.integers(0, 3),
    st.sampled_from([int(kind) for kind in Kind]),
    st.floats(0.0, UNTIL - 1.0, width=32),
)


def facts_of(rows: list[tuple[int, int, int, float]]) -> Facts:
    """Return facts of rows (learner, course, kind, days); quizzes score by their moment."""
    learners, courses, kinds, times = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    shares = np.where(kinds == Kind.SCORED, times / UNTIL, np.nan)
    return Facts.of(learners, courses, kinds, times, shares)


def asked(learner: int, moment: float) -> Shown:
    """Return one list of all courses."""
    return Shown(
        learners=np.array([learner]),
        moments=np.array([moment]),
        courses=np.arange(4, dtype=np.int32).reshape(1, 4),
        goal_fields=np.array([1], np.int32),
    )


def looked_at(rows: list[tuple[int, int, int, float]], learner: int, moment: float) -> np.ndarray:
    """Return what the heads see for one learner at a moment."""
    past = Past(facts_of(rows), CATALOGUE, until=UNTIL)
    return past.looked_at(asked(learner, moment)).matrix


@given(
    rows=st.lists(fact, max_size=30),
    later=st.lists(fact, min_size=1, max_size=10),
    moment=st.floats(0.0, UNTIL - 2.0, width=32),
)
@settings(max_examples=60, deadline=None)
def test_what_happens_at_the_moment_or_after_it_changes_no_feature(
    rows: list[tuple[int, int, int, float]],
    later: list[tuple[int, int, int, float]],
    moment: float,
) -> None:
    planted = [(who, what, kind, max(at, moment)) for who, what, kind, at in later]
    assert np.array_equal(looked_at(rows, 1, moment), looked_at(rows + planted, 1, moment))


@pytest.mark.parametrize("kind", list(Kind))
def test_a_fact_planted_the_moment_after_about_the_very_course_changes_no_feature(
    kind: Kind,
) -> None:
    rows = [(1, 0, 3, 5.0), (1, 0, 4, 9.0), (2, 1, 3, 6.0), (2, 1, 4, 8.0)]
    planted = [(1, 1, int(kind), 20.0), (1, 1, int(kind), 20.0 + 1e-6)]
    assert np.array_equal(looked_at(rows, 1, 20.0), looked_at(rows + planted, 1, 20.0))


def test_a_fact_planted_just_before_is_seen() -> None:
    rows = [(1, 0, 3, 5.0)]
    planted = [(1, 0, 4, 20.0 - 1e-6)]
    assert not np.array_equal(looked_at(rows, 1, 20.0), looked_at(rows + planted, 1, 20.0))


@given(
    rows=st.lists(fact, min_size=1, max_size=30),
    seed=st.integers(0, 1_000),
    moment=st.floats(0.0, UNTIL - 2.0, width=32),
)
@settings(max_examples=50, deadline=None)
def test_facts_that_come_shuffled_late_or_twice_give_the_same_features(
    rows: list[tuple[int, int, int, float]], seed: int, moment: float
) -> None:
    order = np.random.default_rng(seed).permutation(len(rows))
    shuffled = [rows[place] for place in order] + rows[: len(rows) // 2]
    assert np.array_equal(looked_at(rows, 1, moment), looked_at(shuffled, 1, moment))


@given(rows=st.lists(fact, max_size=30), moment=st.floats(0.0, UNTIL, width=32))
@settings(max_examples=50, deadline=None)
def test_a_state_is_what_a_recount_of_the_facts_before_gives(
    rows: list[tuple[int, int, int, float]], moment: float
) -> None:
    own = facts_of([row for row in rows if row[0] == 1])
    found = state_before(own, moment)
    assert as_dict(found) == recounted(rows, moment)
    before = {row for row in rows if row[0] == 1 and row[2] == Kind.SCORED and row[3] < moment}
    shares = [row[3] / UNTIL for row in before]
    assert found.score == pytest.approx(np.mean(shares) if shares else np.nan, nan_ok=True)


def as_dict(state: State) -> dict[int, tuple[int, float]]:
    """Return (touch, last_at) by course."""
    pairs = zip(state.touches.tolist(), state.last_at.tolist(), strict=True)
    return dict(zip(state.courses.tolist(), pairs, strict=True))


def recounted(
    rows: list[tuple[int, int, int, float]], moment: float
) -> dict[int, tuple[int, float]]:
    """Count by hand what state_before says."""
    before = [row for row in rows if row[0] == 1 and row[3] < moment]
    return {
        course: touched([(kind, at) for _who, what, kind, at in before if what == course])
        for course in {row[1] for row in before}
    }


def touched(seen: list[tuple[int, float]]) -> tuple[int, float]:
    """Return the strongest touch and the newest moment of one course."""
    newest = {kind: max(at for k, at in seen if k == kind) for kind in {k for k, _at in seen}}
    last = max(newest.values())
    if Kind.COMPLETED in newest:
        return 4, last
    if Kind.LEFT in newest and newest[Kind.LEFT] >= newest.get(Kind.ENROLLED, -1.0):
        return 5, last
    if Kind.ENROLLED in newest:
        return 3, last
    return (2 if {Kind.STARTED, Kind.SCORED} & set(newest) else 1), last
