"""The path of a learner: its order, why each step, swaps, pace, history, and its empty states."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.test import Client

from personalize.experience.on_the_way import OnTheWay
from personalize.models import LearningPath, PathChange, Profile
from signals import catalogue
from signals.data import Purpose
from tests.factories import PASSWORD, Person, ada, consents, moment, new_course
from tests.personalize.path.world import World, completes, finishes, let_in, says, scores

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client: Client, world: World) -> Person:
    """Return ada, to whom the path is open and who wants to be an analyst."""
    someone = ada()
    let_in(someone)
    client.force_login(someone.account)
    says(client, "goal", pick="role:analyst")
    return someone


def shown(client: Client, where: str = "/path/") -> str:
    answer = client.get(where)
    assert answer.status_code == 200
    return answer.content.decode()


def steps(person: Person) -> list[int]:
    return LearningPath.objects.get(learner_id=person.learner_id).steps


def reasons(person: Person) -> list[str]:
    rows = PathChange.objects.filter(learner_id=person.learner_id).order_by("pk")
    return list(rows.values_list("reason", flat=True))


def test_the_path_shows_each_step_after_what_it_needs_and_says_why(
    client: Client, person: Person, world: World
) -> None:
    page = shown(client)
    assert steps(person) == [world.charts.course_id, world.tables.course_id, world.sql.course_id]
    assert "First, because Asking databases builds on it." in page
    assert "Needs Tables, so it comes after." in page
    assert "Not taught here: R." in page


def test_skills_of_a_swap_are_written_as_people_read_them(client: Client, person: Person) -> None:
    first = new_course("queries", title="Queries", skills=["sql", "charts"], modules=["x1"])
    assert "brings SQL" in shown(client, f"/path/?swap={first.course_id}")


def test_a_step_is_swapped_for_another_and_the_swap_taken_back(
    client: Client, person: Person, world: World
) -> None:
    page = shown(client, f"/path/?swap={world.charts.course_id}")
    assert "Plots" in page
    sent = {"act": "swap", "course": world.charts.course_id, "to": world.plots.course_id}
    client.post("/path/change/", sent)
    assert world.plots.course_id in steps(person)
    assert world.charts.course_id not in steps(person)
    shown(client)
    swapped = PathChange.objects.get(reason="swap")
    client.post("/path/change/", {"act": "undo", "change": swapped.pk})
    assert world.charts.course_id in steps(person)
    assert reasons(person) == ["begun", "swap", "undo"]
    assert "Undo" not in shown(client)


def test_skills_out_of_reach_are_written_as_people_read_them() -> None:
    goal = SimpleNamespace(title="Analyst", weights={"sql": 1})
    none = render_to_string(
        "parts/path_none.html",
        {"path": SimpleNamespace(goal=goal, out_of_reach=("sql", "pivot tables"))},
    )
    assert "(SQL, pivot tables)" in none


def test_a_swap_that_was_not_offered_is_refused(
    client: Client, person: Person, world: World
) -> None:
    shown(client)
    sent = {"act": "swap", "course": world.charts.course_id, "to": world.pandas.course_id}
    answer = client.post("/path/change/", sent, follow=True)
    assert "The path has changed meanwhile" in answer.content.decode()
    assert reasons(person) == ["begun"]


def test_what_is_known_goes_and_comes_back_when_a_quiz_says_otherwise(
    client: Client, person: Person, world: World
) -> None:
    shown(client)
    before = steps(person)
    client.post("/path/change/", {"act": "know", "course": world.charts.course_id})
    assert world.charts.course_id not in steps(person)
    scores(person.learner_id, world.charts, 0.3)
    page = shown(client)
    assert steps(person) == before
    assert reasons(person) == ["begun", "know", "quiz"]
    assert "A quiz in Charts says more than the answers at the start." in page


def test_a_finished_course_is_done_and_the_rest_goes_on(
    client: Client, person: Person, world: World
) -> None:
    shown(client)
    finishes(person.learner_id, world.tables)
    page = shown(client)
    assert steps(person) == [world.charts.course_id, world.sql.course_id]
    assert "3 courses, 1 done." in page
    assert "Tables is done" in page


def test_the_pace_of_the_last_four_weeks_stands_beside_the_plan(
    client: Client, person: Person, world: World
) -> None:
    assert "Last 4 weeks" not in shown(client)
    completes(person.learner_id, world.sql, days_ago=(3, 20, 40))
    minutes = [module.minutes for module in catalogue.modules(world.sql.course_id)]
    told = round(sum(minutes[:2]) / 4)
    assert f"{told}\u00a0min a week" in shown(client)


def test_more_time_brings_the_day_nearer_and_a_date_leaves_out_what_does_not_fit(
    client: Client, person: Person, world: World
) -> None:
    shown(client)
    soon = (moment() + timedelta(days=4)).date().isoformat()
    client.post("/path/change/", {"act": "pace", "hours": "1", "by_when": soon})
    profile = Profile.objects.get(learner_id=person.learner_id)
    assert (profile.minutes_per_week, str(profile.by_when)) == (60, soon)
    assert profile.role == "analyst"
    page = shown(client)
    assert "Not in this time" in page
    assert reasons(person)[-1] == "pace"
    budget = 60 * 4 // 7
    minutes = {world.tables.course_id: 20, world.charts.course_id: 10, world.sql.course_id: 30}
    assert sum(minutes[course] for course in steps(person)) <= budget


def test_another_goal_makes_another_path_and_choices_of_the_old_one_go(
    client: Client, person: Person, world: World
) -> None:
    shown(client)
    client.post("/path/change/", {"act": "know", "course": world.charts.course_id})
    says(client, "goal", pick="field:Baking")
    assert "Bread" in shown(client)
    held = LearningPath.objects.get(learner_id=person.learner_id)
    assert held.known == []
    assert reasons(person)[-1] == "goal"


def test_looking_twice_changes_nothing(client: Client, person: Person) -> None:
    shown(client)
    before = LearningPath.objects.get(learner_id=person.learner_id)
    shown(client)
    assert LearningPath.objects.get(learner_id=person.learner_id).planned_at == before.planned_at
    assert reasons(person) == ["begun"]


def test_without_a_goal_the_page_leads_to_the_questions(client: Client, world: World) -> None:
    someone = ada()
    let_in(someone)
    client.force_login(someone.account)
    assert 'href="/start/"' in shown(client)
    assert not LearningPath.objects.exists()


def test_who_has_all_the_goal_asks_for_is_told_so(
    client: Client, person: Person, world: World
) -> None:
    for course in (world.tables, world.sql, world.charts):
        finishes(person.learner_id, course)
    assert "You have all this goal asks for." in shown(client)


def test_a_path_that_is_not_open_leads_home_and_stores_nothing(
    client: Client, world: World
) -> None:
    client.force_login(ada().account)
    says(client, "goal", pick="role:analyst")
    assert client.get("/path/").headers["Location"] == "/home/"
    sent = {"act": "know", "course": world.charts.course_id}
    assert client.post("/path/change/", sent).headers["Location"] == "/home/"
    assert not LearningPath.objects.exists()


def test_switching_personalization_off_deletes_the_path_and_its_history(
    client: Client, person: Person
) -> None:
    shown(client)
    consents(person.learner_id, Purpose.PERSONALIZATION, granted=False)
    assert not LearningPath.objects.exists()
    assert not PathChange.objects.exists()


def test_no_path_is_planned_while_personalization_is_off(
    client: Client, person: Person, world: World
) -> None:
    consents(person.learner_id, Purpose.PERSONALIZATION, granted=False)
    page = shown(client)
    assert "No path while personalization is off" in page
    assert "Charts" not in page
    sent = {"act": "know", "course": world.charts.course_id}
    assert client.post("/path/change/", sent).headers["Location"] == "/path/"
    assert not LearningPath.objects.exists()
    assert not PathChange.objects.exists()
    client.post("/personalization/", {"on": "1", "next": "/path/"})
    assert "Charts" in shown(client)


def test_the_questions_use_nothing_a_learner_did_while_personalization_is_off(
    client: Client, person: Person, world: World
) -> None:
    finishes(person.learner_id, world.charts)
    step = ">Charts</a>"  # the skill has the same name, and is asked about either way
    assert step not in shown(client, "/start/")
    consents(person.learner_id, Purpose.PERSONALIZATION, granted=False)
    assert step in shown(client, "/start/")


def test_a_change_that_says_nothing_is_refused(client: Client, person: Person) -> None:
    for sent in ({}, {"act": "dance"}, {"act": "swap", "course": "x"}):
        assert client.post("/path/change/", sent).status_code == 400, sent


def test_home_says_which_step_comes_next(client: Client, person: Person, world: World) -> None:
    shown(client)
    assert "Your path, step 1 of 3: Charts" in shown(client, "/home/")
    finishes(person.learner_id, world.charts)
    page = shown(client, "/home/")
    assert "Your path, step 2 of 3: Tables" in page
    assert "About 1 week left at 3 hours a week" in page
    assert '<li class="done">' in page
    assert '<a href="/path/"' in shown(client, "/explore/")


def test_home_shows_the_same_path_after_personalization_went_off_and_on(
    client: Client, person: Person
) -> None:
    shown(client)
    before, planned = way_of(client), steps(person)
    assert before is not None
    client.post("/personalization/", {"on": "0", "next": "/home/"})
    assert way_of(client) is None
    assert not LearningPath.objects.exists()
    client.post("/personalization/", {"on": "1", "next": "/home/"})
    assert way_of(client) == before
    assert "Your path, step 1 of 3: Charts" in shown(client, "/home/")
    assert steps(person) == planned
    assert reasons(person) == ["begun"]


def way_of(client: Client) -> OnTheWay | None:
    way: OnTheWay | None = client.get("/home/").context["way"]
    return way


def test_home_plans_no_path_for_whom_it_is_not_open(client: Client, world: World) -> None:
    client.force_login(ada().account)
    says(client, "goal", pick="role:analyst")
    assert way_of(client) is None
    assert not LearningPath.objects.exists()


def test_home_offers_the_questions_to_newcomers_they_are_open_to(
    client: Client, world: World
) -> None:
    someone = ada()
    client.force_login(someone.account)
    assert "Four questions" not in shown(client, "/home/")
    let_in(someone)
    assert "Four questions, and a path" in shown(client, "/home/")


def test_every_page_leads_to_the_path_from_signing_in_on(client: Client, person: Person) -> None:
    client.logout()
    sent = {"username": person.account.username, "password": PASSWORD}
    client.post("/signin/?next=/explore/", sent)
    assert 'href="/path/"' in shown(client, "/explore/")


def test_a_path_that_was_deleted_is_still_led_to(client: Client, person: Person) -> None:
    shown(client)
    LearningPath.objects.filter(learner_id=person.learner_id).delete()
    client.logout()
    client.post("/signin/", {"username": person.account.username, "password": PASSWORD})
    assert 'href="/path/"' in shown(client, "/explore/")


def test_who_states_a_goal_is_led_to_a_path(client: Client, world: World) -> None:
    someone = ada()
    let_in(someone)
    client.force_login(someone.account)
    assert 'href="/path/"' not in shown(client, "/explore/")
    client.post("/goal/", {"part": "goal", "goal": "Data"})
    assert 'href="/path/"' in shown(client, "/explore/")
