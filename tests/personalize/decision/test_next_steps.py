"""One list: the next lessons of begun courses beside new courses, ranked by the same scores."""

from typing import Any

import pytest
from django.test import Client

from signals.data import Purpose
from tests.factories import consents, new_key
from tests.personalize.shop import Shop, finishes, learner, says

URL = "/personalize/v1/recommendations"


@pytest.fixture
def key(db: None) -> str:
    """Return a key that may ask for lists."""
    return new_key("lms", "recommend")


def ask(client: Client, key: str, **wanted: str | int) -> Any:
    answer = client.get(
        URL, {"learner": "ada", "unit": "any", **wanted}, headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_lessons_and_courses_stand_in_one_order_of_scores(
    client: Client, key: str, trained: Shop
) -> None:
    begun = trained.field("Data")[:3]
    learner_id = learner("ada", enrolled=begun)
    finishes(learner_id, begun[0], module=0)

    items = ask(client, key, k=12)["items"]

    lessons = {item["course"]: item["module"] for item in items if item["module"]}
    assert lessons == {"Data-0": "Data-0-b", "Data-1": "Data-1-a", "Data-2": "Data-2-a"}
    assert len(items) > len(lessons)
    scores = [item["score"] for item in items]
    assert scores == sorted(scores, reverse=True)
    first = items[0]
    why = f"/personalize/v1/why/{ask(client, key)['request_id']}/{first['course']}"
    parts = client.get(why, headers={"Authorization": f"Bearer {key}"}).json()
    assert sum(parts["parts"].values()) == pytest.approx(parts["score"], abs=1e-5)
    texts = [reason["text"] for item in items for reason in item["reasons"]]
    assert "You are in the middle of it" in texts


def test_a_finished_or_refused_course_is_in_no_such_list(
    client: Client, key: str, trained: Shop
) -> None:
    begun = [trained.field(name)[at] for name, at in (("Data", 0), ("Care", 0), ("Web", 2))]
    learner_id = learner("ada", enrolled=begun)
    for module in range(3):
        finishes(learner_id, begun[0], module=module)
    says(learner_id, begun[1], "not_for_me")

    shown = {item["course"] for item in ask(client, key, k=36)["items"]}

    assert not shown & {"Data-0", "Care-0"}
    assert "Web-2" in shown


def test_who_objected_gets_the_list_of_everyone(client: Client, key: str, trained: Shop) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:3])
    consents(learner_id, Purpose.PERSONALIZATION, granted=False)

    answer = ask(client, key, k=5)
    everyone = ask(client, key, k=5, unit="course")

    assert answer["source"] == "off"
    assert [i["course"] for i in answer["items"]] == [i["course"] for i in everyone["items"]]
