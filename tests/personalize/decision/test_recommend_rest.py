"""POST and GET /personalize/v1/recommendations: what every source of a list looks like."""

import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import Settings

from experiments import api as experiments
from personalize.decision.deadline import Deadline
from personalize.experience import rest
from signals.data import SYSTEM, CourseInfo, Purpose
from signals.models import Learner
from signals.request_ids import Arm, read_request_id
from tests.factories import ada, consents, moment, new_key
from tests.personalize.shop import Shop, curate, finishes, learner, says, states

URL = "/personalize/v1/recommendations"


@pytest.fixture
def key(db: None) -> str:
    """Return a key that may ask for recommendations."""
    return new_key("lms", "recommend")


def ask(client: Client, key: str, **wanted: object) -> Any:
    answer = client.post(
        URL, wanted, content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_learner_with_history_gets_the_model_of_their_field(
    client: Client, key: str, trained: Shop
) -> None:
    taken = trained.field("Data")[:4]
    learner("ada", enrolled=taken)

    answer = ask(client, key, learner="ada", k=6)

    assert answer["source"] == "model"
    assert answer["model"] == "v1"
    shown = [item["course"] for item in answer["items"]]
    assert len(shown) == 6
    assert set(shown[:5]) < {course.external_id for course in trained.field("Data")[4:]}


def courses_of(answer: Any) -> list[str]:
    return [item["course"] for item in answer["items"]]


def names(courses: Sequence[CourseInfo]) -> list[str]:
    return [course.external_id for course in courses]


def test_every_item_says_why_in_a_true_sentence(client: Client, key: str, trained: Shop) -> None:
    taken = trained.field("Data")[:4]
    learner("ada", enrolled=taken)

    answer = ask(client, key, learner="ada", k=6)

    titles = {course.title for course in taken}
    for item in answer["items"][:5]:
        first = item["reasons"][0]
        assert first["kind"] in {"course", "courses"}
        named = first["evidence"].split(" · ")
        assert set(named) <= titles
        assert all(title in first["text"] for title in named)
        assert sum(reason["share"] for reason in item["reasons"]) <= 1.0001
    assert any("videos" in words for words in answer["not_used"])


def test_an_unknown_learner_gets_the_edited_list(client: Client, key: str, trained: Shop) -> None:
    chosen = (trained.courses[7], trained.courses[3])
    curate(*chosen)

    answer = ask(client, key, learner="nobody", k=2)

    assert answer["source"] == "curated"
    assert courses_of(answer) == names(chosen)


def test_only_what_editors_chose_is_said_to_be_their_choice(
    client: Client, key: str, trained: Shop
) -> None:
    curate(trained.courses[7])

    items = ask(client, key, learner="nobody", k=3)["items"]

    assert [item["reasons"][0]["kind"] for item in items] == ["curated", "catalogue", "catalogue"]
    assert items[0]["reasons"][0]["text"] == "Chosen by our editors"
    assert items[1]["reasons"][0]["text"] == "From the catalogue, the same for everyone"


def test_a_new_learner_with_a_goal_starts_from_it(client: Client, key: str, trained: Shop) -> None:
    learner_id = learner("cold")
    states(learner_id, goal="Care", interests=["Care skill 3"])

    answer = ask(client, key, learner="cold", k=4)

    assert answer["source"] == "onboarding"
    assert set(courses_of(answer)[:3]) <= set(names(trained.field("Care")))
    assert answer["items"][0]["reasons"][0]["kind"] in {"goal", "interest"}


def test_a_thin_history_and_a_goal_are_blended(client: Client, key: str, trained: Shop) -> None:
    learner_id = learner("thin", enrolled=trained.field("Web")[:1])
    states(learner_id, goal="Care")

    answer = ask(client, key, learner="thin", k=12)

    fields = {item["course"].split("-")[0] for item in answer["items"]}
    assert answer["source"] == "onboarding"
    assert {"Care", "Web"} <= fields


def test_a_new_learner_who_said_nothing_gets_the_popular_list(
    client: Client, key: str, trained: Shop
) -> None:
    learner("cold")

    assert ask(client, key, learner="cold")["source"] == "popular"


def test_a_learner_who_objected_gets_the_list_everyone_who_objected_gets(
    client: Client, key: str, trained: Shop
) -> None:
    lists = []
    for name, field in (("ben", "Data"), ("bea", "Care")):
        learner_id = learner(name, enrolled=trained.field(field)[:4])
        consents(learner_id, Purpose.PERSONALIZATION, granted=False)
        answer = ask(client, key, learner=f"{name}")
        assert answer["source"] == "off"
        lists.append(courses_of(answer))

    assert lists[0] == lists[1]
    assert len(lists[0]) == 12


def test_the_comparison_group_gets_the_generic_list(
    client: Client, key: str, trained: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.assignment.HOLDOUT_SHARE", 1.0)
    learner("hal", enrolled=trained.field("Data")[:4])

    answer = ask(client, key, learner="hal", k=12)

    assert answer["source"] == "holdout"
    assert not set(courses_of(answer)) & set(names(trained.field("Data")[:4]))
    request_id = UUID(answer["request_id"])
    assert read_request_id(request_id)[1:] == (1, Arm.HOLDOUT)


def test_the_control_arm_gets_the_generic_list_and_is_counted_as_generic(
    client: Client, key: str, trained: Shop
) -> None:
    experiments.ensure_first_experiment(SYSTEM, now=moment(days=1))
    arms = set()
    for number in range(12):
        learner_id = learner(f"l{number}", enrolled=trained.field("Data")[:4])
        answer = ask(client, key, learner=f"l{number}")
        arm = experiments.assigned_arm(learner_id, experiment="model-vs-generic")
        told = read_request_id(UUID(answer["request_id"]))[2]
        assert arm is not None
        assert (answer["source"], told) == {
            "generic": ("holdout", Arm.GENERIC),
            "model": ("model", Arm.PERSONAL),
        }[arm]
        arms.add(arm)

    assert arms == {"generic", "model"}


def test_without_a_model_the_last_list_is_shown_again(
    client: Client, key: str, trained: Shop, settings: Settings, tmp_path: Path
) -> None:
    learner("ada", enrolled=trained.field("Data")[:4])
    before = ask(client, key, learner="ada", k=5)

    settings.MODELS_DIR = tmp_path / "gone"
    after = ask(client, key, learner="ada", k=5)

    assert after["source"] == "last_good"
    assert courses_of(after) == courses_of(before)
    assert after["items"][0]["reasons"][0]["kind"] == "course"


def test_without_a_model_and_a_last_list_the_goal_decides(
    client: Client, key: str, trained: Shop, settings: Settings, tmp_path: Path
) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:4])
    states(learner_id, goal="Care")
    ask(client, key, learner="somebody else")  # the process has seen the model

    settings.MODELS_DIR = tmp_path / "gone"
    answer = ask(client, key, learner="ada", k=5)

    assert answer["source"] == "cohort"
    assert set(courses_of(answer)) <= set(names(trained.field("Care")))


