"""Does a page say in which language a course speaks, so that it is read out and set right? (L5)"""

import pytest
from django.test import Client

from signals import catalogue
from signals.models import Course, Module, shelf
from tests.factories import new_course

pytestmark = pytest.mark.django_db
MARK = 'lang="ar" dir="auto"'
TEXT = "ابدأ بما تريده من القارئ"


def pages_of(language: str) -> dict[str, str]:
    """Return the course page and the page of its lesson, of a course in this language."""
    course = new_course("letters", title="رسائل", summary=TEXT, modules=("letters/1",))
    Course.objects.filter(pk=course.course_id).update(language=language)
    Module.objects.filter(course=course.course_id).update(text=TEXT)
    shelf.forget()
    lesson = catalogue.modules(course.course_id)[0]
    paths = {"course": "/course/letters/", "lesson": f"/course/letters/{lesson.module_id}/"}
    return {name: Client().get(path).content.decode() for name, path in paths.items()}


def test_what_a_course_says_is_marked_in_its_language() -> None:
    pages = pages_of("ar")
    assert f'<p class="lead" {MARK}>{TEXT}' in pages["course"]
    assert f'<h1 id="course" {MARK}>' in pages["course"]
    assert f'<div class="prose" {MARK}>' in pages["lesson"]
    assert f"<h1 {MARK}>" in pages["lesson"]


def test_a_course_of_no_known_language_is_not_marked() -> None:
    pages = pages_of("")
    assert '<p class="lead">' in pages["course"]
    assert '<div class="prose">' in pages["lesson"]
