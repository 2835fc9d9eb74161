"""What is proposed: only what is true, one thing, after a pause, and nothing where nothing is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from personalize.agents.nudges import FORGOTTEN_DAYS, PAUSE_DAYS, Begun, Kind, Step, propose
from signals.data import CourseInfo, ModuleInfo, ModuleState

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def course(number: int, *, modules: int, minutes: int = 10) -> CourseInfo:
    return CourseInfo(
        course_id=number,
        external_id=f"c{number}",
        slug=f"c{number}",
        title=f"Course {number}",
        summary="",
        field="Data",
        level="beginner",
        language="en",
        provider="",
        minutes=modules * minutes,
        skills=(),
        prerequisites=(),
        modules=modules,
    )


def begun(
    number: int = 1,
    *,
    modules: int = 5,
    done: int = 2,
    days: float = 6,
    minutes: int = 10,
    scores: dict[int, float] | None = None,
    reach: dict[int, int] | None = None,
) -> Begun:
    """Return a course with its first modules done; modules are numbered course * 100 from 1."""
    at = NOW - timedelta(days=days)
    listed = [
        ModuleInfo(number * 100 + place, "", place, f"Module {place}", minutes, "article")
        for place in range(1, modules + 1)
    ]
    states = {
        module.module_id: ModuleState(
            module_id=module.module_id,
            course_id=number,
            progress=1.0,
            completed_at=at,
            score=(scores or {}).get(module.position),
            last_at=at,
        )
        for module in listed[:done]
    }
    return Begun(course(number, modules=modules), listed, states, at, reach or {})


def test_the_next_module_is_told_with_what_is_left_after_it() -> None:
    found = propose([begun()], None, now=NOW)
    assert found is not None
    told = (found.kind, found.number, found.minutes, found.share, found.after, found.days)
    assert told == (Kind.NEXT, 3, 10, 0.4, 2, 6)
    assert found.after_minutes == 20


def test_nothing_is_said_before_a_pause_or_after_it_was_forgotten() -> None:
    for days in (0, PAUSE_DAYS - 0.1, FORGOTTEN_DAYS + 1):
        assert propose([begun(days=days)], None, now=NOW) is None


def test_nothing_is_said_of_a_course_that_is_done_or_has_no_lessons() -> None:
    assert propose([begun(done=5)], None, now=NOW) is None
    assert propose([begun(modules=0, done=0)], None, now=NOW) is None


def test_no_minutes_are_told_that_the_catalogue_does_not_know() -> None:
    found = propose([begun(minutes=0)], None, now=NOW)
    assert found is not None
    assert (found.minutes, found.after_minutes) == (0, 0)


def test_a_quiz_that_was_nearly_passed_comes_before_the_next_module() -> None:
    found = propose([begun(scores={2: 0.55})], None, now=NOW)
    assert found is not None
    assert (found.kind, found.number, found.score) == (Kind.QUIZ, 2, 0.55)


def test_a_quiz_that_was_passed_or_far_from_it_is_not_spoken_of() -> None:
    for score in (0.2, 0.44, 0.6, 1.0):
        found = propose([begun(scores={2: score})], None, now=NOW)
        assert found is not None
        assert found.kind is Kind.NEXT


def test_where_many_stop_it_is_said_a_day_earlier_and_with_both_numbers() -> None:
    stops = {102: 120, 103: 75}
    found = propose([begun(days=2, reach=stops)], None, now=NOW)
    assert found is not None
    assert (found.finished, found.went_on) == (120, 75)
    assert propose([begun(days=2, reach={102: 120, 103: 110})], None, now=NOW) is None
    assert propose([begun(days=2, reach={102: 120})], None, now=NOW) is None


def test_the_course_that_was_open_last_comes_first() -> None:
    found = propose([begun(1, days=9), begun(2, days=5)], None, now=NOW)
    assert found is not None
    assert found.course_id == 2


def test_what_was_said_is_not_said_again() -> None:
    first = propose([begun(1, days=9), begun(2, days=5)], None, now=NOW)
    assert first is not None
    second = propose([begun(1, days=9), begun(2, days=5)], None, now=NOW, said={first.key})
    assert second is not None
    assert second.course_id == 1


def test_the_path_is_spoken_of_only_where_no_course_is_half_done() -> None:
    step = Step(course(7, modules=3), 2, 5, NOW - timedelta(days=6))
    found = propose([], step, now=NOW)
    assert found is not None
    assert (found.kind, found.number, found.of, found.minutes) == (Kind.PATH, 2, 5, 30)
    assert propose([begun(days=1)], step, now=NOW) is None
    assert propose([], replace(step, last_at=NOW), now=NOW) is None


@given(
    modules=st.integers(0, 8),
    done=st.integers(0, 8),
    days=st.floats(0, 90),
    minutes=st.integers(0, 60),
    score=st.none() | st.floats(0, 1),
)
def test_every_number_of_a_proposal_is_a_fact(
    modules: int, done: int, days: float, minutes: int, score: float | None
) -> None:
    done = min(done, modules)
    scores = {} if score is None else {1: score}
    one = begun(modules=modules, done=done, days=days, minutes=minutes, scores=scores)
    found = propose([one], None, now=NOW)
    if found is None:
        return
    assert PAUSE_DAYS <= found.days == int(days) <= FORGOTTEN_DAYS
    assert (found.done, found.of, found.minutes) == (done, modules, minutes)
    assert one.modules[found.number - 1].module_id == found.module_id
    left = modules - done - (found.kind is Kind.NEXT)
    assert (found.after, found.after_minutes) == (left, left * minutes)
