"""Do files come in whole, twice without harm, and with a report of what was refused?"""

import gzip
import json
import os
from datetime import UTC, datetime
from getpass import getuser
from io import StringIO
from pathlib import Path
from time import perf_counter
from typing import Any

import pyarrow as pa
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Model
from pyarrow import parquet

from signals import api, catalogue
from signals.models import Course, Event, Learner, LearnerCourse, Module, Skill, shelf
from tests.factories import moment, new_course

pytestmark = pytest.mark.django_db

HEADER = (
    "course,title,field,level,language,provider,summary,skills,prerequisites,"
    "module,position,module_title,minutes,format,text\n"
)
BREAD = 'bread,Sourdough,Cooking,Beginner,English,Mill,"Flour, water",Baking;Patience,,'
WORLD = (
    HEADER
    + BREAD
    + 'b1,1,Starter,12,video,"Feed it.\nTwice."\n'
    + BREAD
    + "b2,2,Folding,15,article,Fold it.\n"
    + "pizza,Pizza,Cooking,intermediate,en,,Hot,Baking,bread;Sourdough;Chess,"
    + "p1,1,Oven,20,quiz,Hot.\n"
)


def run(command: str, path: Path, *arguments: str) -> dict[str, Any]:
    """Run an import and return its report; progress goes to stderr."""
    out, said, progress = path.with_suffix(".report"), StringIO(), StringIO()
    call_command(command, str(path), *arguments, "--json", str(out), stdout=said, stderr=progress)
    assert progress.getvalue()
    assert said.getvalue()
    shelf.forget()
    report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    assert report["seconds"] >= 0
    assert sum(reason["count"] for reason in report["reasons"]) == report["refused"]
    return report


def csv_file(folder: Path, text: str, name: str = "file.csv") -> Path:
    """Write a file and return where."""
    path = folder / name
    data = text.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def parquet_file(folder: Path, **columns: list[object]) -> Path:
    """Write a file and return where."""
    path = folder / "file.parquet"
    parquet.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("name", ["world.csv", "world.csv.gz"])
def test_courses_come_with_modules_skills_and_prerequisites(tmp_path: Path, name: str) -> None:
    report = run("import_catalogue", csv_file(tmp_path, WORLD, name))
    assert (report["rows_read"], report["created"], report["modules_created"]) == (3, 2, 3)
    bread, pizza = (catalogue.course_by_external(name) for name in ("bread", "pizza"))
    assert bread is not None
    assert pizza is not None
    assert (bread.title, bread.slug, bread.field, bread.level) == (
        "Sourdough",
        "sourdough",
        "Cooking",
        "beginner",
    )
    assert (bread.language, bread.provider, bread.minutes) == ("en", "Mill", 27)
    assert bread.skills == ("Baking", "Patience")
    assert pizza.prerequisites == (bread.course_id,)
    first, second = catalogue.modules(bread.course_id)
    assert (first.title, first.minutes, first.format) == ("Starter", 12, "video")
    assert catalogue.module_text(first.module_id) == "Feed it.\nTwice."
    assert second.position == 2


def test_a_prerequisite_that_leads_nowhere_is_refused_and_the_course_is_kept(
    tmp_path: Path,
) -> None:
    report = run("import_catalogue", csv_file(tmp_path, WORLD))
    (reason,) = report["reasons"]
    assert reason["reason"] == "the prerequisite is no course of the catalogue"
    assert (reason["count"], reason["examples"]) == (1, [{"row": 3, "value": "Chess"}])


def test_prerequisites_in_a_circle_are_refused(tmp_path: Path) -> None:
    text = "course,title,prerequisites\na,A,b\nb,B,c\nc,C,a;c\n"
    report = run("import_catalogue", csv_file(tmp_path, text))
    assert report["prerequisites"] == 2
    assert report["reasons"][0]["reason"] == "the prerequisite leads in a circle"
    assert report["reasons"][0]["count"] == 2


def test_a_second_import_changes_nothing_and_a_changed_file_only_what_changed(
    tmp_path: Path,
) -> None:
    run("import_catalogue", csv_file(tmp_path, WORLD))
    slug = Course.objects.get(external_id="pizza").slug
    again = run("import_catalogue", csv_file(tmp_path, WORLD))
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 2)
    assert (again["modules_created"], again["modules_updated"]) == (0, 0)
    changed = WORLD.replace("Pizza,", "Neapolitan pizza,").replace("Baking;Patience", "Baking")
    third = run("import_catalogue", csv_file(tmp_path, changed))
    assert (third["created"], third["updated"], third["unchanged"]) == (0, 1, 1)
    pizza = Course.objects.get(external_id="pizza")
    assert (pizza.title, pizza.slug) == ("Neapolitan pizza", slug)
    assert Skill.objects.get(name="Patience").courses.count() == 0
    assert (Course.objects.count(), Module.objects.count()) == (2, 3)


