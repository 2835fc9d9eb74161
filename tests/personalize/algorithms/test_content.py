"""What courses say of themselves brings those together that are about the same things."""

from dataclasses import replace

import numpy as np

from personalize.algorithms.about import Said, vectors
from personalize.algorithms.base import History, Interactions
from personalize.algorithms.content import Content
from personalize.algorithms.holdout import some_learners
from tests.personalize.algorithms.worlds import rows

COURSES = [
    Said("Watercolour for beginners", ["painting"], ["field Art", "provider North"]),
    Said("Oil painting at home", ["painting"], ["field Art", "provider South"]),
    Said("Linear algebra", ["matrices"], ["field Maths", "provider North"]),
    Said("Advanced linear algebra", ["matrices"], ["field Maths", "provider South"]),
    Said("线性代数", [], []),
    Said("高等代数", [], []),
    Said("", [], []),
]


def nobody_took_any(courses: list[Said]) -> Interactions:
    data = rows([[0, 1]] * 3, n_courses=len(courses))
    return Interactions(
        learners=data.learners,
        courses=data.courses,
        times=data.times,
        weights=data.weights,
        n_learners=data.n_learners,
        n_courses=len(courses),
        about=vectors(courses),
    )


def nearest(course: int) -> int:
    model = Content().fit(nobody_took_any(COURSES), rng=np.random.default_rng(0))
    return int(model.score(History.of([course])).argmax())


def test_a_course_is_nearest_to_the_one_of_its_subject_not_of_its_school() -> None:
    assert [nearest(course) for course in (0, 1, 2, 3)] == [1, 0, 3, 2]


def test_titles_without_spaces_are_compared_by_their_characters() -> None:
    assert [nearest(course) for course in (4, 5)] == [5, 4]


def test_a_course_that_says_nothing_is_like_no_other() -> None:
    model = Content().fit(nobody_took_any(COURSES), rng=np.random.default_rng(0))
    assert not model.score(History.of([6])).any()
    assert model.score(History.of([0]))[6] == 0.0


def test_where_no_course_says_anything_nothing_is_like_anything() -> None:
    assert vectors([Said(""), Said("")]) is None
    model = Content().fit(rows([[0, 1], [1, 2]], n_courses=3), rng=np.random.default_rng(0))
    assert not model.score(History.of([0, 1])).any()


def test_what_courses_say_stays_when_learners_or_rows_are_drawn() -> None:
    data = nobody_took_any(COURSES)
    some = some_learners(data, 2, np.random.default_rng(1)).take(np.array([0]))
    assert some.about is data.about


def test_how_fast_the_past_fades_is_read_off_the_data() -> None:
    """Everyone takes two courses of one subject, then two of another: the newest one tells."""
    subjects = np.random.default_rng(2).permuted(np.tile(np.arange(40), (200, 1)), axis=1)
    sequences = [[3 * a, 3 * a + 1, 3 * b, 3 * b + 1] for a, b in subjects[:, :2].tolist()]
    says = vectors([Said(f"Subject{course // 3}") for course in range(120)])
    data = replace(rows(sequences, n_courses=120), about=says)
    searched = Content(lean=0.0).fit(data, rng=np.random.default_rng(0))
    assert searched.half_life_ < Content.usual_half_life
    assert searched.refit_params()["half_life"] == searched.half_life_
    assert Content(lean=0.0, half_life=6.0).fit(data, rng=np.random.default_rng(0)).half_life_ == 6
