"""Is a course completed without its quizzes no progress, and is that known in time? (L3)"""

import numpy as np
import pytest

from personalize.algorithms.heads.courses import learn
from personalize.algorithms.heads.facts import Facts, Kind, state_before
from personalize.algorithms.heads.outcomes import completed, enrolments
from personalize.algorithms.heads.passing import passed

NONE = float("nan")
Row = tuple[int, int, int, float, float]


def facts_of(*rows: Row) -> Facts:
    """Return facts of rows (learner, course, kind, days, share)."""
    return Facts.of(*np.array(rows, dtype=float).reshape(-1, 5).T)


def enrolled(learner: int, at: float = 1.0) -> Row:
    return (learner, 0, Kind.ENROLLED, at, NONE)


def scored(learner: int, at: float, share: float) -> Row:
    return (learner, 0, Kind.SCORED, at, share)


def ended(learner: int, at: float) -> Row:
    return (learner, 0, Kind.COMPLETED, at, NONE)


def test_progress_is_a_completion_with_half_of_the_points() -> None:
    facts = facts_of(
        *(row for n in range(4) for row in (enrolled(n), ended(n, 9.0))),
        *(scored(0, 8.0, 0.4), scored(0, 9.0, 0.7)),  # on average above half
        *(scored(1, 8.0, 0.6), scored(1, 9.0, 0.2)),  # below
        scored(2, 9.0, 0.5),  # just half
    )  # the last sent no quizzes
    begun = enrolments(facts)
    assert completed(facts, begun, until=100.0).tolist() == [1.0, 0.0, 1.0, 1.0]


def test_what_is_scored_after_the_completion_does_not_undo_it() -> None:
    facts = facts_of(enrolled(0), scored(0, 5.0, 0.8), ended(0, 5.0), scored(0, 20.0, 0.0))
    assert completed(facts, enrolments(facts), until=100.0).tolist() == [1.0]


def test_quizzes_are_averaged_for_each_learner_and_course_up_to_the_moment() -> None:
    rng = np.random.default_rng(4)
    rows = [
        (int(who), int(what), int(Kind.SCORED), float(at), float(share))
        for who, what, at, share in zip(
            rng.integers(0, 6, 200),
            rng.integers(0, 3, 200),
            rng.integers(0, 50, 200),
            rng.random(200),
            strict=True,
        )
    ]
    asked = [(who, what, at) for who in range(7) for what in range(4) for at in (0, 20, 49)]
    learners, courses, until = np.array(asked).T
    found = passed(facts_of(*rows), learners, courses.astype(np.int32), until=until.astype(float))
    assert found.tolist() == [recounted(rows, *each) for each in asked]


def recounted(rows: list[Row], who: int, what: int, until: float) -> bool:
    """Say by hand whether the quizzes up to a moment came to half."""
    shares = {row[3:] for row in rows if row[:2] == (who, what) and row[3] <= until}
    return not shares or float(np.mean([share for _at, share in shares])) >= 0.5


def test_an_enrolment_still_open_counts_as_those_that_were_passed_in_the_end() -> None:
    # All of 8 were completed on day 20, 2 of them without passing; one of 10 days ago is open.
    facts = facts_of(
        *(row for n in range(8) for row in (enrolled(n), ended(n, 21.0))),
        *(scored(n, 20.0, 0.1) for n in range(2)),
        enrolled(9, 90.0),
    )
    begun = enrolments(facts)
    found = completed(facts, begun, until=100.0)
    assert found[begun.learners == 9] == pytest.approx([0.75])


def test_a_course_in_which_nobody_passes_is_known_as_one() -> None:
    both = [(n, course, kind, at) for n in range(40) for course in (0, 1) for kind, at in ENDS]
    rows = [(*row, NONE) for row in both]
    rows += [(n, 1, Kind.SCORED, 8.0, 0.1) for n in range(40)]
    easy, hard = learn(facts_of(*rows), 2, moment=20.0).completion
    assert easy > 0.8 > 0.5 > hard


ENDS = ((Kind.ENROLLED, 1.0), (Kind.COMPLETED, 9.0))


def test_a_state_knows_the_mean_of_the_quizzes_before_it_and_no_later_one() -> None:
    facts = facts_of(enrolled(1), scored(1, 3.0, 0.2), scored(1, 4.0, 0.6), scored(1, 5.0, 1.0))
    assert state_before(facts, 5.0).score == pytest.approx(0.4)
    assert np.isnan(state_before(facts, 3.0).score)
