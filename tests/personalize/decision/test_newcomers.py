"""A course nobody has taken yet: it stands beside its like, and explores within a cap."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.test import Client

from personalize.data import Slot
from personalize.decision import policy
from personalize.decision.policy import NEWCOMER_SHARE, Rules, Situation
from personalize.decision.shelf import build
from signals import catalogue
from signals.models import Course, Skill, shelf
from tests.factories import moment, new_key
from tests.personalize.shop import Shop, learner, says

URL = "/personalize/v1/recommendations"
LISTS = 1_000


@pytest.fixture
def key(db: None) -> str:
    """Return a key that may ask for lists."""
    return new_key("lms", "recommend")


def ask(client: Client, key: str, **wanted: str | int) -> Any:
    answer = client.get(URL, wanted, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.content
    return answer.json()


def open_course(name: str, *, field: str, skills: tuple[str, ...]) -> None:
    """Add a course that the live model has never seen."""
    at = moment()
    course = Course.objects.create(
        external_id=name,
        slug=name,
        title=f"New {name}",
        field=field,
        language="en",
        created_at=at,
        updated_at=at,
    )
    course.skills.set(Skill.objects.filter(name__in=skills))
    shelf.forget()


def test_a_new_course_stands_beside_its_like_and_says_why(
    client: Client, key: str, trained: Shop
) -> None:
    open_course("fresh", field="Data", skills=("Data skill 5", "Data skill 6"))
    open_course("elsewhere", field="Web", skills=("Web skill 5", "Web skill 6"))
    taken = trained.field("Data")[:4]
    learner("ada", enrolled=taken)

    items = {item["course"]: item for item in ask(client, key, learner="ada", k=12)["items"]}

    own, other = items["fresh"], items.get("elsewhere")
    assert own["rank"] <= 8
    assert other is None or other["rank"] > own["rank"]
    assert own["reasons"][0]["text"] in {f"You enrolled in {course.title}" for course in taken}


def test_the_parts_of_a_new_course_sum_to_its_score(
    client: Client, key: str, trained: Shop
) -> None:
    open_course("fresh", field="Data", skills=("Data skill 5",))
    open_course("bare", field="Data", skills=())
    learner("ada", enrolled=trained.field("Data")[:4])
    answer = ask(client, key, learner="ada", k=36)

    for name in ("fresh", "bare"):
        why = f"/personalize/v1/why/{answer['request_id']}/{name}"
        found = client.get(why, headers={"Authorization": f"Bearer {key}"}).json()
        assert sum(found["parts"].values()) == pytest.approx(found["score"], abs=1e-5)
        assert any(part.startswith("course:") for part in found["parts"])


def test_a_refused_new_course_is_not_shown(client: Client, key: str, trained: Shop) -> None:
    open_course("fresh", field="Data", skills=("Data skill 5", "Data skill 6"))
    learner_id = learner("ada", enrolled=trained.field("Data")[:4])
    course = catalogue.course_by_external("fresh")
    assert course is not None
    says(learner_id, course, "not_for_me")

    items = ask(client, key, learner="ada", k=36)["items"]

    assert "fresh" not in {item["course"] for item in items}


@pytest.mark.parametrize("known", [6, 40])
def test_new_courses_get_a_capped_share_of_explored_places(trained: Shop, known: int) -> None:
    courses = trained.courses[0]
    n = known + 12
    full = build({at: replace(courses, course_id=at, field=f"f{at}") for at in range(1, n + 1)})
    fresh = np.arange(known, n)
    explored: Counter[int] = Counter()
    for seed in range(LISTS):
        ranked = policy.rank(
            np.where(np.arange(n) < 4, 1.0, 0.0),
            popularity=np.zeros(n),
            shelf=full,
            situation=Situation(newcomers=fresh),
            rules=Rules(),
            k=2,
            explore=np.arange(n),
            rng=np.random.default_rng(seed),
        )
        explored[int(ranked.places[ranked.slots.index(Slot.EXPLORE)])] += 1

    of_new = [explored[place] for place in fresh.tolist()]
    assert sum(explored.values()) == LISTS
    assert sum(of_new) <= (NEWCOMER_SHARE + 0.04) * LISTS
    assert max(of_new) <= (NEWCOMER_SHARE + 0.04) * LISTS
    assert sum(of_new) > 0 or known < 8
