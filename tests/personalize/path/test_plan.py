"""Does a planned path keep every rule, on any catalogue? Properties, and an exhaustive search."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize.algorithms.path import Course, Planned, Wish, alternatives, plan

SKILLS = tuple("abcdefgh")


@st.composite
def catalogues(draw: st.DrawFn) -> dict[int, Course]:
    """Draw courses that build only on earlier numbers, so no circle is drawn."""
    count = draw(st.integers(1, 8))
    return {
        number: Course(
            course_id=number,
            minutes=draw(st.integers(0, 300)),
            skills=draw(st.frozensets(st.sampled_from(SKILLS), max_size=3)),
            prerequisites=tuple(
                draw(st.lists(st.integers(0, number - 1), max_size=2, unique=True))
                if number
                else ()
            ),
            level=draw(st.sampled_from(["beginner", "intermediate", "advanced", ""])),
            begun=draw(st.booleans()),
        )
        for number in range(count)
    }


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    """Draw what somebody wants, knows, has done, asks for and refuses."""
    numbers = st.frozensets(st.integers(0, 8), max_size=3)
    return Wish(
        wanted=draw(st.dictionaries(st.sampled_from(SKILLS), st.floats(0.1, 5), max_size=6)),
        known=draw(st.frozensets(st.sampled_from(SKILLS), max_size=3)),
        finished=draw(numbers),
        budget=draw(st.none() | st.integers(0, 1200)),
        instead=draw(st.frozensets(st.integers(0, 8), max_size=1)),
        without=draw(st.frozensets(st.integers(0, 8), max_size=2)),
        most_steps=draw(st.integers(1, 8)),
    )


def settled(courses: dict[int, Course], wish: Wish, number: int) -> bool:
    """Say whether a course need not be taken, told anew from the rules."""
    known = courses[number].skills and courses[number].skills <= wish.known
    return number in wish.finished or (bool(known) and number not in wish.instead)


def obeys(courses: dict[int, Course], wish: Wish, numbers: tuple[int, ...]) -> bool:
    """Say whether courses, as a set, are a plan that keeps every rule."""
    minutes = sum(courses[number].cost for number in numbers)
    return (
        (wish.budget is None or minutes <= wish.budget)
        and len(numbers) <= wish.most_steps
        and not any(number in wish.without or number in wish.finished for number in numbers)
        and not any(settled(courses, wish, number) for number in numbers)
        and all(
            before in numbers or settled(courses, wish, before)
            for number in numbers
            for before in courses[number].prerequisites
        )
    )


def weight(courses: dict[int, Course], wish: Wish, numbers: tuple[int, ...]) -> float:
    taught = {skill for number in numbers for skill in courses[number].skills}
    return sum(w for skill, w in wish.wanted.items() if skill in taught - wish.known)


def order_of(planned: Planned) -> tuple[int, ...]:
    return tuple(step.course_id for step in planned.steps)


@given(catalogues(), wishes())
@settings(max_examples=40, deadline=None)
def test_every_step_comes_after_what_it_needs_and_within_the_time(
    courses: dict[int, Course], wish: Wish
) -> None:
    order = order_of(plan(courses, wish))
    assert obeys(courses, wish, order)
    for place, number in enumerate(order):
        earlier = order[:place]
        assert all(
            before in earlier or settled(courses, wish, before)
            for before in courses[number].prerequisites
        )


@given(catalogues(), wishes())
@settings(max_examples=30, deadline=None)
def test_no_plan_of_all_there_are_covers_more_than_the_bound(
    courses: dict[int, Course], wish: Wish
) -> None:
    planned = plan(courses, wish)
    whole = sum(w for skill, w in wish.wanted.items() if skill not in wish.known)
    best = max(
        weight(courses, wish, numbers)
        for size in range(len(courses) + 1)
        for numbers in combinations(courses, size)
        if obeys(courses, wish, numbers)
    )
    assert best <= planned.bound * whole + 1e-9
    assert planned.covered <= planned.bound + 1e-9


@given(catalogues(), wishes())
@settings(max_examples=20, deadline=None)
def test_the_same_wish_is_planned_the_same_in_any_order_of_the_catalogue(
    courses: dict[int, Course], wish: Wish
) -> None:
    shuffled = dict(sorted(courses.items(), key=lambda pair: -pair[0]))
    assert plan(courses, wish) == plan(shuffled, wish)


@given(catalogues(), wishes())
@settings(max_examples=30, deadline=None)
def test_a_swap_that_is_offered_keeps_every_rule_too(
    courses: dict[int, Course], wish: Wish
) -> None:
    planned = plan(courses, wish)
    order = order_of(planned)
    for step in planned.steps:
        for other, brings in alternatives(courses, wish, planned, step.course_id):
            assert other not in order
            assert set(brings) <= courses[other].skills & wish.wanted.keys() - wish.known
            assert 2 * sum(wish.wanted[s] for s in brings) >= sum(
                wish.wanted[s] for s in step.brings
            )


def row(number: int, skills: str, *before: int, minutes: int = 60, level: str = "") -> Course:
    return Course(number, minutes, frozenset(skills), before, level)


def shelf(*courses: Course) -> dict[int, Course]:
    return {course.course_id: course for course in courses}


def test_what_teaches_the_same_is_offered_before_what_leads_there_by_other_skills() -> None:
    courses = shelf(row(1, "a", minutes=30), row(2, "a", minutes=90), row(3, "b", minutes=80))
    wish = Wish({"a": 1.0, "b": 1.0}, most_steps=1)
    planned = plan(courses, wish)
    assert order_of(planned) == (1,)
    assert alternatives(courses, wish, planned, 1) == ((2, ("a",)), (3, ("b",)))


def test_what_brings_less_than_half_of_a_step_does_not_stand_in_its_place() -> None:
    courses = shelf(row(1, "abc"), row(2, "d"))
    wish = Wish({"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0}, most_steps=1)
    assert alternatives(courses, wish, plan(courses, wish), 1) == ()


def test_what_is_needed_for_a_course_comes_before_it_though_nobody_asked_for_it() -> None:
    courses = shelf(row(1, "x"), row(2, "y", 1), row(3, "a", 2), row(4, "b"))
    planned = plan(courses, Wish(wanted={"a": 1.0}))
    assert order_of(planned) == (1, 2, 3)
    assert planned.steps[0].needed_by == (2,)
    assert planned.covered == 1.0


def test_what_is_known_is_skipped_and_said() -> None:
    courses = shelf(row(1, "a"), row(2, "b", 1))
    planned = plan(courses, Wish(wanted={"a": 1.0, "b": 1.0}, known=frozenset("a")))
    assert order_of(planned) == (2,)
    assert planned.skipped == (1,)


def test_a_single_great_course_beats_many_cheap_ones() -> None:
    courses = shelf(row(1, "a", minutes=10), row(2, "bcdef", minutes=100))
    wish = Wish(wanted={"a": 1.0} | dict.fromkeys("bcdef", 1.5), budget=100)
    assert order_of(plan(courses, wish)) == (2,)


def test_a_shorter_time_never_covers_more() -> None:
    courses = shelf(row(1, "a"), row(2, "b"), row(3, "c"))
    wanted = {"a": 3.0, "b": 2.0, "c": 1.0}
    found = [plan(courses, Wish(wanted, budget=b)).covered for b in (0, 60, 120, 180)]
    assert found == pytest.approx([0.0, 3 / 6, 5 / 6, 1.0])


def test_a_circle_of_prerequisites_is_no_way() -> None:
    courses = shelf(row(1, "a", 2), row(2, "b", 1), row(3, "c"))
    planned = plan(courses, Wish(wanted={"a": 1.0, "c": 1.0}))
    assert order_of(planned) == (3,)
    assert planned.out_of_reach == ("a",)


def test_what_is_asked_for_instead_stands_and_what_it_replaces_does_not() -> None:
    courses = shelf(row(1, "a"), row(2, "a", minutes=90))
    wanted = {"a": 1.0}
    first = plan(courses, Wish(wanted))
    assert alternatives(courses, Wish(wanted), first, 1) == ((2, ("a",)),)
    swapped = plan(courses, Wish(wanted, instead=frozenset({2}), without=frozenset({1})))
    assert order_of(swapped) == (2,)


def test_easy_courses_come_before_hard_ones_where_nothing_else_says() -> None:
    courses = shelf(row(1, "a", level="advanced"), row(2, "b", level="beginner"))
    assert order_of(plan(courses, Wish(wanted={"a": 1.0, "b": 1.0}))) == (2, 1)
