"""The decision log: what a row holds, how large it is, and what becomes of it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from django.db import DatabaseError, connection
from pytest_django import Settings

from personalize import api
from personalize.data import Slot, Source
from personalize.decision import log, memory, partitions, parts, upkeep
from personalize.decision.memory import Remember
from personalize.decision.parts import compact
from personalize.models import Decision, Feedback, Profile
from signals import api as signals
from signals.data import SYSTEM, Purpose
from signals.request_ids import read_request_id
from tests.factories import consents, moment
from tests.personalize.shop import Shop, learner, says, states


def test_the_stored_parts_sum_to_the_stored_score(trained: Shop) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    states(learner_id, goal="Data", interests=["Data skill 7"])

    answer = api.recommend(learner_id, now=moment())
    row = log.find(answer.request_id)

    assert row is not None
    values = np.array(row.part_values).reshape(-1, row.parts_wide)
    assert len(values) == len(row.course_ids) == 12
    assert np.abs(values.sum(axis=1) - np.array(row.scores)).max() < 1e-6
    for item in answer.items:
        assert sum(value for _name, value in item.parts) == pytest.approx(item.score, abs=1e-6)


def test_the_scores_are_the_models_own(trained: Shop) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])

    answer = api.recommend(learner_id, now=moment())

    past = [
        sum(value for name, value in item.parts if name.startswith("course:"))
        for item in answer.items
    ]
    assert max(past) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(("k", "most"), [(1, 1536), (12, 1536), (50, 2560)])
def test_a_row_of_a_page_takes_one_and_a_half_kilobytes_and_the_longest_one_more(
    trained: Shop, k: int, most: int
) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:9])
    states(learner_id, goal="Web", interests=["Web skill 1", "Care skill 2"])
    says(learner_id, trained.field("Web")[3], "not_for_me")

    answer = api.recommend(learner_id, k=k, now=moment())

    assert 0 < log.row_bytes(answer.request_id) <= most


@pytest.mark.parametrize("taken", [5, 28])
def test_a_row_stays_as_small_where_something_is_tried_out(
    trained: Shop, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    monkeypatch.setattr("personalize.decision.exploring.SHARE", 1.0)
    learner_id = learner("ada", enrolled=trained.courses[:taken])
    states(learner_id, goal="Web", interests=["Web skill 1", "Care skill 2"])

    answer = api.recommend(learner_id, now=moment())

    assert Slot.EXPLORE in [item.slot for item in answer.items]
    assert log.row_bytes(answer.request_id) <= 1536


def test_a_long_history_leaves_less_room_for_parts() -> None:
    rng = np.random.default_rng(3)
    past, k = rng.normal(size=(100, 12)), 12
    codes = parts.course_codes(np.arange(1, 101, dtype=np.int32), np.full(100, 3, dtype=np.int8))
    popular = {"popular": np.full(k, 0.01)}

    few, many = (compact(past, codes, popular, touched=n).codes.shape[1] for n in (30, 100))

    assert 8 * k * (few - many) >= parts.TOUCHED_BYTES * 40
    assert many > parts.NARROWEST


def test_the_panel_says_what_the_list_said(trained: Shop) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    states(learner_id, goal="Data")
    answer = api.recommend(learner_id, now=moment())

    for item in answer.items:
        told = api.explain(answer.request_id, item.course_id, learner_id=learner_id)
        assert told is not None
        assert [(r.kind, r.text, r.evidence) for r in told.item.reasons] == [
            (r.kind, r.text, r.evidence) for r in item.reasons
        ]
        assert told.item.confidence == item.confidence
        assert (told.used, told.not_used) == (answer.used, answer.not_used)


def test_a_panel_is_for_its_own_learner_and_for_staff(trained: Shop) -> None:
    learner_id, other = learner("ada", enrolled=trained.field("Data")[:5]), learner("cold")
    answer = api.recommend(learner_id, now=moment())
    course_id = answer.items[0].course_id

    assert api.explain(answer.request_id, course_id, learner_id=other) is None
    assert api.explain(answer.request_id, course_id, learner_id=None) is not None


def test_reasons_are_deleted_when_personalization_is_switched_off(trained: Shop) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    states(learner_id, goal="Data")
    answer = api.recommend(learner_id, now=moment())

    consents(learner_id, Purpose.PERSONALIZATION, granted=False)

    row = log.find(answer.request_id)
    told = api.explain(answer.request_id, answer.items[0].course_id, learner_id=learner_id)
    assert row is not None
    assert (row.parts_wide, row.part_codes, row.part_values, row.goal) == (0, [], [], None)
    assert told is not None
    assert not told.item.reasons
    assert "deleted" in told.note


def test_the_list_of_who_objected_names_nobody(trained: Shop) -> None:
    learner_id = learner("ben", enrolled=trained.field("Data")[:5])
    consents(learner_id, Purpose.PERSONALIZATION, granted=False)

    answer = api.recommend(learner_id, now=moment())

    row = log.find(answer.request_id)
    assert answer.source is Source.OFF
    assert row is not None
    assert row.learner_id is None


def test_an_erased_learner_leaves_nothing(trained: Shop) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    states(learner_id, goal="Data")
    says(learner_id, trained.courses[0], "not_for_me")
    api.recommend(learner_id, now=moment())

    signals.erase_learner(learner_id, actor=SYSTEM, now=moment())

    for model in (Decision, Feedback, Profile):
        assert not model.objects.filter(learner_id=learner_id).exists()


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Let rows wait as in another process; return what lets that process write them."""
    monkeypatch.setattr("personalize.decision.background.allowed_here", lambda: True)
    monkeypatch.setattr("personalize.decision.upkeep.THREAD.start", lambda: None)
    monkeypatch.setattr(log.FLUSHER, "start", lambda: None)
    monkeypatch.setattr(log, "forget", lambda _learner_id: None)
    yield lambda: None if log.flush() else pytest.fail("Nothing waited.")
    log.drop()


