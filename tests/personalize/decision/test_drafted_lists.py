"""What stays true of a list two rankers filled: consent, pins, reasons, what is forgotten."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from experiments import lifecycle
from experiments.data import Team
from experiments.running import forget_caches
from personalize import api
from personalize.data import Change, NewOverride, Slot
from personalize.decision import log, memory, personal, rankers
from signals import api as signals
from signals.data import SYSTEM, Purpose
from tests.experiments.world import ROOT, UMA, account, started
from tests.factories import consents, moment, new_key, new_learner
from tests.personalize.decision.duel import KEY, ask, courses, drafting, logged, teams
from tests.personalize.shop import Shop, learner


@pytest.fixture
def key(db: None) -> str:
    """Return a key that may ask for recommendations."""
    return new_key("lms", "recommend")


@pytest.fixture
def ada(trained: Shop) -> int:
    """Return a learner whose list two rankers fill."""
    drafting()
    return learner("ada", enrolled=trained.field("Data")[:4])


def test_who_objected_is_never_drafted(ada: int, key: str) -> None:
    consents(ada, Purpose.PERSONALIZATION, granted=False)
    answer = ask("ada", key)
    assert answer["source"] == "off"
    assert (logged(answer).drafted_for, logged(answer).teams) == (None, None)


@pytest.mark.parametrize("kind", ["staff", "bot", "test"])
def test_staff_robots_and_test_accounts_get_the_usual_list(ada: int, key: str, kind: str) -> None:
    new_learner("other", kind=kind)
    assert logged(ask("other", key)).teams is None


def test_lessons_are_not_drafted(ada: int, key: str) -> None:
    assert logged(ask("ada", key, unit="lesson")).teams is None


def test_a_pin_leads_and_belongs_to_neither_and_what_is_hidden_is_in_neither(
    ada: int, trained: Shop, key: str
) -> None:
    pinned, hidden = trained.field("Web")[9], trained.field("Care")[0]
    for course, change in ((pinned, Change.PIN), (hidden, Change.HIDE)):
        wanted = NewOverride(
            course.course_id, change, "New guidance", moment(days=1), moment(days=-7)
        )
        api.create_override(ROOT, wanted, now=moment())
    answer = ask("ada", key, k=30)
    assert courses(answer)[0] == pinned.external_id
    assert answer["items"][0]["slot"] == Slot.PINNED
    assert teams(answer)[0] is Team.BOTH
    assert hidden.external_id not in courses(answer)


def test_each_place_is_explained_by_the_ranker_that_gave_it(ada: int) -> None:
    answer = api.recommend(ada, now=moment())
    row = logged({"request_id": str(answer.request_id)})
    assert answer.drafted
    for item, team in zip(answer.items, bytes(row.teams or b""), strict=True):
        assert sum(value for _, value in item.parts) == pytest.approx(item.score, abs=1e-6)
        history = any(name.startswith("course:") for name, _ in item.parts)
        assert history <= (team != Team.VARIANT)
        told = api.explain(answer.request_id, item.course_id, learner_id=ada)
        assert told is not None
        assert [one.text for one in told.item.reasons] == [one.text for one in item.reasons]
        assert told.note.startswith("Two ways of ordering are compared in this list")
    assert {Team.CONTROL, Team.VARIANT} <= set(row.teams or b"")


def test_the_home_page_says_that_two_orders_are_compared(ada: int, key: str) -> None:
    client = Client()
    client.force_login(account(learner_id=ada))
    assert b"Two ways of ordering your picks are being compared" in client.get("/home/").content


def test_what_was_shown_is_what_counts_as_shown(ada: int, key: str) -> None:
    memory.forget(ada, [])
    answer = ask("ada", key)
    assert sorted(memory.seen(ada)) == sorted(logged(answer).course_ids)


def test_a_row_of_a_drafted_page_stays_small(ada: int, key: str) -> None:
    assert log.row_bytes(UUID(ask("ada", key, k=12)["request_id"])) <= 1536


def test_whose_an_item_was_is_forgotten_with_the_reasons(ada: int, key: str) -> None:
    answer = ask("ada", key)
    consents(ada, Purpose.PERSONALIZATION, granted=False)
    assert (logged(answer).drafted_for, logged(answer).teams) == (None, None)


def test_a_copy_of_ones_data_says_whose_each_item_was(ada: int, key: str) -> None:
    answer = ask("ada", key)
    copied = json.loads(json.dumps(signals.export_learner(ada, actor=SYSTEM, now=moment())))
    (told,) = copied["personalize"]["recommendations"]
    assert told["teams"] == [team.name.lower() for team in teams(answer)]


@pytest.mark.parametrize("broken", ["popular", "model"])
def test_a_ranker_that_breaks_costs_nobody_their_list(
    ada: int, key: str, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = rankers.order_of

    def breaks(name: str, *rest: Any, **named: Any) -> Any:
        if name == broken:
            raise ArithmeticError("as a test wants it")
        return usual(name, *rest, **named)

    monkeypatch.setattr(personal, "order_of", breaks)
    answer = ask("ada", key)
    assert answer["source"] == {"popular": "model", "model": "popular"}[broken]
    assert logged(answer).teams is None
    assert len(answer["items"]) == 8


def test_what_is_stopped_is_the_usual_list_again(ada: int, key: str) -> None:
    lifecycle.stop(UMA, key=KEY, reason="seen enough", now=moment())
    forget_caches()
    assert logged(ask("ada", key)).teams is None


def statements(learner_id: int) -> int:
    """Return how many a list costs somebody who has been seen before."""
    api.recommend(learner_id, now=moment())
    with CaptureQueriesContext(connection) as asked:
        api.recommend(learner_id, now=moment())
    return len(asked)


def test_a_draft_costs_no_statement_more_than_an_experiment_in_arms(
    trained: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.running.RUNNING_FOR_S", 3600.0)
    monkeypatch.setattr("experiments.settled.READ_EVERY_S", 3600.0)
    ada = learner("ada", enrolled=trained.field("Data")[:4])
    started(key="in-arms", salt="in-arms:1", now=moment(hours=1))
    forget_caches()
    in_arms = statements(ada)
    lifecycle.stop(UMA, key="in-arms", reason="seen enough", now=moment())
    drafting()
    assert statements(ada) == in_arms
