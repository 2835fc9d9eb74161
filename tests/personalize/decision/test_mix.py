"""How much of a list is the goal, and how much what the learner did: shares that are told."""

from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from personalize.decision import mix
from personalize.decision.parts import NAMES
from tests.factories import ada as ada_with_account
from tests.factories import moment, new_key
from tests.personalize.shop import Shop, learner, states, touch

URL = "/personalize/v1/recommendations"
GOAL, HISTORY, SESSION = "goal", "history", "session"


@pytest.fixture
def key(db: None) -> str:
    """Return a key that may ask for lists."""
    return new_key("lms", "recommend")


def ask(client: Client, key: str, **wanted: str | int) -> Any:
    answer = client.get(URL, wanted, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_what_was_answered_hands_over_to_what_was_done_step_by_step(
    client: Client, key: str, trained: Shop
) -> None:
    told = []
    for courses in range(7):
        name = f"l{courses}"
        learner_id = learner(name, enrolled=trained.field("Care")[:courses])
        states(learner_id, goal="Care", interests=["Care skill 8", "Care skill 9"])
        told.append(ask(client, key, learner=name, k=6)["mix"])

    goal, history = ([each.get(kind, 0.0) for each in told] for kind in (GOAL, HISTORY))
    assert goal[0] > 0.9
    assert history[0] == 0
    assert goal[0] > goal[1] > goal[2] > goal[3] > goal[6]
    assert history[0] < history[1] < history[2] < history[3] < history[6]
    assert max(more - less for less, more in pairwise(history)) < 0.4  # no jump
    assert all(sum(each.values()) == pytest.approx(1, abs=0.001) for each in told)


def test_what_was_done_just_now_is_told_apart(client: Client, key: str, trained: Shop) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:4])
    before = ask(client, key, learner="ada")["mix"]

    touch(learner_id, trained.field("Web")[0], viewed_at=moment(minutes=2))
    after = ask(client, key, learner="ada")["mix"]

    assert SESSION not in before
    assert after[SESSION] > 0.05
    assert after[HISTORY] < before[HISTORY]


def test_the_panel_says_the_mix_of_a_pick_in_percent(client: Client, trained: Shop) -> None:
    own = ada_with_account()
    states(own.learner_id, goal="Care", interests=["Care skill 8"])
    client.force_login(own.account)

    page = client.get(reverse("experience:home")).content.decode()

    assert "% your goal and skills" in page


def test_an_explanation_tells_the_mix_it_was_shown_with(
    client: Client, key: str, trained: Shop
) -> None:
    learner("ada", enrolled=trained.field("Data")[:4])
    answer = ask(client, key, learner="ada", k=1)
    why = f"/personalize/v1/why/{answer['request_id']}/{answer['items'][0]['course']}"

    found = client.get(why, headers={"Authorization": f"Bearer {key}"}).json()

    assert found["mix"] == pytest.approx(answer["mix"], abs=1e-3)


def test_operators_see_how_old_what_a_list_is_made_of_is(
    client: Client, key: str, trained: Shop
) -> None:
    names = [f"northway_recommendation_{what}_age_seconds" for what in ("newest_event", "model")]
    before = [REGISTRY.get_sample_value(f"{name}_sum") or 0.0 for name in names]
    learner("ada", enrolled=trained.field("Data")[:4])  # the newest of them yesterday

    ask(client, key, learner="ada")

    newest, model = (
        (REGISTRY.get_sample_value(f"{name}_sum") or 0.0) - was
        for name, was in zip(names, before, strict=True)
    )
    assert newest == pytest.approx(86_400, abs=60)
    assert model < 60


codes = st.integers(-len(NAMES), 2**20).filter(bool)


@given(st.lists(st.tuples(codes, st.floats(-2, 2)), max_size=9))
def test_shares_sum_to_one_and_percents_to_a_hundred(parts: list[tuple[int, float]]) -> None:
    shares = mix.of(parts)

    if any(value > 0 for _, value in parts):
        assert sum(share for _, share in shares) == pytest.approx(1)
        assert sum(n for _, n in mix.percents(shares)) == 100
    else:
        assert shares == ()
        assert mix.percents(shares) == []