def test_without_a_model_a_goal_and_a_last_list_the_popular_list_is_shown(
    client: Client, key: str, trained: Shop, settings: Settings, tmp_path: Path
) -> None:
    learner("ada", enrolled=trained.field("Data")[:4])
    ask(client, key, learner="somebody else")

    settings.MODELS_DIR = tmp_path / "gone"

    assert ask(client, key, learner="ada")["source"] == "popular"


def test_a_damaged_model_never_serves(
    client: Client, key: str, trained: Shop, settings: Settings, tmp_path: Path
) -> None:
    learner("ada", enrolled=trained.field("Data")[:4])
    folder = tmp_path / "damaged"
    shutil.copytree(tmp_path / "models", folder)
    array = next((folder / "v1").glob("ease*.npy"))
    array.write_bytes(array.read_bytes()[:-8] + b"\x00" * 8)

    settings.MODELS_DIR = folder

    assert ask(client, key, learner="ada")["source"] in {"popular", "curated"}


def test_when_the_time_is_spent_the_last_list_is_shown(
    client: Client, key: str, trained: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner("ada", enrolled=trained.field("Data")[:4])
    before = ask(client, key, learner="ada", k=5)

    monkeypatch.setattr(Deadline, "spent", lambda _deadline: True)
    after = ask(client, key, learner="ada", k=5)

    assert after["source"] == "last_good"
    assert courses_of(after) == courses_of(before)


def test_a_ranking_that_breaks_costs_no_learner_an_answer(
    client: Client, key: str, trained: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:4])
    states(learner_id, goal="Web")

    def breaks(*_args: object, **_kwargs: object) -> None:
        raise ValueError("shapes do not fit")

    monkeypatch.setattr("personalize.decision.policy.rank", breaks)

    assert ask(client, key, learner="ada")["source"] == "cohort"


