"""Answers are priors: once a quiz speaks, a false claim has changed neither path nor picks."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from personalize import api as personalize
from personalize.agents import path as paths
from personalize.agents.evidence import Facts, facts
from personalize.agents.path import Choices
from personalize.agents.wishes import Stated
from personalize.decision import standing
from signals import catalogue
from signals.data import CourseInfo, ModuleState
from signals.models import Course, shelf
from tests.factories import moment, new_course, new_learner
from tests.personalize.path.world import World
from tests.personalize.shop import Shop, touch

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 2)
DRAWS = 25


def state(course: CourseInfo, score: float | None, *, done: bool = False) -> ModuleState:
    """Return what a learner did in the first lesson of a course."""
    at = moment()
    return ModuleState(
        module_id=catalogue.modules(course.course_id)[0].module_id,
        course_id=course.course_id,
        progress=1.0,
        completed_at=at if done else None,
        score=score,
        last_at=at,
    )


def said_by(*states: ModuleState, finished: tuple[CourseInfo, ...] = ()) -> Facts:
    return facts(
        catalogue.courses(),
        finished=[course.course_id for course in finished],
        begun=(),
        states=states,
    )


def test_random_answers_that_quizzes_refute_leave_the_path_as_it_is_without_them(
    world: World,
) -> None:
    rng = np.random.default_rng(7)
    for n in range(12):
        new_course(f"more-{n}", skills=[f"skill {n}", f"skill {n + 1}"], modules=[f"m{n}"])
    courses = catalogue.courses()
    skills = [name for name, _n in catalogue.skills()]
    for _ in range(DRAWS):
        claimed = tuple(rng.choice(skills, size=4, replace=False).tolist())
        known = frozenset(rng.choice(sorted(courses), size=2, replace=False).tolist())
        doubted = {c for c, info in courses.items() if {*info.skills} & {*claimed}} | known
        seen = said_by(*(state(courses[c], float(rng.uniform(0, 0.59))) for c in sorted(doubted)))
        bare = Stated(role="analyst", minutes_per_week=int(rng.integers(30, 300)))
        claiming = replace(bare, known=claimed)
        told = paths.make(claiming, seen, today=TODAY, choices=Choices(known=known))
        assert told == paths.make(bare, seen, today=TODAY)


def test_a_claim_no_quiz_speaks_against_counts(world: World) -> None:
    stated = Stated(role="analyst", known=("spreadsheets",))
    made = paths.make(stated, said_by(state(world.charts, 0.2)), today=TODAY)
    assert world.tables.course_id not in [leg.course.course_id for leg in made.legs]


def test_a_quiz_that_was_passed_in_the_end_does_not_speak_against_a_claim(world: World) -> None:
    assert said_by(state(world.tables, 0.6)).missed == frozenset()
    assert said_by(state(world.tables, 0.59)).missed == {"spreadsheets"}


def test_a_finished_course_proves_its_skills_unless_its_quiz_was_failed(world: World) -> None:
    passed = said_by(state(world.sql, 0.9), finished=(world.sql,))
    failed = said_by(state(world.sql, 0.1), finished=(world.sql,))
    assert passed.known(()) == {"sql"}
    assert failed.known(["sql"]) == frozenset()


def test_what_is_done_of_a_begun_course_is_not_to_be_done_again(world: World) -> None:
    begun = facts(
        catalogue.courses(),
        finished=(),
        begun=[world.sql.course_id],
        states=[state(world.sql, None, done=True)],
    )
    made = paths.make(Stated(skills=("sql",)), begun, today=TODAY)
    minutes = {leg.course.course_id: leg.minutes for leg in made.legs}
    assert minutes[world.sql.course_id] == 20  # of 30


def test_a_course_in_a_language_nobody_here_reads_is_not_planned(world: World) -> None:
    both = new_course("both", skills=["sql", "charts"], modules=["e1"])
    stated = Stated(role="analyst", language="en")
    assert [leg.course for leg in paths.make(stated, Facts(), today=TODAY).legs] == [both]
    Course.objects.filter(pk=both.course_id).update(language="es")
    shelf.forget()
    made = paths.make(stated, Facts(), today=TODAY)
    assert both.course_id not in {leg.course.course_id for leg in made.legs}
    assert made.legs


def picked(learner_id: int, *known: str) -> list[str]:
    """Return the titles of the picks of somebody with a goal who says what they know."""
    wish = standing.Wish(goal="Data", interests=("Data skill 3",), known_skills=known)
    standing.state_wish(learner_id, wish, now=moment())
    answer = personalize.recommend(learner_id, now=moment())
    return [catalogue.courses()[item.course_id].title for item in answer.items]


def test_a_course_that_teaches_nothing_but_what_is_known_goes_down(trained: Shop) -> None:
    learner_id = new_learner()
    place = picked(learner_id).index("Data course 2")
    after = picked(learner_id, "Data skill 2", "Data skill 3")
    assert "Data course 2" not in after[: place + 1]
    assert picked(learner_id, "Data skill 3")[: place + 1].count("Data course 2") == 1


def test_a_claim_counts_for_no_pick_once_a_course_on_the_skill_was_begun(trained: Shop) -> None:
    learner_id = new_learner()
    touch(learner_id, trained.field("Data")[1], enrolled_at=moment(days=1))
    assert picked(learner_id, "Data skill 1", "Data skill 2") == picked(learner_id)


def test_a_beginners_course_named_for_a_known_skill_leaves_the_path(world: World) -> None:
    new_course(
        "charts-first",
        title="Charts: first steps",
        skills=["charts", "axes", "r"],
        modules=["z1"],
        level="beginner",
    )
    stated = Stated(role="analyst", known=("charts",))
    made = paths.make(stated, Facts(), today=TODAY)
    assert "Charts: first steps" not in [leg.course.title for leg in made.legs]
    assert "Charts: first steps" in [info.title for info in made.skipped]
    Course.objects.filter(external_id="charts-first").update(level="advanced")
    shelf.forget()
    made = paths.make(stated, Facts(), today=TODAY)
    assert "Charts: first steps" in [leg.course.title for leg in made.legs]
