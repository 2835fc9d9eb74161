"""POST and GET /personalize/v1/recommendations: what every source of a list looks like."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.factories import moment, new_key
from tests.personalize.shop import Shop, curate, learner, says, states

URL = "/personalize/v1/recommendations"


@pytest.fixture
def key(db: None) -> str:
    """Return a key that may ask for recommendations."""
    return new_key("lms", "recommend")


def ask(client: Client, key: str, **wanted: object) -> dict[str, object]:
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

    answer = ask(client, key, learner="ada-1", k=6)

    assert answer["source"] == "model"
    assert answer["model"] == "v1"
    shown = [item["course"] for item in answer["items"]]
    assert len(shown) == 6
    assert set(shown) == {course.external_id for course in trained.field("Data")[4:]}