def test_a_refused_course_never_returns_whatever_the_source(
    client: Client, key: str, trained: Shop, settings: Settings, tmp_path: Path
) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:4])
    refused = trained.field("Data")[5]
    says(learner_id, refused, "not_for_me")

    shown = [courses_of(ask(client, key, learner="ada", k=36))]
    settings.MODELS_DIR = tmp_path / "gone"
    shown.append(courses_of(ask(client, key, learner="ada", k=36)))

    assert all(refused.external_id not in courses for courses in shown)
    assert all(shown)


def test_a_snoozed_course_returns_after_its_time(client: Client, key: str, trained: Shop) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:4])
    slept, woken = trained.field("Data")[5:7]
    says(learner_id, slept, "snooze", until=moment() + timedelta(days=3))
    says(learner_id, woken, "snooze", until=moment(days=3))

    shown = courses_of(ask(client, key, learner="ada", k=36))

    assert slept.external_id not in shown
    assert woken.external_id in shown


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"learner": "a", "surface": "moon"}, "surface"),
        ({"learner": "a", "k": 0}, "k"),
        ({"learner": "a", "k": 51}, "k"),
        ({"learner": "a", "k": "many"}, "k"),
        ({"learner": "a", "intent": "sleep"}, "intent"),
        ({"learner": "a", "unit": "book"}, "unit"),
        ({"learner": "a", "course": "none"}, "course"),
        ({"learner": ""}, "learner"),
        ({"learner": 7}, "learner"),
        ({}, "learner"),
    ],
)
def test_bad_input_is_named_by_its_field(
    client: Client, key: str, wanted: dict[str, object], field: str
) -> None:
    answer = client.post(
        URL, wanted, content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["field"] == field


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"learner": "\xff"}', b"null", b"[" * 9_000])
def test_a_body_that_is_no_request_is_refused(client: Client, key: str, body: bytes) -> None:
    answer = client.post(
        URL, body, content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )

    assert answer.status_code == 400


