"""Was this week's model better than last week's? Each course of a pool is drawn once."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from itertools import cycle
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from pytest_django import Settings

from personalize import api, tasks
from personalize.algorithms.base import Recommender
from personalize.algorithms.ease import Ease
from personalize.algorithms.popularity import Popularity
from personalize.decision import exploring, log, replay, upkeep, verdict
from personalize.decision.draws import Reward, tried
from personalize.engine import artifacts
from personalize.models import Decision, ModelVersion, WeeklyVerdict
from signals.data import NewEvent, Purpose
from tests.factories import consents, moment, new_learner
from tests.personalize.shop import FIELDS, Shop, touch, train
from tests.signals.derive.happened import store

EACH = 3  # learners of a field
POOL = tuple((field, number) for field in FIELDS for number in (9,))
MONDAY = datetime.combine(verdict.last_end(moment()), time(), tzinfo=UTC)
SHOWN = MONDAY - timedelta(days=14)  # when the week of lists begins


class InTurn:
    """Draws that hit the second place of a list, and each course of its pool in turn."""

    def __init__(self) -> None:
        self._pool = cycle(range(len(POOL)))

    def integers(self, low: int, high: int | None = None) -> int:
        """Return the place where two bounds are told, else the next course."""
        return low if high is not None else next(self._pool)


@pytest.fixture
def _in_turn(trained: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every list explore, from a pool with the last course of each field."""
    courses = [trained.field(name)[number].course_id for name, number in POOL]
    draws = InTurn()
    monkeypatch.setattr(exploring, "draws", lambda _ask: draws)
    monkeypatch.setattr(exploring, "pool", lambda *_args: _args[-1].known(courses))
    # As outside a transaction, where nothing is read again for each list.
    monkeypatch.setattr("personalize.decision.background.allowed_here", lambda: True)
    monkeypatch.setattr("personalize.decision.upkeep.THREAD.start", lambda: None)
    monkeypatch.setattr("personalize.decision.upkeep.LATE_S", 600.0)
    monkeypatch.setattr(log.FLUSHER, "start", lambda: None)
    upkeep.refresh()


def publish(shop: Shop, root: Path, version: str, kind: type[Recommender], *, at: datetime) -> None:
    """Train a model that all saw from a moment."""
    train(shop, root, version=version, kind=kind)
    ModelVersion.objects.create(
        version=version,
        state=ModelVersion.State.RETIRED,
        trained_at=at - timedelta(hours=2),
        published_at=at,
        card=msgspec.to_builtins(artifacts.read_card(root, version)),
    )


def of_a_field(shop: Shop, name: str) -> int:
    learner_id = new_learner()
    for number, course in enumerate(shop.field(name)[:4]):
        touch(learner_id, course, enrolled_at=moment(days=50 - number))
    return learner_id


def learners_of(shop: Shop, *, each: int = EACH) -> dict[int, str]:
    """Return learners of each field, by their field."""
    return {of_a_field(shop, name): name for name in FIELDS for _ in range(each)}


def weeks_lists(shop: Shop, learners: Mapping[int, str], *, begun: datetime = SHOWN) -> None:
    """Show each learner each course of the pool once; they open what is of their field."""
    opened = begun + timedelta(days=3)
    for learner_id in learners:
        for hour in range(len(POOL)):
            api.recommend(learner_id, k=3, now=begun + timedelta(days=1, hours=hour))
    log.flush()
    events = [
        NewEvent("course.viewed", learner_id, opened, course_id=shop.field(name)[9].course_id)
        for learner_id, name in learners.items()
    ]
    store(events, now=opened)


@pytest.fixture
def two_weeks(trained: Shop, tmp_path: Path, _in_turn: None) -> Shop:
    """Return a catalogue whose newer model ranks by field, and the older one by popularity."""
    before = SHOWN - timedelta(days=8)
    publish(trained, tmp_path / "models", "w1", Popularity, at=before)
    publish(trained, tmp_path / "models", "w2", Ease, at=SHOWN - timedelta(days=1))
    return trained


def told(reward: Reward) -> dict[str, Any]:
    verdict.keep_due(now=moment())
    (kept,) = verdict.verdicts()
    (found,) = [one for one in kept.content["rewards"] if one["reward"] == reward]
    return dict(found)


