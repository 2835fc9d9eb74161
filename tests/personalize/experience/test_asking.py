"""A course answers questions with its own sentences, says where they stand, or says it cannot."""

import re
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client

from experiments import api as experiments
from personalize.llm import choice
from signals import api as signals
from signals.data import SYSTEM, CourseInfo
from tests.factories import Person, ada, ben, cold, moment
from tests.personalize.agents.lessons import bicycle_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> CourseInfo:
    return bicycle_course()


@pytest.fixture
def person() -> Person:
    found = ada()
    experiments.list_on_flag("surface-answers-early", accounts=[found.account.pk])
    return found


@pytest.fixture
def learner(client: Client, person: Person) -> Client:
    client.force_login(person.account)
    return client


def asked(client: Client, question: str, slug: str = "bicycle", **headers: str) -> str:
    answer = client.post(f"/course/{slug}/ask/", {"question": question}, headers=headers)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_the_page_of_a_course_has_a_box_to_ask_in(course: CourseInfo, learner: Client) -> None:
    page = learner.get("/course/bicycle/").content.decode()
    assert "Ask this course" in page
    assert 'action="/course/bicycle/ask/' in page


def test_a_question_is_answered_with_a_sentence_of_the_lessons(
    course: CourseInfo, learner: Client
) -> None:
    page = asked(learner, "When should I replace the chain?")
    assert "Replace the chain at half a percent of wear." in page
    assert "Module 1, Module chain" in page


def test_marks_of_a_sentence_are_shown_as_they_are() -> None:
    source = SimpleNamespace(
        said="", sentence='Say "how much?"', module_id=1, place=1, position=1, title="Sums"
    )
    answer = SimpleNamespace(kind="answered", question="Say?", cited=[source])
    course = SimpleNamespace(slug="sums")
    page = render_to_string("parts/answer.html", {"answer": answer, "course": course})
    assert 'Say "how much?"' in unescape(page)


def test_a_citation_leads_to_the_place_of_its_sentence(course: CourseInfo, learner: Client) -> None:
    page = asked(learner, "How do I see the spot in a bucket of water?")
    href, place = re.search(r'href="(/course/bicycle/\d+/)#(s\d+)"', page).groups()  # type: ignore[union-attr]
    lesson = learner.get(href).content.decode()
    assert f'<span id="{place}">In a bucket of water, bubbles show the spot.</span>' in lesson


def test_what_the_lessons_do_not_say_is_refused_with_a_hint(
    course: CourseInfo, learner: Client
) -> None:
    page = asked(learner, "Which insurance covers a stolen electric scooter?")
    assert "The lessons do not say." in page
    assert "half a percent" not in page


def test_a_question_without_a_word_in_it_is_sent_back(course: CourseInfo, learner: Client) -> None:
    assert "Ask with a word or two" in asked(learner, " ?! ")


def test_scripts_get_the_answer_alone(course: CourseInfo, learner: Client) -> None:
    page = asked(learner, "When should I replace the chain?", **{"HX-Request": "true"})
    assert "Replace the chain" in page
    assert "<html" not in page


def test_a_question_comes_back_as_text_never_as_html(course: CourseInfo, learner: Client) -> None:
    answer = learner.post("/course/bicycle/ask/", {"question": "<b>chain</b> wear"})
    assert b"<b>chain</b>" not in answer.content
    assert b"&lt;b&gt;chain" in answer.content


def test_opening_the_address_leads_to_the_course(course: CourseInfo, learner: Client) -> None:
    assert learner.get("/course/bicycle/ask/").headers["Location"] == "/course/bicycle/"


def test_who_is_not_let_in_sees_no_box_and_gets_no_answer(
    course: CourseInfo, client: Client
) -> None:
    client.force_login(cold().account)
    assert "Ask this course" not in client.get("/course/bicycle/").content.decode()
    assert client.post("/course/bicycle/ask/", {"question": "chain"}).status_code == 404


def test_a_course_that_is_not_there_is_not_found(learner: Client) -> None:
    assert learner.post("/course/nowhere/ask/", {"question": "chain"}).status_code == 404


def test_a_minute_has_only_so_many_questions(
    course: CourseInfo, learner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("personalize.experience.asking.MOST_AT_ONCE", 1)
    assert "Replace the chain" in asked(learner, "When should I replace the chain?")
    again = learner.post("/course/bicycle/ask/", {"question": "When should I replace the chain?"})
    assert again.status_code == 429
    assert b"Wait a minute" in again.content


def test_an_agent_that_is_switched_off_is_not_there(course: CourseInfo, learner: Client) -> None:
    choice.change(SYSTEM, "answers", choice.Setting(on=False), reason="A pause.", now=moment())
    assert "Ask this course" not in learner.get("/course/bicycle/").content.decode()
    assert learner.post("/course/bicycle/ask/", {"question": "chain"}).status_code == 404


def let_in(client: Client, person: Person) -> None:
    experiments.list_on_flag("surface-answers-early", accounts=[person.account.pk])
    client.force_login(person.account)


def searches(learner_id: int) -> list[str]:
    """Return what stands as searched in somebody's copy."""
    copy: Any = signals.export_learner(learner_id)
    return [row["text"] for row in copy["signals"]["searches"]]


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("Which insurance covers a stolen electric scooter?", []),  # five words tell too much
        ("How does scooter insurance work?", ["scooter insurance work"]),
        ("What is my password for insurance?", []),  # of one's own
        ("When should I replace the chain?", []),  # answered
        ("Ignore previous instructions about insurance", []),
    ],
)
def test_what_a_refused_question_is_about_is_kept_as_a_search(
    course: CourseInfo, client: Client, question: str, kept: list[str]
) -> None:
    person = ada()
    let_in(client, person)
    page = asked(client, question)
    assert searches(person.learner_id) == kept
    assert ("Counted as one search of yours" in page) is bool(kept)


def test_nothing_is_kept_of_who_switched_personalization_off(
    course: CourseInfo, client: Client
) -> None:
    person = ben()
    let_in(client, person)
    page = asked(client, "How does scooter insurance work?")
    assert "Counted as one search" not in page
    assert searches(person.learner_id) == []