def test_rows_that_waited_elsewhere_do_not_come_back_after_an_erasure(
    trained: Shop, elsewhere: Callable[[], None]
) -> None:
    learner_id, other = learner("ada", enrolled=trained.field("Data")[:5]), learner("ben")
    upkeep.refresh()
    for each in (learner_id, other):
        api.recommend(each, now=moment())

    signals.erase_learner(learner_id, actor=SYSTEM, now=moment())
    elsewhere()

    assert not Decision.objects.filter(learner_id=learner_id).exists()
    assert Decision.objects.filter(learner_id=other).count() == 1
    assert memory.seen(learner_id) == {}
    assert memory.last_list(learner_id, external_id=None, place="home:course") is None


def test_rows_that_waited_elsewhere_lose_their_reasons_after_an_objection(
    trained: Shop, elsewhere: Callable[[], None]
) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    states(learner_id, goal="Data")
    upkeep.refresh()
    answer = api.recommend(learner_id, now=moment())
    assert answer.source is Source.MODEL

    consents(learner_id, Purpose.PERSONALIZATION, granted=False)
    elsewhere()

    row = log.find(answer.request_id)
    assert row is not None
    assert (row.parts_wide, row.part_codes, row.part_values, row.goal) == (0, [], [], None)
    assert memory.last_list(learner_id, external_id=None, place="home:course") is None


def test_what_a_request_under_way_left_is_deleted_after_the_commit(
    trained: Shop, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]]
) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    with django_capture_on_commit_callbacks(execute=True):
        consents(learner_id, Purpose.PERSONALIZATION, granted=False)
        seen = {trained.courses[0].course_id: 1}
        memory.remember([Remember(learner_id, None, "home:course", None, seen)])
        assert memory.seen(learner_id) == seen

    assert memory.seen(learner_id) == {}


def test_an_export_holds_what_was_said_and_shown(trained: Shop) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    states(learner_id, goal="Data")
    says(learner_id, trained.courses[0], "not_for_me")
    answer = api.recommend(learner_id, now=moment())

    held = str(signals.export_learner(learner_id))

    assert str(answer.request_id) in held
    assert "not_for_me" in held
    assert "'goal': 'Data'" in held


def test_rows_go_into_the_partition_of_their_day(trained: Shop) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    answer = api.recommend(learner_id, now=moment())
    day = read_request_id(answer.request_id)[0]

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text FROM personalize_decision WHERE request_id = %s",
            [answer.request_id],
        )
        assert cursor.fetchone() == (f"personalize_decision_{day:%Y%m%d}",)


def test_partitions_are_made_ahead_once(db: None) -> None:
    assert partitions.ensure_ahead(now=moment()) == partitions.DAYS_AHEAD + 1
    partitions.forget()
    assert partitions.ensure_ahead(now=moment()) == 0


