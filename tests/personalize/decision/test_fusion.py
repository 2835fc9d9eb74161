"""What was said, done long ago and done just now meet in one list, by weights that are named."""

from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from personalize.decision import fusion
from signals.clock import now
from signals.data import CourseInfo, Touch
from tests.factories import moment, new_key
from tests.personalize.shop import Shop, learner, states, touch

DAY_S = 86_400.0
BATCH, URL = "/signals/v1/batch", "/personalize/v1/recommendations"


@pytest.fixture
def key(db: None) -> str:
    """Return a key that may send events and ask for lists."""
    return new_key("lms", "capture", "recommend")


def ask(client: Client, key: str, **wanted: str | int) -> Any:
    answer = client.get(URL, wanted, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.content
    return answer.json()


def look_at(client: Client, key: str, name: str, course: CourseInfo) -> None:
    """Have an event sent as a platform does."""
    at = now().isoformat()
    event = {
        "id": str(uuid4()),
        "kind": "course.viewed",
        "learner": name,
        "course": course.external_id,
        "occurred_at": at,
    }
    answer = client.post(
        BATCH,
        {"sent_at": at, "batch": [event]},
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 200, answer.content


def reasons_of(answer: Any) -> list[str]:
    return [reason["text"] for item in answer["items"] for reason in item["reasons"]]


def test_what_was_just_done_changes_the_very_next_list_and_is_named(
    client: Client, key: str, trained: Shop
) -> None:
    learner("ada", enrolled=trained.field("Data")[:4])
    seen = trained.field("Craft")[2]
    before = ask(client, key, learner="ada", k=8)

    look_at(client, key, "ada", seen)
    after = ask(client, key, learner="ada", k=8)

    assert [i["course"] for i in before["items"]] != [i["course"] for i in after["items"]]
    assert f"You just looked at {seen.title}" in reasons_of(after)
    assert not any("just" in text for text in reasons_of(before))


def test_old_history_counts_less_against_a_goal(client: Client, key: str, trained: Shop) -> None:
    for name, days in (("fresh", 1), ("old", 2 * int(fusion.HALF_LIFE_DAYS))):
        learner_id = learner(name)
        for course in trained.field("Data")[:5]:
            touch(learner_id, course, enrolled_at=moment(days=days))
        states(learner_id, goal="Care", interests=["Care skill 3", "Care skill 4"])

    first = {name: ask(client, key, learner=name)["items"][0] for name in ("fresh", "old")}

    assert first["fresh"]["course"].startswith("Data")
    assert first["old"]["course"].startswith("Care")


def test_a_history_halves_in_its_half_life() -> None:
    touches = np.array([Touch.ENROLLED] * 3, dtype=np.int8)
    ages = np.array([0.0, fusion.HALF_LIFE_DAYS, 2 * fusion.HALF_LIFE_DAYS]) * DAY_S

    assert fusion.decayed(touches, ages).tolist() == pytest.approx([1.0, 0.5, 0.25])


def test_a_session_is_half_an_hour_and_counts_double() -> None:
    touches = np.array([Touch.VIEWED] * 2, dtype=np.int8)
    ages = np.array([timedelta(minutes=29).total_seconds(), timedelta(minutes=31).total_seconds()])

    within, before = fusion.weights(touches, ages).tolist()

    assert within == pytest.approx(2 * before, rel=1e-3)


@given(st.lists(st.floats(0, 50), min_size=2, max_size=9))
def test_trust_grows_with_evidence_and_without_a_jump(evidence: list[float]) -> None:
    evidence = sorted(evidence)
    trusted = [fusion.trust(each) for each in evidence]

    assert trusted == sorted(trusted)
    assert all(0 <= each <= 1 for each in trusted)
    assert fusion.trust(0.0) == 0
    for less, more in pairwise(evidence):
        assert less == 0 or fusion.trust(more) - fusion.trust(less) <= (more - less) / 4
