"""The page of proposals: evidence in sentences, one click to accept, reject and undo."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from personalize.models import MetadataProposal
from signals import catalogue
from signals.data import CourseInfo
from tests.factories import cleo, moment, new_course, uma

PAGE = "/create/metadata/"

pytestmark = pytest.mark.django_db


def made(title: str, **about: Any) -> CourseInfo:
    return new_course(title.lower().replace(" ", "-"), title=title, **about)


@pytest.fixture
def page(client: Client) -> Client:
    """Return a browser in which a creator is signed in."""
    client.force_login(cleo().account)
    return client


def proposal(kind: str, course_id: int, value: str, evidence: dict[str, object]) -> int:
    row = MetadataProposal(
        course_id=course_id, kind=kind, value=value, score=0.7, evidence=evidence, made_at=moment()
    )
    row.save()
    return row.pk


def text_of(client: Client, kind: str = "skill") -> str:
    return " ".join(unescape(client.get(f"{PAGE}?kind={kind}").content.decode()).split())


def skill_of(course_id: int) -> int:
    said = {"near": 15, "near_with": 6, "titles": ["Rolls"], "in_title": 0, "in_text": 2}
    return proposal("skill", course_id, "kneading", said)


def test_a_skill_is_told_with_its_base(page: Client) -> None:
    skill_of(made("Bread").course_id)
    text = text_of(page)
    assert "teaches kneading" in text
    assert "Its summary and lesson titles name it 2 times." in text
    assert "6 of the 15 courses most like it teach it, such as Rolls." in text
    assert "Nobody decided yet. Shown from a score of 20% on." in text


def test_one_click_accepts_and_one_undoes(page: Client) -> None:
    course = made("Bread")
    number = skill_of(course.course_id)
    answer = page.post(f"{PAGE}{number}/accept/", follow=True)
    assert "Accepted. The catalogue says so from now on." in answer.content.decode()
    assert catalogue.courses([course.course_id])[course.course_id].skills == ("kneading",)
    assert "Accepted by cleo" in text_of(page)
    page.post(f"{PAGE}{number}/undo/")
    assert catalogue.courses([course.course_id])[course.course_id].skills == ()


def test_what_somebody_else_decided_is_told(page: Client) -> None:
    number = skill_of(made("Bread").course_id)
    page.post(f"{PAGE}{number}/reject/")
    answer = page.post(f"{PAGE}{number}/accept/", {"kind": "skill"}, follow=True)
    assert "Somebody was faster" in answer.content.decode()


def test_orders_levels_and_quality_are_told_with_their_figures(page: Client) -> None:
    course, first = made("Bread"), made("Dough")
    before = {"first": 30, "both": 35, "low": 0.7, "high": 0.94, "skills": ["dough", "css"]}
    proposal("prerequisite", course.course_id, str(first.course_id), before)
    proposal("level", course.course_id, "advanced", {"stated": "", "words": ["theory"]})
    counts = {"finished": 10, "enrolled": 60, "others_finished": 150, "others_enrolled": 200}
    proposal(
        "quality",
        course.course_id,
        "finished",
        {**counts, "others": 5, "titles": [], "low": -0.68, "high": -0.46},
    )
    text = text_of(page, "prerequisite")
    assert "About 30 of 35 learners who took both took Dough first (70% to 94%)." in text
    assert "It names dough, CSS, which Dough teaches and it does not." in text
    assert (
        "The catalogue states no level. What speaks most for it in its text: “theory”."
        in text_of(page, "level").replace("</li> <li>", " ").replace("</li><li>", " ")
    )
    told = text_of(page, "quality")
    assert "About 10 of 60 finished it (17%)." in told
    assert "That is 46 to 68 points fewer (95%)." in told


def test_an_analyst_reads_and_does_not_decide(client: Client) -> None:
    client.force_login(uma().account)
    number = skill_of(made("Bread").course_id)
    assert "/accept/" not in text_of(client)
    assert client.post(f"{PAGE}{number}/accept/").status_code == 403


def test_an_unknown_kind_or_step_is_not_there(page: Client) -> None:
    number = skill_of(made("Bread").course_id)
    assert page.get(f"{PAGE}?kind=colour").status_code == 404
    assert page.post(f"{PAGE}{number}/paint/").status_code == 404


def test_the_agent_has_its_switch_beside_the_others(client: Client) -> None:
    client.force_login(uma().account)
    text = unescape(client.get("/tower/agents/").content.decode())
    assert "Metadata and quality of courses" in text
    assert "It asks no language model." in text