def test_a_log_that_cannot_write_keeps_its_rows_within_bounds(
    trained: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    monkeypatch.setattr("personalize.decision.background.allowed_here", lambda: True)
    monkeypatch.setattr(log.FLUSHER, "start", lambda: None)
    monkeypatch.setattr(upkeep.THREAD, "start", lambda: None)  # it would wait for this transaction
    monkeypatch.setattr(log, "QUEUE_MOST", 3)

    def fails(_rows: object) -> None:
        raise DatabaseError("the disk is full")

    answers = [api.recommend(learner_id, now=moment()) for _ in range(5)]
    with monkeypatch.context() as away:
        away.setattr(log, "_copy", fails)
        with pytest.raises(DatabaseError):
            log.flush()

    assert log.flush() == 3
    assert log.find(answers[0].request_id) is None
    assert log.find(answers[4].request_id) is not None


def test_a_trace_shows_a_decision_in_full(trained: Shop) -> None:
    learner_id = learner("ada", enrolled=trained.field("Data")[:5])
    answer = api.recommend(learner_id, now=moment())

    trace = api.decision(answer.request_id)

    assert trace is not None
    assert (trace.learner_id, trace.surface, trace.source) == (learner_id, "home", Source.MODEL)
    assert [item.course_id for item in trace.items] == [item.course_id for item in answer.items]
    assert all(item.slot in set(Slot) for item in trace.items)


@pytest.mark.parametrize(("h", "k"), [(0, 5), (3, 5), (80, 12), (200, 50), (1, 0)])
def test_compact_parts_sum_to_all_parts(h: int, k: int) -> None:
    rng = np.random.default_rng(h * 100 + k)
    past, named = rng.normal(size=(h, k)), {"goal": rng.normal(size=k), "variety": np.zeros(k)}
    codes = parts.course_codes(np.arange(1, h + 1, dtype=np.int32), np.full(h, 3, dtype=np.int8))

    found = compact(past, codes, named)

    assert found.scores() == pytest.approx(past.sum(axis=0) + named["goal"])
    assert found.codes.shape == found.values.shape
    assert found.codes.shape[1] <= parts.WIDEST


def test_named_parts_are_never_folded_into_older_courses() -> None:
    rng = np.random.default_rng(1)
    k, h = 50, 30
    names = ("goal", "interest", "popular", "boost", "variety", "pin")
    past, named = rng.normal(size=(h, k)), {name: 0.001 * rng.normal(size=k) for name in names}
    codes = parts.course_codes(np.arange(1, h + 1, dtype=np.int32), np.full(h, 3, dtype=np.int8))

    found = compact(past, codes, named)

    for item, listed in enumerate(found.listed()):
        told = dict(parts.named(listed))
        assert {name: told[name] for name in names} == {n: named[n][item] for n in names}
        assert told["earlier"] == pytest.approx(
            past[:, item].sum() - sum(v for c, v in listed if c > 0)
        )


def test_narrowing_twice_folds_into_one_part() -> None:
    rng = np.random.default_rng(2)
    past = rng.normal(size=(30, 12))
    codes = parts.course_codes(np.arange(1, 31, dtype=np.int32), np.full(30, 3, dtype=np.int8))
    whole = compact(past, codes, {"popular": np.full(12, 0.01)})

    twice = whole.narrowed(4)

    assert np.abs(twice.scores() - whole.scores()).max() < 1e-6
    assert ((twice.codes == parts.CODES["earlier"]).sum(axis=1) == 1).all()
    assert (twice.codes == parts.CODES["popular"]).any(axis=1).all()


def test_a_remembered_list_of_a_long_history_still_sums_to_its_scores(
    trained: Shop, settings: Settings, tmp_path: Path
) -> None:
    learner_id = learner("ada", enrolled=[*trained.field("Data")[:8], *trained.field("Web")[:5]])
    states(learner_id, goal="Data")
    before = api.recommend(learner_id, now=moment())

    settings.MODELS_DIR = tmp_path / "gone"
    again = api.recommend(learner_id, now=moment())

    assert again.source is Source.LAST_GOOD
    for item, first in zip(again.items, before.items, strict=True):
        told = [name for name, _value in item.parts]
        assert len(told) == len(set(told))
        assert item.score == pytest.approx(first.score, abs=1e-6)
        assert sum(value for _name, value in item.parts) == pytest.approx(item.score, abs=1e-6)


@pytest.mark.parametrize("k", [12, 50])
def test_a_long_history_keeps_the_goal_among_the_reasons(trained: Shop, k: int) -> None:
    learner_id = learner("ada", enrolled=[*trained.field("Data")[:8], *trained.field("Web")[:5]])
    states(learner_id, goal="Data")

    answer = api.recommend(learner_id, k=k, now=moment())

    goals = {course.course_id for course in trained.field("Data")}
    for item in answer.items:
        told = dict(item.parts)
        assert told.get("goal", 0.0) == pytest.approx(0.25 if item.course_id in goals else 0.0)
        assert sum(told.values()) == pytest.approx(item.score, abs=1e-6)