def test_rows_that_cannot_be_taken_are_counted_with_their_reasons(tmp_path: Path) -> None:
    text = f"id,name\n,Nameless\n1,One\n1,Again\n{'x' * 256},Long\n2,\n"
    report = run("import_catalogue", csv_file(tmp_path, text))
    assert {reason["reason"]: reason["count"] for reason in report["reasons"]} == {
        "the course has no id": 1,
        "the course stands in the file twice": 1,
        "the course's id is longer than 255 characters": 1,
    }
    assert sorted(Course.objects.values_list("title", flat=True)) == ["Course 2", "One"]


def test_the_columns_of_other_platforms_are_known(tmp_path: Path) -> None:
    path = parquet_file(
        tmp_path,
        course=[497736, 27],
        slug=["social-psychology", "social-psychology"],
        title=["social psychology", "iPhone photos"],
        belong_to_category=["it-and-software|network-and-security", ""],
        related_to_concept=["Psychology|Social psychology", None],
        taught_in_level=["esperto", "all"],
        taught_in_language=["english", "Portuguese"],
    )
    run("import_catalogue", path)
    first = catalogue.course_by_external("497736")
    second = catalogue.course_by_external("27")
    assert first is not None
    assert second is not None
    assert (first.title, first.field, first.level) == (
        "Social psychology",
        "IT and software",
        "advanced",
    )
    assert first.skills == ("Network and security", "Psychology", "Social psychology")
    assert (second.title, second.level, second.language) == ("iPhone photos", "", "pt")
    assert {first.slug, second.slug} == {"social-psychology", "social-psychology-2"}


def test_a_column_can_be_named_by_hand(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "nr,label\n007,Agents\n")
    run("import_catalogue", path, "--map", "course=nr", "title=label")
    assert Course.objects.get().external_id == "007"