def test_each_course_of_a_pool_is_drawn_once_and_what_came_is_of_a_week(two_weeks: Shop) -> None:
    weeks_lists(two_weeks, learners_of(two_weeks, each=1))

    found = tried(since=SHOWN, until=SHOWN + timedelta(days=7), models=[])

    assert len(found.learners) == len(FIELDS) * len(POOL)
    for learner_id in set(found.learners.tolist()):
        own = found.learners == learner_id
        courses = found.pools[own, found.drawn[own]]
        assert sorted(courses) == sorted(set(courses.tolist()))
        assert found.rewards[Reward.OPENED][own].sum() == 1
    assert not found.rewards[Reward.LEARNT].any()


def test_a_model_that_ranks_by_field_is_better_than_popularity_by_what_it_is_worth(
    two_weeks: Shop,
) -> None:
    weeks_lists(two_weeks, learners_of(two_weeks))

    found = told(Reward.OPENED)

    gains = 1 / np.log2(np.arange(2, len(POOL) + 2))
    assert found["verdict"] == "better"
    assert found["new"] == pytest.approx(gains[0] / gains.sum(), abs=1e-4)
    assert 0 < found["low"] < found["difference"] < found["high"]
    assert (found["learners"], found["draws"], found["weeks"]) == (10, 50, 1)
    assert found["by"] == pytest.approx(dict.fromkeys(found["by"], found["difference"]), abs=1e-4)


def test_where_nothing_came_of_it_a_verdict_is_not_told_and_weeks_are_pooled(
    two_weeks: Shop, tmp_path: Path
) -> None:
    week = timedelta(days=7)
    publish(two_weeks, tmp_path / "models", "w0", Ease, at=SHOWN - 2 * week - timedelta(days=1))
    learners = learners_of(two_weeks)
    weeks_lists(two_weeks, learners)
    weeks_lists(two_weeks, learners, begun=SHOWN - week)

    found = told(Reward.LEARNT)

    assert (found["verdict"], found["weeks"]) == ("can't tell", 2)
    assert told(Reward.OPENED)["weeks"] == 1


def test_learners_who_withdrew_or_are_no_learners_count_for_nothing(two_weeks: Shop) -> None:
    learners = learners_of(two_weeks, each=1)
    weeks_lists(two_weeks, learners)
    withdrew, *others = learners
    consents(withdrew, Purpose.PERSONALIZATION, granted=False)

    found = tried(since=SHOWN, until=SHOWN + timedelta(days=7), models=[])

    assert set(found.learners.tolist()) == set(others)


@pytest.mark.parametrize(
    ("why", "spoil"),
    [
        ("no_models", lambda: ModelVersion.objects.filter(version="w1").delete()),
        ("same_model", lambda: ModelVersion.objects.filter(version="w2").delete()),
        ("too_few", lambda: Decision.objects.all().delete()),
    ],
)
def test_where_there_is_no_comparison_it_is_said_why(two_weeks: Shop, why: str, spoil: Any) -> None:
    spoil()

    verdict.keep_due(now=moment())

    (kept,) = verdict.verdicts()
    assert (kept.content["why"], kept.content["rewards"]) == (why, [])


def test_where_a_frozen_model_is_gone_it_is_said(two_weeks: Shop, settings: Settings) -> None:
    replay.forget()
    artifacts.prune(settings.MODELS_DIR, keep=frozenset({"v1", "w2"}))

    verdict.keep_due(now=moment())

    assert verdict.verdicts()[0].content["why"] == "model_gone"


def test_a_verdict_is_kept_once_and_nobody_can_change_it(two_weeks: Shop, tmp_path: Path) -> None:
    out = StringIO()
    call_command("keep_verdict", "--json", str(tmp_path / "told.json"), stdout=out)
    first = WeeklyVerdict.objects.get()

    assert tasks.keep_verdict() == ""
    assert first.until == MONDAY.date()
    assert verdict.verdicts()[0].intact
    assert json.loads((tmp_path / "told.json").read_text())["why"] == "too_few"
    assert "no comparison (too_few)" in out.getvalue()
    with pytest.raises(DatabaseError, match="kept as it was written"), transaction.atomic():
        WeeklyVerdict.objects.update(content="{}")
    with pytest.raises(DatabaseError, match="kept as it was written"), transaction.atomic():
        first.delete()
