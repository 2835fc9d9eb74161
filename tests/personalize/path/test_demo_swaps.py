"""Swaps and claims over the catalogue of the demo: what is offered there is worth taking."""

from collections import Counter

import pytest

from demo.catalogue import read_courses
from personalize.algorithms.path import Course, Planned, Wish, alternatives, plan

READ = [course for course in read_courses() if course.language == "en"]
NUMBERS = {course.key: number for number, course in enumerate(READ, start=1)}
COURSES = {
    NUMBERS[course.key]: Course(
        course_id=NUMBERS[course.key],
        minutes=course.minutes,
        skills=frozenset(course.skills),
        prerequisites=tuple(NUMBERS[key] for key in course.prerequisites),
        level=course.level,
    )
    for course in READ
}
FIELDS = sorted({course.field for course in READ})


def wish_for(field: str) -> Wish:
    """Return what the goal of a whole field asks for."""
    return Wish(Counter(s for course in READ if course.field == field for s in course.skills))


def swaps_of(wish: Wish, planned: Planned) -> dict[int, tuple[tuple[int, tuple[str, ...]], ...]]:
    found = {
        step.course_id: alternatives(COURSES, wish, planned, step.course_id)
        for step in planned.steps
    }
    return {step: offered for step, offered in found.items() if offered}


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_offered_for_a_step_is_taken_in_where_it_is_chosen(field: str) -> None:
    wish = wish_for(field)
    for away, offered in swaps_of(wish, plan(COURSES, wish)).items():
        for to, brings in offered:
            chosen = Wish(wish.wanted, instead=frozenset({to}), without=frozenset({away}))
            after = plan(COURSES, chosen)
            assert to in {step.course_id for step in after.steps}
            assert away not in {step.course_id for step in after.steps}
            assert set(brings) <= {s for step in after.steps for s in step.brings}


def test_every_skill_taught_by_two_courses_alone_can_be_swapped() -> None:
    """Where one skill is the whole goal, each course that teaches it is an alternative."""
    rivals = {
        skill: [c for c in COURSES.values() if skill in c.skills and not c.prerequisites]
        for skill in {s for course in READ for s in course.skills}
    }
    tried = 0
    for skill, courses in sorted(rivals.items()):
        if len(courses) < 2:
            continue
        wish = Wish({skill: 1.0})
        assert swaps_of(wish, plan(COURSES, wish)), skill
        tried += 1
    assert tried >= 5
