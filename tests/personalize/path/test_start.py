"""Four questions before signing in, each to skip, and a path that grows beside them."""

import pytest
from django.test import Client

from experiments.models import Flag
from personalize.experience.noted import COOKIE
from personalize.models import Profile
from signals import api
from signals.data import SYSTEM, UNDER_13
from signals.models import Event
from tests.factories import PASSWORD, ada, cold, moment, new_course
from tests.personalize.path.world import World, let_in, says

pytestmark = pytest.mark.django_db

NOT_UNDERSTOOD = (
    ("goal", "xyzzy plugh"),
    ("known", "xyzzy"),
    ("time", "a lot"),
    ("time", "9999"),
    ("when", "2001-01-01"),
    ("when", "soon"),
)


def test_a_guest_comes_from_words_to_a_path_within_four_questions(
    client: Client, world: World
) -> None:
    page = client.get("/start/").content.decode()
    assert "Question 1 of 4" in page
    page = says(client, "goal", say="I want to become a data analyst")
    assert 'value="role:analyst"' in page
    page = says(client, "goal", pick="role:analyst")
    assert "Question 2 of 4" in page
    assert page.index("Tables") < page.index("Asking databases")
    page = says(client, "known", pick=["spreadsheets"])
    assert "Question 3 of 4" in page
    assert "Skipped: Tables" in page
    says(client, "time", say="2.5 hours")
    page = says(client, "when", act="skip")
    assert "That is all we ask" in page
    assert "2.5 hours a week" in page
    assert not Event.objects.exists()
    assert not Profile.objects.exists()


def test_what_a_guest_answered_becomes_their_profile_when_they_take_the_path_along(
    client: Client, world: World
) -> None:
    person = ada()
    let_in(person)
    says(client, "goal", pick="role:analyst")
    says(client, "known", pick=["spreadsheets"])
    says(client, "time", pick="180")
    kept = client.post("/start/keep/")
    assert kept.headers["Location"] == "/signin/?next=/path/"
    answer = client.post(
        "/signin/?next=/path/", {"username": "ada", "password": PASSWORD}, follow=True
    )
    profile = Profile.objects.get(learner_id=person.learner_id)
    assert (profile.role, profile.known_skills) == ("analyst", ["spreadsheets"])
    assert (profile.goal, profile.minutes_per_week) == ("Data", 180)
    assert profile.interests == ["sql", "charts"]
    assert COOKIE not in client.cookies or not client.cookies[COOKIE].value
    assert "Data analyst" in answer.content.decode()


def test_answers_of_somebody_else_at_this_browser_do_not_overwrite_a_profile(
    client: Client, world: World
) -> None:
    person = ada()
    Profile.objects.create(learner_id=person.learner_id, goal="Baking", updated_at=moment())
    says(client, "goal", pick="role:analyst")
    client.post("/signin/", {"username": "ada", "password": PASSWORD})
    assert Profile.objects.get(learner_id=person.learner_id).goal == "Baking"


def test_under_13_no_answer_becomes_a_profile(client: Client, world: World) -> None:
    person = cold()
    api.set_age_band(person.learner_id, UNDER_13, actor=SYSTEM, now=moment())
    says(client, "goal", pick="role:analyst")
    client.post("/start/keep/")
    client.post("/signin/", {"username": "cold", "password": PASSWORD})
    page = says(client, "goal", pick="field:Data")
    assert "Under 13" in page
    assert not Profile.objects.exists()


def test_every_question_can_be_skipped_and_then_one_looks_around(
    client: Client, world: World
) -> None:
    for question in ("goal", "known", "time", "when"):
        page = says(client, question, act="skip")
    assert "Look around" in page


def test_an_answer_can_be_changed_and_the_path_follows(client: Client, world: World) -> None:
    says(client, "goal", pick="role:analyst")
    assert "Question 1 of 4" in client.get("/start/?q=goal").content.decode()
    page = says(client, "goal", pick="field:Baking")
    assert "Bread" in page
    assert "Asking databases" not in page


def test_something_specific_leads_to_that_skill(client: Client, world: World) -> None:
    page = says(client, "goal", say="pandas")
    assert 'value="skill:pandas"' in page
    page = says(client, "goal", pick="skill:pandas")
    order = [page.index(title) for title in ("Tables", "Asking databases", "Frames")]
    assert order == sorted(order)


def test_a_goal_nobody_teaches_is_said_and_what_is_near_is_shown(
    client: Client, world: World
) -> None:
    new_course("clay", title="Potter for a day", field="Craft", skills=["wheel"], modules=["w"])
    page = says(client, "goal", pick="role:potter")
    assert "Nobody teaches “Potter” here yet." in page
    assert "Potter for a day" in page


def test_an_answer_nobody_understands_is_asked_again(client: Client, world: World) -> None:
    for question, say in NOT_UNDERSTOOD:
        answer = client.post("/start/", {"question": question, "say": say})
        assert answer.status_code == 200, say
    assert COOKIE not in client.cookies


def test_a_goal_that_does_not_exist_is_not_taken(client: Client, world: World) -> None:
    for pick in ("role:nobody", "field:Nowhere", "skill:nothing", "sql", "", "role:\x00"):
        answer = client.post("/start/", {"question": "goal", "pick": pick})
        assert answer.status_code == 200, pick
    assert COOKIE not in client.cookies


def test_a_cookie_somebody_changed_counts_for_nothing(client: Client, world: World) -> None:
    says(client, "goal", pick="role:analyst")
    client.cookies[COOKIE] = client.cookies[COOKIE].value.replace("analyst", "potter")
    assert "Question 1 of 4" in client.get("/start/").content.decode()


def test_the_off_switch_closes_the_questions_to_guests_too(client: Client, world: World) -> None:
    Flag.objects.create(name="surface-onboarding-off", everyone=True)
    assert client.get("/start/").headers["Location"] == "/explore/"


def test_a_guest_can_take_every_answer_back(client: Client, world: World) -> None:
    says(client, "goal", pick="role:analyst")
    client.post("/start/over/")
    assert "Question 1 of 4" in client.get("/start/").content.decode()


def test_a_learner_who_skips_is_not_asked_the_same_again(client: Client, world: World) -> None:
    client.force_login(ada().account)
    says(client, "goal", pick="field:Data")
    page = says(client, "known", act="skip")
    assert "Question 3 of 4" in page
