"""What a model may learn from, counted against hand-made rows."""

from datetime import datetime

import numpy as np
import pytest

from personalize.data import Change, Slot
from personalize.engine import dataset
from personalize.engine.dataset import Dataset
from personalize.engine.rules import seen
from personalize.engine.rules.base import NO_SPANS, Spans
from personalize.engine.rules.crowded import NEWEST_PER_LEARNER
from personalize.engine.rules.steered import STEERED_DAYS
from personalize.models import Decision, Override
from personalize.models.decisions import SLOT_CODES
from signals.data import CourseInfo, TrainingRows
from tests.factories import moment, some_uuid


def course(course_id: int, field: str = "Data") -> CourseInfo:
    return CourseInfo(
        course_id=course_id,
        external_id=f"c{course_id}",
        slug=f"c{course_id}",
        title=f"Course {course_id}",
        summary="",
        field=field,
        level="",
        language="en",
        provider="",
        minutes=60,
        skills=(),
        prerequisites=(),
        modules=1,
    )


def rows(*choices: tuple[int, int, float]) -> TrainingRows:
    learners, courses, times = zip(*choices, strict=True) if choices else ((), (), ())
    return TrainingRows(
        learner_ids=np.array(learners, np.int64),
        course_ids=np.array(courses, np.int32),
        times=np.array(times, np.float64),
        weights=np.ones(len(choices), np.float32),
    )


def build(*choices: tuple[int, int, float], steered: Spans = NO_SPANS) -> Dataset:
    courses = {course_id: course(course_id) for course_id in (3, 5, 8)}
    return dataset.build(rows(*choices), courses=courses, steered=steered)


def shown(learner: int, course_id: int, first: float, last: float) -> Spans:
    return Spans(
        learner_ids=np.array([learner], np.int64),
        course_ids=np.array([course_id], np.int32),
        first=np.array([first]),
        last=np.array([last]),
    )


def chosen(built: Dataset) -> list[tuple[int, int]]:
    data = built.interactions
    learners = built.learner_ids[data.learners].tolist()
    return list(zip(learners, built.course_ids[data.courses].tolist(), strict=True))


def test_learners_and_courses_are_numbered_without_gaps() -> None:
    built = build((-7, 8, 1), (-7, 3, 2), (1 << 60, 8, 1))
    assert built.interactions.learners.tolist() == [0, 0, 1]
    assert built.interactions.courses.tolist() == [1, 0, 1]
    assert built.course_ids.tolist() == [3, 8]
    assert chosen(built) == [(-7, 8), (-7, 3), (1 << 60, 8)]
    assert (built.interactions.n_learners, built.interactions.n_courses) == (2, 2)


def test_courses_the_catalogue_does_not_list_are_left_out_and_counted() -> None:
    built = build((1, 3, 1), (1, 99, 2), (2, 99, 1))
    assert chosen(built) == [(1, 3)]
    assert built.excluded[dataset.UNLISTED] == 2


def test_a_choice_soon_after_a_pin_or_boost_is_not_trained_on() -> None:
    steered = shown(1, 5, first=10, last=12)
    built = build((1, 3, 11), (1, 5, 11), (2, 5, 11), steered=steered)
    assert chosen(built) == [(1, 3), (2, 5)]
    assert built.excluded[dataset.STEERED] == 1


def test_a_choice_before_the_boost_or_long_after_it_is_trained_on() -> None:
    steered = shown(1, 5, first=10, last=12)
    assert chosen(build((1, 5, 9.9), steered=steered)) == [(1, 5)]
    assert chosen(build((1, 5, 12 + STEERED_DAYS + 0.1), steered=steered)) == [(1, 5)]
    assert chosen(build((1, 5, 12 + STEERED_DAYS), steered=steered)) == []


def test_boosts_shown_to_learners_without_choices_change_nothing() -> None:
    assert chosen(build((1, 5, 11), steered=shown(4, 5, first=10, last=12))) == [(1, 5)]


def test_accounts_with_hundreds_of_courses_count_with_their_newest_only() -> None:
    many = [(1, 3, float(day)) for day in range(NEWEST_PER_LEARNER + 2)]
    built = build(*many, (2, 5, 0))
    assert built.excluded[dataset.CROWDED] == 2
    assert built.interactions.times.min(where=built.interactions.learners == 0, initial=99) == 2
    assert built.interactions.lengths().tolist() == [NEWEST_PER_LEARNER, 1]


def test_too_little_history_is_a_sentence_with_what_to_do() -> None:
    assert "There are 1 choices in 1 courses" in dataset.problem_with(build((1, 3, 1)))
    assert "next nightly run tries again" in dataset.problem_with(build())


def test_a_foreign_catalogue_is_named_as_the_problem() -> None:
    built = build((1, 3, 1), (1, 98, 2), (1, 99, 3))
    assert "2 of 3 choices name courses the catalogue does not list" in dataset.problem_with(built)


def test_learners_of_one_course_each_are_not_enough() -> None:
    built = build(*[(learner, (3, 5, 8)[learner % 3], 1.0) for learner in range(500)])
    assert "0 learners chose more than one" in dataset.problem_with(built)


def test_enough_history_is_no_problem() -> None:
    courses = {course_id: course(course_id) for course_id in range(1, 7)}
    choices = [
        (learner, 1 + (learner + n) % 6, float(n)) for learner in range(30) for n in range(5)
    ]
    built = dataset.build(rows(*choices), courses=courses, steered=NO_SPANS)
    assert dataset.problem_with(built) == ""


def override(change: Change, **ago: float) -> None:
    Override.objects.create(
        course_id=5,
        change=change,
        strength=1,
        reason="launch",
        starts_at=moment(**ago),
        ends_at=moment(),
        created_by="staff:root",
        created_at=moment(**ago),
    )


def decided(learner_id: int | None, at: datetime, *shown_as: tuple[int, Slot]) -> None:
    Decision.objects.create(
        served_at=at,
        request_id=some_uuid(),
        learner_id=learner_id,
        surface=1,
        source=1,
        took_ms=1.0,
        course_ids=[course_id for course_id, _ in shown_as],
        scores=[1.0 for _ in shown_as],
        confidences=[1 for _ in shown_as],
        slots=[SLOT_CODES[slot] for _, slot in shown_as],
    )


@pytest.mark.django_db
def test_what_was_pinned_or_boosted_is_read_from_the_decision_log() -> None:
    override(Change.BOOST, days=9)
    decided(1, moment(days=8), (3, Slot.GREEDY), (5, Slot.BOOSTED))
    decided(1, moment(days=6), (5, Slot.PINNED), (8, Slot.EXPLORE))
    decided(2, moment(days=6), (5, Slot.GREEDY))
    decided(None, moment(days=6), (5, Slot.PINNED))
    found = seen.steered(now=moment())
    assert (found.learner_ids.tolist(), found.course_ids.tolist()) == ([1], [5])
    day = 86_400
    assert found.first.tolist() == [moment(days=8).timestamp() / day]
    assert found.last.tolist() == [moment(days=6).timestamp() / day]


@pytest.mark.django_db
def test_the_decision_log_is_not_read_when_nobody_ever_pinned_or_boosted() -> None:
    override(Change.HIDE, days=9)
    decided(1, moment(days=8), (5, Slot.BOOSTED))
    assert seen.steered(now=moment()) is NO_SPANS
