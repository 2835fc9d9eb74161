"""POST /personalize/v1/feedback and GET /personalize/v1/why/: for a platform and for a session."""

from uuid import uuid4

import pytest
from django.test import Client

from personalize import api
from personalize.data import Recommendation
from personalize.models import Feedback
from tests.factories import Person, ada, cold, moment, new_key
from tests.personalize.shop import Shop, learner, touch

URL = "/personalize/v1/feedback"


@pytest.fixture
def person(trained: Shop) -> Person:
    """Return ada, who took four courses."""
    somebody = ada()
    for ago, course in enumerate(trained.field("Data")[:4], start=1):
        touch(somebody.learner_id, course, enrolled_at=moment(days=ago))
    return somebody


@pytest.fixture
def auth(db: None) -> dict[str, str]:
    """Return the header of a platform's key."""
    return {"Authorization": f"Bearer {new_key('lms', 'recommend', 'feedback')}"}


def pick(trained: Shop, person: Person) -> tuple[str, str]:
    """Return the request and the first course of ada's list, as a platform names them."""
    answer = api.recommend(person.learner_id, now=moment())
    return str(answer.request_id), trained.by_id(answer.items[0].course_id).external_id


def test_not_for_me_is_never_repeated_and_its_like_hardly(trained: Shop, person: Person) -> None:
    answer = api.recommend(person.learner_id, now=moment())
    refused = trained.by_id(answer.items[0].course_id)
    like = {
        course.course_id
        for course in trained.field("Data")
        if course != refused and set(course.skills) & set(refused.skills)
    }
    Feedback.objects.create(
        learner_id=person.learner_id, course_id=refused.course_id, action="not_for_me", at=moment()
    )

    next_fifty = [
        item.course_id
        for _page in range(5)
        for item in api.recommend(person.learner_id, k=10, now=moment()).items
    ]

    assert like
    assert refused.course_id not in next_fifty
    assert not like & set(next_fifty)


def test_a_platform_hands_on_what_a_learner_says(
    client: Client, auth: dict[str, str], trained: Shop, person: Person
) -> None:
    request_id, course = pick(trained, person)
    body = {"request_id": request_id, "course": course, "action": "snooze"}

    answer = client.post(URL, body, content_type="application/json", headers=auth)

    assert answer.status_code == 200
    assert answer.json()["until"] > moment(days=-29).isoformat()
    assert Feedback.objects.get().learner_id == person.learner_id


def test_a_session_speaks_for_its_own_learner_only(
    client: Client, trained: Shop, person: Person
) -> None:
    request_id, course = pick(trained, person)
    body = {"request_id": request_id, "course": course, "action": "not_for_me"}
    client.force_login(cold().account)

    answer = client.post(URL, body, content_type="application/json")

    assert answer.status_code == 404
    assert not Feedback.objects.exists()


def test_another_sites_page_cannot_use_the_session(trained: Shop, person: Person) -> None:
    request_id, course = pick(trained, person)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person.account)
    body = {"request_id": request_id, "course": course, "action": "not_for_me"}

    refused = strict.post(URL, body, content_type="application/json")
    strict.get("/home/")
    token = strict.cookies["csrftoken"].value
    allowed = strict.post(
        URL, body, content_type="application/json", headers={"X-CSRFToken": token}
    )

    assert (refused.status_code, allowed.status_code) == (403, 200)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"request_id": "no", "course": "a", "action": "more"}, "request_id"),
        ({"request_id": str(uuid4()), "course": "a", "action": "like"}, "action"),
        ({"request_id": str(uuid4()), "action": "more"}, "course"),
    ],
)
def test_feedback_that_is_not_understood_names_its_field(
    client: Client, auth: dict[str, str], body: dict[str, str], field: str
) -> None:
    answer = client.post(URL, body, content_type="application/json", headers=auth)

    assert answer.status_code == 400
    assert answer.json()["field"] == field


def test_feedback_on_what_was_never_shown_is_not_found(
    client: Client, auth: dict[str, str], trained: Shop, person: Person
) -> None:
    request_id, _course = pick(trained, person)
    for wrong in (
        {"request_id": str(uuid4()), "course": "Data-8", "action": "more"},
        {"request_id": request_id, "course": "Data-0", "action": "more"},
        {"request_id": request_id, "course": "none", "action": "more"},
    ):
        answer = client.post(URL, wrong, content_type="application/json", headers=auth)
        assert answer.status_code == 404, wrong


def test_why_tells_a_platform_the_parts_and_they_sum(
    client: Client, auth: dict[str, str], trained: Shop, person: Person
) -> None:
    request_id, course = pick(trained, person)

    answer = client.get(f"/personalize/v1/why/{request_id}/{course}", headers=auth)

    assert answer.status_code == 200
    told = answer.json()
    assert sum(told["parts"].values()) == pytest.approx(told["score"], abs=1e-6)
    assert told["reasons"]


def test_why_is_not_told_to_other_learners(client: Client, trained: Shop, person: Person) -> None:
    request_id, course = pick(trained, person)
    url = f"/personalize/v1/why/{request_id}/{course}"

    assert client.get(url).status_code == 401
    client.force_login(cold().account)
    assert client.get(url).status_code == 404
    client.force_login(person.account)
    assert client.get(url).status_code == 200


def test_the_schema_describes_every_answer(client: Client, db: None) -> None:
    schema = client.get("/api/schema/?format=json").json()

    paths = schema["paths"]
    assert schema["openapi"].startswith("3.1")
    assert set(paths["/personalize/v1/recommendations"]) == {"get", "post"}
    assert "/personalize/v1/feedback" in paths
    named = {
        name for need in paths["/personalize/v1/feedback"]["post"]["security"] for name in need
    }
    assert named == {"bearer", "session"} == set(schema["components"]["securitySchemes"])
    assert "/personalize/v1/why/{request_id}/{course}" in paths


def test_more_brings_what_is_alike(trained: Shop) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:4])
    liked = trained.field("Craft")[3]
    before = api.recommend(learner_id, k=12, now=moment())

    Feedback.objects.create(
        learner_id=learner_id, course_id=liked.course_id, action="more", at=moment()
    )
    after = api.recommend(learner_id, k=12, now=moment())

    def crafts(answer: Recommendation) -> int:
        return sum(trained.by_id(item.course_id).field == "Craft" for item in answer.items)

    assert crafts(after) >= crafts(before)
    assert {"more"} & {reason.kind for item in after.items for reason in item.reasons}
