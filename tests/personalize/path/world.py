"""What do tests of the start and the path work with? A few courses, an occupation, a learner."""

from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.test import Client

from experiments import api as experiments
from signals import catalogue
from signals.data import CourseInfo
from signals.models import LearnerCourse, LearnerModule
from tests.factories import Person, moment, new_course

OCCUPATIONS = """occupation,title,other_titles,skills
analyst,Data analyst,Reporting analyst,sql:3;charts:2;r:1
potter,Potter,Ceramic artist,clay:2;glazing:1
"""


@dataclass(frozen=True)
class World:
    """Five courses: tables before sql before pandas, charts twice."""

    tables: CourseInfo
    sql: CourseInfo
    pandas: CourseInfo
    charts: CourseInfo
    plots: CourseInfo


def open_world(folder: Path) -> World:
    """Make the courses and the occupations."""
    tables = new_course("tables", title="Tables", skills=["spreadsheets"], modules=["t1", "t2"])
    sql = new_course(
        "sql",
        title="Asking databases",
        skills=["sql"],
        modules=["s1", "s2", "s3"],
        prerequisites=[tables.course_id],
    )
    pandas = new_course(
        "pandas",
        title="Frames",
        skills=["pandas"],
        modules=["p1"],
        prerequisites=[sql.course_id],
        level="intermediate",
    )
    charts = new_course("charts", title="Charts", skills=["charts"], modules=["c1"])
    plots = new_course("plots", title="Plots", skills=["charts"], modules=["q1", "q2"])
    new_course("bread", title="Bread", field="Baking", skills=["baking"], modules=["b1"])
    path = folder / "occupations.csv"
    path.write_text(OCCUPATIONS, encoding="utf-8")
    call_command("import_occupations", str(path), stdout=StringIO())
    return World(tables, sql, pandas, charts, plots)


def let_in(person: Person, *keys: str) -> None:
    """Open surfaces to an account, as the list of early accounts does."""
    for key in keys or ("path", "onboarding"):
        experiments.list_on_flag(f"surface-{key}-early", accounts=[person.account.pk])


def says(client: Client, question: str, **sent: object) -> str:
    """Answer a question at the start and return the page that follows."""
    answer = client.post("/start/", {"question": question, **sent}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def finishes(learner_id: int, course: CourseInfo) -> None:
    """Let a learner have completed a course."""
    at = moment(hours=1)
    LearnerCourse.objects.create(
        learner_id=learner_id,
        course_id=course.course_id,
        enrolled_at=at,
        completed_at=at,
        last_at=at,
    )


def scores(learner_id: int, course: CourseInfo, share: float) -> None:
    """Let a learner have a quiz result in a course."""
    at = moment(hours=1)
    LearnerModule.objects.create(
        learner_id=learner_id,
        course_id=course.course_id,
        module_id=catalogue.modules(course.course_id)[0].module_id,
        score=share,
        last_at=at,
    )


def completes(learner_id: int, course: CourseInfo, *, days_ago: tuple[int, ...]) -> None:
    """Let a learner have completed the first lessons of a course so many days ago each."""
    for module, days in zip(catalogue.modules(course.course_id), days_ago, strict=True):
        at = moment(days=days)
        LearnerModule.objects.create(
            learner_id=learner_id,
            course_id=course.course_id,
            module_id=module.module_id,
            completed_at=at,
            last_at=at,
        )
