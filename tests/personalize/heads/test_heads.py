"""Is a head what was planted, the same when stored, and soon said? (L3)"""

from time import perf_counter

import numpy as np
import pytest

from personalize.algorithms.heads import head
from personalize.algorithms.heads.courses import catalogue_of, learn
from personalize.algorithms.heads.facts import Facts, Kind, State
from personalize.algorithms.heads.features import (
    NAMES,
    Known,
    matrix,
    of_learner,
    of_match,
)
from personalize.algorithms.heads.head import Head, TooFewOutcomesError
from personalize.algorithms.heads.judge import judge
from personalize.algorithms.heads.outcomes import completed, enrolments

N = 8_000


def planted(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features, true probabilities and what came of them."""
    rows = rng.normal(size=(N, len(NAMES)))
    true = 1 / (1 + np.exp(-(1.5 * rows[:, 0] - rows[:, 3] - 1.0)))
    return rows, true, (rng.random(N) < true).astype(float)


def halves() -> tuple[np.ndarray, np.ndarray]:
    """Return which rows are learned from and which calibrated on."""
    first = np.arange(N) < N // 2
    return first, ~first


def test_a_planted_probability_is_found() -> None:
    rows, true, came = planted(np.random.default_rng(3))
    first, second = halves()
    found = head.fit(rows, came, learn_from=first, calibrate_on=second).probabilities(rows)
    assert np.abs(found - true).mean() < 0.03


def test_a_head_that_learned_when_everything_was_likelier_is_mended_by_later_rows() -> None:
    rng = np.random.default_rng(5)
    rows, true, came = planted(rng)
    first, second = halves()
    later = np.where(second, (rng.random(N) < true / 3).astype(float), came)
    found = head.fit(rows, later, learn_from=first, calibrate_on=second).probabilities(rows)
    assert judge(found[second], later[second]).calibration_error < 0.03


def test_a_stored_head_says_the_same() -> None:
    rows, _true, came = planted(np.random.default_rng(3))
    first, second = halves()
    fitted = head.fit(rows, came, learn_from=first, calibrate_on=second)
    again = Head.from_arrays(fitted.arrays())
    assert np.array_equal(again.probabilities(rows), fitted.probabilities(rows))


def test_a_flat_head_tells_everybody_the_base_rate() -> None:
    rows, _true, came = planted(np.random.default_rng(3))
    first, second = halves()
    flat = head.fit(rows, came, learn_from=first, calibrate_on=second).flat()
    assert flat.probabilities(rows) == pytest.approx(came[second].mean())
    assert Head.from_arrays(flat.arrays()).probabilities(rows) == pytest.approx(flat.base_rate)


def test_what_says_less_than_the_base_rate_does_not_hold() -> None:
    came = (np.arange(1_000) % 4 == 0).astype(float)
    assert judge(np.where(came, 0.4, 0.2), came).holds
    assert not judge(np.where(came, 0.2, 0.4), came).holds
    assert not judge(np.where(came, 0.9, 0.7), came).holds
    assert not judge(np.zeros(0), np.zeros(0)).holds


def test_too_few_outcomes_are_refused_in_words() -> None:
    rows, _true, came = planted(np.random.default_rng(3))
    first, second = halves()
    with pytest.raises(TooFewOutcomesError, match="of each are needed"):
        head.fit(rows, np.zeros_like(came), learn_from=first, calibrate_on=second)


def test_always_saying_the_base_rate_is_calibrated_and_has_no_skill() -> None:
    came = np.array([1.0, 0.0, 0.0, 0.0] * 50)
    judged = judge(np.full(200, 0.25), came)
    assert judged.skill == pytest.approx(0.0)
    assert judged.base_rate == 0.25


def test_an_enrolment_still_open_counts_as_those_that_were_open_as_long() -> None:
    # Of 8 old enrolments 4 were completed on day 2, 2 on day 20, 2 never. One of 10 days ago is
    # still open: 2 of the 4 that were open then were completed in the end.
    old = [(learner, 0, Kind.ENROLLED, 1.0) for learner in range(8)]
    ends = [(learner, 0, Kind.COMPLETED, 3.0) for learner in range(4)]
    ends += [(learner, 0, Kind.COMPLETED, 21.0) for learner in (4, 5)]
    facts = Facts.of(*np.array([*old, *ends, (9, 0, Kind.ENROLLED, 90.0)], dtype=float).T)
    begun = enrolments(facts)
    found = completed(facts, begun, until=100.0)
    assert found[begun.learners == 9] == pytest.approx([0.5])
    assert found[begun.learners < 8].tolist() == [1.0] * 6 + [0.0] * 2


def shelf_of(n: int) -> Known:
    """Return n courses in 40 fields, each with the one before as a prerequisite."""
    rng = np.random.default_rng(1)
    catalogue = catalogue_of(
        rng.integers(0, 40, n).tolist(),
        rng.choice([0.0, 0.5, 1.0], n).tolist(),
        rng.uniform(30, 600, n).tolist(),
        rng.integers(3, 20, n).tolist(),
        [(place, place - 1) for place in range(1, n, 3)],
    )
    learners = np.repeat(np.arange(2_000), 10)
    courses = rng.integers(0, n, len(learners))
    kinds = np.full(len(learners), int(Kind.ENROLLED))
    facts = Facts.of(learners, courses, kinds, rng.uniform(0, 80, len(learners)))
    return Known.of(catalogue, learn(facts, n, moment=90.0))


def test_one_learner_and_all_courses_at_once_is_the_same_as_row_by_row() -> None:
    known = shelf_of(200)
    fitted = Head(np.random.default_rng(2).normal(size=len(NAMES)), -1.0, 0.8, 0.1, 0.2)
    state = State(
        np.array([4, 9, 60], np.int32), np.array([4, 3, 1], np.int8), np.array([10.0, 70.0, 88.0])
    )
    at_once = fitted.laid_out(
        of_learner(state, 90.0), known.columns, of_match(known, state, now=90.0)
    )
    assert at_once == pytest.approx(fitted.probabilities(matrix(known, state, now=90.0)))


@pytest.mark.prove  # how long it takes says as much about the machine's other work
def test_both_heads_score_three_thousand_courses_in_half_a_millisecond() -> None:
    known = shelf_of(3_000)
    fitted = Head(np.random.default_rng(2).normal(size=len(NAMES)), -1.0, 0.8, 0.1, 0.2)
    state = State(
        np.arange(0, 300, 10, dtype=np.int32), np.full(30, 4, np.int8), np.linspace(1.0, 89.0, 30)
    )
    took = []
    for _ in range(200):
        begun = perf_counter()
        match, own = of_match(known, state, now=90.0), of_learner(state, 90.0)
        fitted.laid_out(own, known.columns, match)
        fitted.laid_out(own, known.columns, match)
        took.append(perf_counter() - begun)
    assert np.min(took) < 0.0005
