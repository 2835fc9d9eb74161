import json
from typing import Any

import pytest
from django.test import Client

from signals import api
from signals.data import SYSTEM
from tests.factories import moment, new_key, new_learner

pytestmark = pytest.mark.django_db


def say(key: str, body: object, **more: Any) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(
        "/signals/v1/groups",
        raw,
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
        **more,
    )


def test_a_platform_says_in_which_class_and_cohort_somebody_is() -> None:
    key = new_key()
    answer = say(key, {"learner": "ada", "class": "7b", "cohort": "autumn"})
    assert (answer.status_code, answer.json()) == (200, {"class": "7b", "cohort": "autumn"})
    learner_id = api.find_learner("ada")
    assert learner_id is not None
    assert api.groups_of(learner_id) == {"class": "7b", "cohort": "autumn"}


@pytest.mark.parametrize("groups", [{}, {"class": "7b"}, {"class": 'a "b"', "cohort": "automne é"}])
def test_a_decision_knows_the_groups_without_asking_once_more(groups: dict[str, str]) -> None:
    learner_id = new_learner("ada")
    api.set_groups(learner_id, groups, now=moment())
    state = api.learner_state(learner_id, now=moment())
    assert state is not None
    assert state.groups == api.groups_of(learner_id) == groups


def test_who_changes_class_has_the_new_one_and_keeps_the_cohort() -> None:
    key = new_key()
    say(key, {"learner": "ada", "class": "7b", "cohort": "autumn"})
    say(key, {"learner": "ada", "class": "8a"})
    learner_id = api.find_learner("ada")
    assert learner_id is not None
    assert api.groups_of(learner_id) == {"class": "8a", "cohort": "autumn"}


def test_a_platform_says_of_what_kind_a_learner_is() -> None:
    kinds = {"organisation": "north", "region": "DE-BY", "device": "phone", "language": "de"}
    assert say(new_key(), {"learner": "ada", **kinds}).json() == kinds
    learner_id = api.find_learner("ada")
    assert learner_id is not None
    assert api.groups_of(learner_id) == kinds


def test_a_key_to_send_with_reads_no_group_that_it_did_not_say() -> None:
    say(new_key(), {"learner": "ada", "class": "7b"})
    other = new_key("another")
    assert say(other, {"learner": "ada"}).json() == {}
    assert say(other, {"learner": "ada", "cohort": "autumn"}).json() == {"cohort": "autumn"}


def test_who_leaves_a_class_has_none() -> None:
    key = new_key()
    say(key, {"learner": "ada", "class": "7b"})
    assert say(key, {"learner": "ada", "class": ""}).json() == {}


def test_saying_the_same_again_keeps_since_when_it_is_so() -> None:
    learner_id = new_learner("ada")
    api.set_groups(learner_id, {"class": "7b"}, now=moment(days=9))
    before = api.export_learner(learner_id)
    api.set_groups(learner_id, {"class": "7b"}, now=moment())
    assert api.export_learner(learner_id) == before
    api.set_groups(learner_id, {"class": "8a"}, now=moment())
    assert api.export_learner(learner_id) != before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 100_000,
        {"class": "7b"},
        {"learner": "", "class": "7b"},
        {"learner": "ada", "class": 7},
        {"learner": "ada", "class": "   "},
        {"learner": "ada", "class": "x" * 81},
        {"learner": "a\u0000", "class": "7b"},
        {"learner": "ada", "class": "7\u0000b"},
        {"learner": "ada", "klass": "7b"},
        {"learner": "a" * 256, "class": "7b"},
    ],
)
def test_what_is_no_learners_groups_is_refused_and_keeps_nothing(body: object) -> None:
    assert say(new_key(), body).status_code in {400, 415}
    assert api.find_learner("ada") is None


def test_without_a_key_that_may_send_nothing_is_kept() -> None:
    for key in ("", "nonsense", new_key("reader", "recommend")):
        assert say(key, {"learner": "ada", "class": "7b"}).status_code in {401, 403}
    assert api.find_learner("ada") is None


def test_of_who_was_erased_no_group_is_kept() -> None:
    key = new_key()
    say(key, {"learner": "ada", "class": "7b"})
    learner_id = api.find_learner("ada")
    assert learner_id is not None
    api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    assert say(key, {"learner": "ada", "class": "7b"}).status_code == 403
    assert api.groups_of(learner_id) == {}