@pytest.mark.parametrize(
    ("command", "text", "arguments", "said"),
    [
        ("import_catalogue", "a,b\n1,2\n", [], "No column names the course"),
        ("import_catalogue", "course\n1\n", ["--map", "course=x"], "no column 'x'"),
        ("import_catalogue", "course\n1\n", ["--map", "x=course"], "no field 'x'"),
        ("import_catalogue", "course\n1\n", ["--map", "course"], "FIELD=COLUMN"),
        ("import_catalogue", "", [], "is empty"),
        ("import_interactions", "user,item\n1,2\n", [], "No column says time or order"),
        ("import_interactions", "user,item,ts\n1,2,3\n", ["--kind", "sold"], "--kind is one of"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_do(
    tmp_path: Path, command: str, text: str, arguments: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        run(command, csv_file(tmp_path, text), *arguments)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        run("import_catalogue", tmp_path / "no.csv")
    with pytest.raises(CommandError, match=r"file\.xlsx is not"):
        run("import_catalogue", csv_file(tmp_path, "x", "file.xlsx"))


def _history(external_id: str) -> list[str]:
    state = api.learner_state(external_id=external_id, now=moment())
    assert state is not None
    courses = catalogue.courses(state.course_ids.tolist())
    return [courses[i].external_id for i in state.course_ids.tolist()]


def test_an_order_alone_is_kept_without_events(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        new_course(name)
    path = parquet_file(
        tmp_path, learner=[1, 1, 2, 1, 2, 3], pos=[2, 0, 0, 1, 1, 0], course=list("cabbaz")
    )
    report = run("import_interactions", path)
    assert (report["created"], report["events"], report["learners"]) == (5, 0, 2)
    assert report["reasons"][0]["reason"] == "the course is not in the catalogue"
    assert (_history("1"), _history("2")) == (["a", "b", "c"], ["b", "a"])
    newest = LearnerCourse.objects.latest("last_at")
    assert moment(days=400) < newest.last_at < moment()
    times = set(LearnerCourse.objects.values_list("enrolled_at", flat=True))
    again = run("import_interactions", path)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 5)
    assert set(LearnerCourse.objects.values_list("enrolled_at", flat=True)) == times


def test_times_are_kept_and_recent_ones_become_events(tmp_path: Path) -> None:
    new_course("a")
    new_course("b")
    recent, old = moment(days=10), datetime(2015, 5, 1, tzinfo=UTC)
    text = f"user,item,timestamp\nann,a,{recent.isoformat()}\nann,b,{int(old.timestamp())}\n"
    report = run("import_interactions", csv_file(tmp_path, text))
    assert (report["created"], report["events"]) == (2, 1)
    event = Event.objects.get()
    assert (event.occurred_at, event.kind, event.flags) == (recent, 2, 2)
    assert _history("ann") == ["b", "a"]
    again = run("import_interactions", csv_file(tmp_path, text))
    assert (again["created"], again["updated"], again["events"]) == (0, 0, 0)
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    "written",
    ["2024-03-01T12:00:00Z", "2024-03-01 12:00:00", "1709294400", "1709294400000", "1709294400.0"],
)
def test_a_time_may_be_written_in_several_ways(tmp_path: Path, written: str) -> None:
    new_course("a")
    run("import_interactions", csv_file(tmp_path, f"learner,course,time\n1,a,{written}\n"))
    row = LearnerCourse.objects.get()
    assert row.enrolled_at == datetime(2024, 3, 1, 12, tzinfo=UTC)


def test_rows_without_learner_course_or_time_are_refused(tmp_path: Path) -> None:
    new_course("a")
    text = (
        "learner,course,time\n,a,1709294400\n1,,1709294400\n1,a,soon\n1,a,9999999999\n1,a,5\n"
        f"{'x' * 256},a,1709294400\n1,a,1709294400\n"
    )
    report = run("import_interactions", csv_file(tmp_path, text))
    assert (report["created"], report["refused"]) == (1, 6)
    assert {reason["reason"]: reason["count"] for reason in report["reasons"]} == {
        "the learner's id is missing or longer than 255 characters": 2,
        "the course is not in the catalogue": 1,
        "the time cannot be read": 1,
        "the time lies in the future": 1,
        "the time is before 1990": 1,
    }


def test_named_columns_win_over_recognised_ones(tmp_path: Path) -> None:
    new_course("a")
    text = "id,who,what,learner,course,rank\n1,ann,a,x,y,1\n"
    arguments = ["--learner", "who", "--course", "what", "--order", "rank", "--kind", "completed"]
    run("import_interactions", csv_file(tmp_path, text), *arguments)
    assert LearnerCourse.objects.get().completed_at is not None
    assert api.find_learner("ann") is not None


def counted(model: type[Model]) -> int:
    """Return how many rows the planner takes a table to have; -1 where it was never told."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [model._meta.db_table])
        return int(cursor.fetchone()[0])


def test_the_planner_knows_what_came_in_before_anything_is_trained(tmp_path: Path) -> None:
    run("import_catalogue", csv_file(tmp_path, WORLD))
    text = "learner,course,time\n" + "".join(
        f"learner-{number},bread,{moment(days=1).isoformat()}\n" for number in range(7)
    )
    run("import_interactions", csv_file(tmp_path, text, "history.csv"))
    assert [counted(model) for model in (Course, Learner, LearnerCourse, Event)] == [2, 7, 7, 7]


@pytest.mark.prove
@pytest.mark.skipif("NORTHWAY_DATA" not in os.environ, reason="no data")
def test_a_million_interactions_come_in_within_ninety_seconds(tmp_path: Path) -> None:
    folder = Path(os.environ["NORTHWAY_DATA"]) / "data" / "mooccubex"
    for name in ("courses", "train"):
        (tmp_path / f"{name}.parquet").symlink_to(folder / f"{name}.parquet")
    courses = run("import_catalogue", tmp_path / "courses.parquet")
    report = run(
        "import_interactions",
        tmp_path / "train.parquet",
        *("--learner", "learner", "--course", "course", "--order", "pos"),
    )
    assert (courses["created"], report["created"], report["learners"]) == (3321, 1085023, 97722)
    assert courses["seconds"] + report["seconds"] <= 90
    begun = perf_counter()
    rows = api.training_rows()
    assert perf_counter() - begun <= 20  # minutes where the planner takes the tables for empty
    assert len(rows.course_ids) == 1085023
    table = parquet.read_table(folder / "train.parquet").slice(0, 1).to_pylist()[0]
    first = _history(str(table["learner"]))[0]
    assert first == str(table["course"])


@pytest.mark.parametrize(
    ("command", "action", "content", "rows"),
    [
        ("import_catalogue", "catalogue.imported", WORLD, 3),
        ("import_interactions", "history.imported", "learner,course,order\nu-17,none,1\n", 1),
    ],
)
def test_an_import_leaves_who_brought_which_file_and_its_counts_in_the_ledger(
    tmp_path: Path, command: str, action: str, content: str, rows: int
) -> None:
    path = tmp_path / "brought.csv"
    path.write_text(content, encoding="utf-8")
    call_command(command, str(path), stdout=StringIO(), stderr=StringIO())
    (entry,) = api.ledger_rows(action_prefix=action)
    assert entry.subject == "file:brought.csv"
    assert entry.actor == f"staff:{getuser()} at the command line"
    assert entry.detail["rows_read"] == rows
    assert "u-17" not in str(entry.detail)


def test_a_file_that_cannot_be_read_leaves_no_entry(tmp_path: Path) -> None:
    path = tmp_path / "brought.csv"
    path.write_text("nothing,known\n1,2\n", encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("import_catalogue", str(path), stdout=StringIO(), stderr=StringIO())
    assert api.ledger_rows() == []
