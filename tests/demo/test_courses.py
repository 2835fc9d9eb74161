"""Are the demo courses what a learner would want to read? (demo)"""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from demo import catalogue, world
from demo.catalogue import Course, read_courses

COURSES = read_courses()
MODULES = [module for course in COURSES for module in course.modules]
WORDS = re.compile(r"[\w'\u2019]+")
RUN = 12  # words


def words(text: str) -> list[str]:
    return [word.lower() for word in WORDS.findall(text)]


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[at : at + RUN]) for at in range(len(found) - RUN + 1)}


def depth(course: str, courses: dict[str, Course], above: tuple[str, ...] = ()) -> int:
    assert course not in above, f"{course} is its own prerequisite: {above}"
    below = [depth(key, courses, (*above, course)) for key in courses[course].prerequisites]
    return 1 + max(below, default=0)


def test_there_are_enough_courses_in_enough_fields() -> None:
    assert len(COURSES) >= 60
    fields = Counter(course.field for course in COURSES)
    assert len(fields) >= 10
    assert min(fields.values()) >= 5


def test_every_course_is_on_the_way_to_somewhere_people_want_to_go() -> None:
    wanted = set().union(*world.build(COURSES).routes.values())
    assert {course.key for course in COURSES} - wanted == set()


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.key)
def test_every_course_has_four_to_six_modules_of_at_least_150_words(course: Course) -> None:
    assert 4 <= len(course.modules) <= 6
    lengths = {module.title: len(words(module.text)) for module in course.modules}
    assert {title: n for title, n in lengths.items() if n < 150} == {}


def test_no_two_modules_share_a_run_of_twelve_words() -> None:
    seen = Counter(run for module in MODULES for run in runs(module.text))
    assert [" ".join(run) for run, n in seen.items() if n > 1] == []


def test_prerequisites_exist_and_never_lead_back() -> None:
    courses = {course.key: course for course in COURSES}
    depths = [depth(key, courses) for key in courses]
    assert max(depths) >= 4
    assert sum(one >= 3 for one in depths) >= 10


def test_ids_titles_and_formats_are_clean() -> None:
    assert len({module.key for module in MODULES}) == len(MODULES)
    assert len({course.title for course in COURSES}) == len(COURSES)
    assert {module.format for module in MODULES} <= {"video", "article", "exercise", "quiz"}
    assert {course.level for course in COURSES} == {"beginner", "intermediate", "advanced"}
    assert all(5 <= module.minutes <= 40 for module in MODULES)


def test_courses_come_in_four_languages_and_share_skills_across_fields() -> None:
    languages = Counter(course.language for course in COURSES)
    assert languages["es"] >= 2
    assert languages["de"] >= 2
    assert languages["ar"] >= 1
    fields: dict[str, set[str]] = {}
    for course in COURSES:
        for skill in course.skills:
            fields.setdefault(skill, set()).add(course.field)
    assert sum(len(found) > 1 for found in fields.values()) >= 10


def test_the_csv_holds_every_module_whole(tmp_path: Path) -> None:
    target = tmp_path / "catalogue.csv"
    assert catalogue.write_csv(COURSES, target) == len(MODULES)
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == [module.text for module in MODULES]
    assert {row["course"] for row in rows} == {course.key for course in COURSES}


def test_a_file_without_its_head_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "loose.md"
    path.write_text("## Only a heading | 12 min | video\ntext\n")
    with pytest.raises(catalogue.CourseFileError, match=r"loose\.md"):
        catalogue.read_course(path)
