"""Do the demo's accounts show what they promise, in local mode only? (L5)"""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from demo.run import BEGINS
from experiments import api as experiments
from experiments.data import FIRST_EXPERIMENT
from personalize.decision import standing
from personalize.management.commands import create_demo_accounts
from personalize.models import LearningPath
from signals import api as signals
from signals.api import Account
from signals.clock import now
from signals.data import NewEvent
from tests.factories import moment, new_course, new_learner

pytestmark = pytest.mark.django_db
LEARNERS = 24
STAFF = ("cleo", "uma", "mia", "eli", "pia", "root")


@pytest.fixture(autouse=True)
def _local_mode(settings: Settings) -> None:
    settings.DEBUG = True


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learners who chose courses, a third of them in the comparison group."""
    monkeypatch.setattr("experiments.assignment.HOLDOUT_SHARE", 0.33)
    courses = [new_course(f"course-{number}") for number in range(4)]
    call_command("ensure_experiments", stdout=StringIO())
    for number in range(LEARNERS):
        learner_id = new_learner(f"member-{number}")
        signals.record(
            [
                NewEvent("course.enrolled", learner_id, moment(days=1), course_id=one.course_id)
                for one in courses[: 1 + number % 4]
            ],
            now=moment(),
        )


def made(folder: Path) -> dict[str, dict[str, str]]:
    target = folder / "accounts.json"
    call_command("create_demo_accounts", json=str(target), stdout=StringIO())
    return {one["name"]: one for one in json.loads(target.read_text())["accounts"]}


def learner_of(name: str) -> int:
    learner_id = Account.objects.get(username=name).learner_id
    assert learner_id is not None
    return learner_id


@pytest.mark.usefixtures("crowd")
def test_each_learner_account_stands_where_it_should(tmp_path: Path) -> None:
    people = made(tmp_path)
    arms = {
        name: experiments.expected_arm(learner_of(name), experiment=FIRST_EXPERIMENT)
        for name in ("ada", "hal")
    }
    assert arms == {"ada": "model", "hal": "holdout"}
    assert not signals.allowed(learner_of("ben")).personalization
    state = signals.learner_state(learner_of("cold"), now=moment())
    assert state is not None
    assert state.course_ids.size == 0
    assert {signals.find_learner(people[name]["learner"]) for name in ("ada", "ben", "hal")} == {
        learner_of(name) for name in ("ada", "ben", "hal")
    }


@pytest.mark.usefixtures("crowd")
def test_making_accounts_shows_nobody_anything(tmp_path: Path) -> None:
    made(tmp_path)
    assert signals.exposed_counts(FIRST_EXPERIMENT, as_of=moment()) == {}
    ada = learner_of("ada")
    assert experiments.assigned_arm(ada, experiment=FIRST_EXPERIMENT) is None
    promised = experiments.expected_arm(ada, experiment=FIRST_EXPERIMENT)
    assert experiments.assign(ada, surface="home", now=now()).variant(FIRST_EXPERIMENT) == promised


@pytest.mark.usefixtures("crowd")
def test_everybody_signs_in_with_the_printed_password(tmp_path: Path) -> None:
    for name in made(tmp_path):
        form = {"username": name, "password": create_demo_accounts.PASSWORD}
        assert Client().post("/signin/", form).status_code == 302


@pytest.mark.usefixtures("crowd")
def test_ada_has_a_goal_and_a_path_to_it_and_keeps_what_she_changes(tmp_path: Path) -> None:
    new_course("sql", skills=["sql"])
    occupations = tmp_path / "occupations.csv"
    occupations.write_text(
        "occupation,title,other_titles,skills\ndata-analyst,Data analyst,,sql:3\n", "utf-8"
    )
    call_command("import_occupations", str(occupations), stdout=StringIO())
    made(tmp_path)
    held = LearningPath.objects.get(learner_id=learner_of("ada"))
    assert held.inputs["goal"][0] == "data-analyst"
    assert held.steps
    standing.state_goal(
        held.learner_id, goal="Craft", interests=(), minutes_per_week=0, now=moment()
    )
    made(tmp_path)
    assert standing.profile(held.learner_id).goal == "Craft"


@pytest.mark.usefixtures("crowd")
def test_running_again_keeps_who_is_who(tmp_path: Path) -> None:
    assert made(tmp_path) == made(tmp_path)


def test_without_learners_staff_and_the_newcomer_are_there(tmp_path: Path) -> None:
    assert set(made(tmp_path)) == {"cold", *STAFF}


def test_staff_have_their_roles(tmp_path: Path) -> None:
    people = made(tmp_path)
    groups = {
        account.username: {group.name for group in account.groups.all()}
        for account in Account.objects.exclude(groups=None)
    }
    assert groups == {name: {people[name]["role"]} for name in STAFF}
    assert Account.objects.get(is_superuser=True).username == "root"


def test_the_demo_says_where_each_role_begins() -> None:
    assert {role for _name, role, _text in create_demo_accounts.STAFF} | {"learner"} == {*BEGINS}


@pytest.mark.usefixtures("crowd")
def test_each_account_lands_where_the_demo_says_it_begins(tmp_path: Path) -> None:
    landed = {}
    people = made(tmp_path)
    for name in people:
        client = Client()
        client.force_login(Account.objects.get(username=name))
        landed[name] = client.get(settings.LOGIN_REDIRECT_URL, follow=True).request["PATH_INFO"]
    assert landed == {name: BEGINS[person["role"]] for name, person in people.items()}


def test_a_deployment_refuses_them(settings: Settings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="NORTHWAY_DEBUG"):
        call_command("create_demo_accounts")
    assert not Account.objects.exists()