def test_a_body_nested_too_deeply_is_refused(client: Client, key: str) -> None:
    body = b'{"learner": "a", "more": ' + b"[" * 8_000 + b"]" * 8_000 + b"}"

    answer = client.post(
        URL, body, content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_a_form_is_no_request(client: Client, trained: Shop) -> None:
    client.force_login(ada().account)

    answer = client.post(URL, {"learner": "ada"})  # multipart

    assert answer.status_code == 415
    assert answer["Content-Type"] == "application/problem+json"


def test_get_takes_the_same_words(client: Client, key: str, trained: Shop) -> None:
    learner("ada", enrolled=trained.field("Data")[:4])

    answer = client.get(
        URL, {"learner": "ada", "k": "3"}, headers={"Authorization": f"Bearer {key}"}
    )

    assert answer.status_code == 200
    assert len(answer.json()["items"]) == 3


@pytest.mark.parametrize("header", ["", "Bearer nw_wrong", "Basic abc"])
def test_without_a_key_or_session_nobody_gets_a_list(client: Client, db: None, header: str) -> None:
    headers = {"Authorization": header} if header else {}

    assert client.get(URL, {"learner": "ada"}, headers=headers).status_code == 401


def test_a_key_without_the_scope_gets_no_list(client: Client, db: None) -> None:
    capture = new_key("lms", "capture")

    answer = client.get(URL, {"learner": "a"}, headers={"Authorization": f"Bearer {capture}"})

    assert answer.status_code == 401


def test_a_session_gets_its_own_list_only(client: Client, trained: Shop) -> None:
    own, other = ada(), learner("other", enrolled=trained.field("Data")[:4])
    client.force_login(own.account)

    assert client.get(URL).status_code == 200
    assert client.get(URL, {"learner": "ada"}).status_code == 200
    refused = client.get(URL, {"learner": "other"})
    assert refused.status_code == 403
    assert refused.json()["field"] == "learner"
    assert other


def test_lessons_are_the_next_unfinished_ones_of_begun_courses(
    client: Client, key: str, trained: Shop
) -> None:
    begun = trained.field("Data")[0]
    learner_id = learner("ada", enrolled=[begun, *trained.field("Data")[1:3]])
    finishes(learner_id, begun, module=0)

    answer = ask(client, key, learner="ada", unit="lesson")

    lessons = {item["course"]: item["module"] for item in answer["items"]}
    assert answer["source"] == "model"
    assert lessons == {"Data-0": "Data-0-b", "Data-1": "Data-1-a", "Data-2": "Data-2-a"}


@pytest.mark.parametrize(("age_band", "explores"), [("", True), ("under18", False)])
def test_nothing_is_tried_out_on_minors(
    client: Client,
    key: str,
    trained: Shop,
    monkeypatch: pytest.MonkeyPatch,
    age_band: str,
    *,
    explores: bool,
) -> None:
    monkeypatch.setattr("personalize.decision.exploring.SHARE", 1.0)
    learner_id = learner("ada", enrolled=trained.field("Data")[:4])
    Learner.objects.filter(learner_id=learner_id).update(age_band=age_band)

    answer = ask(client, key, learner="ada", k=6)

    assert answer["source"] == "model"
    assert ("explore" in [item["slot"] for item in answer["items"]]) is explores


@pytest.mark.parametrize("source", ["off", "holdout", "curated"])
def test_lessons_of_a_list_that_is_not_personal_are_still_of_ones_own_courses(
    client: Client,
    key: str,
    trained: Shop,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
) -> None:
    begun = trained.field("Data")[0]
    learner_id = learner("ada", enrolled=[begun, *trained.field("Web")[1:3]])
    finishes(learner_id, begun, module=0)
    if source == "off":
        consents(learner_id, Purpose.PERSONALIZATION, granted=False)
    elif source == "holdout":
        monkeypatch.setattr("experiments.assignment.HOLDOUT_SHARE", 1.0)
    else:
        settings.MODELS_DIR = tmp_path / "gone"

    answer = ask(client, key, learner="ada", unit="lesson")

    lessons = {item["course"]: item["module"] for item in answer["items"]}
    assert answer["source"] == source
    assert lessons == {"Data-0": "Data-0-b", "Web-1": "Web-1-a", "Web-2": "Web-2-a"}
    assert answer["items"][0]["reasons"][0]["text"] == "You enrolled in Web course 2"
    assert "anything you did" not in answer["not_used"]


def test_continue_puts_begun_courses_first(client: Client, key: str, trained: Shop) -> None:
    learner("ada", enrolled=trained.field("Data")[:4])

    answer = ask(client, key, learner="ada", intent="continue")

    assert set(courses_of(answer)[:4]) == set(names(trained.field("Data")[:4]))


def test_explore_lowers_the_fields_of_the_history(client: Client, key: str, trained: Shop) -> None:
    learner("ada", enrolled=trained.field("Data")[:4])

    def share(**wanted: object) -> float:
        shown = courses_of(ask(client, key, learner="ada", k=6, **wanted))
        return sum(course.startswith("Data") for course in shown) / len(shown)

    assert share(intent="explore") <= share()


def test_beside_a_course_its_like_is_shown_and_not_itself(
    client: Client, key: str, trained: Shop
) -> None:
    learner("ada", enrolled=trained.field("Data")[:4])

    answer = ask(client, key, learner="ada", k=3, course="Care-1")

    assert len(answer["items"]) == 3
    assert "Care-1" not in courses_of(answer)
    assert any(course.startswith("Care") for course in courses_of(answer))


def test_beyond_the_cap_the_caller_is_asked_to_come_again(
    client: Client, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("personalize.experience.rest._free", BoundedSemaphore(1))
    rest._free.acquire()

    answer = client.get(URL, {"learner": "a"}, headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) >= 1
