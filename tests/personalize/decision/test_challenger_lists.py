"""Whose list does a challenger make? Of who is in its arm of an experiment, and nobody else's."""

from itertools import count
from pathlib import Path

import pytest

from experiments import api as experiments
from experiments import lifecycle
from experiments.assignment import expected_arm
from personalize import api
from personalize.data import Recommendation
from personalize.engine import live
from personalize.engine.configuration import arm
from personalize.engine.live import Pointer
from tests.experiments.world import UMA, day, started
from tests.factories import moment
from tests.personalize.shop import Shop, learner, train

NUMBERS = count()
KEY = "rule-of-three"
ARMS = (arm("1" * 64), arm("2" * 64))
UNDER_WAY = Pointer(version="v1", arms={ARMS[1]: "v2"})
SHIPPED = Pointer(version="v2", arms={ARMS[0]: "v1"})  # the old one, for who is held back


@pytest.fixture
def compared(trained: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Return the shop once an experiment compares a second model with the live one."""
    monkeypatch.setattr("experiments.surfaces._models", lambda: ARMS)
    train(trained, tmp_path / "models", version="v2")
    live.write(tmp_path / "models", UNDER_WAY)
    started(key=KEY, salt=f"{KEY}:1", variants=ARMS)
    experiments.forget_caches()
    return trained


def in_arm(name: str, shop: Shop) -> int:
    """Make a learner of the arm."""
    for number in NUMBERS:
        learner_id = learner(f"ada-{number}", enrolled=shop.field("Data")[:4])
        if expected_arm(learner_id, experiment=KEY) == name:
            return learner_id
    raise AssertionError


def ask(learner_id: int) -> Recommendation:
    return api.recommend(learner_id, now=moment())


@pytest.mark.parametrize(("name", "version"), [(ARMS[0], "v1"), (ARMS[1], "v2")])
def test_each_arm_sees_its_model_and_the_log_says_which(
    name: str, version: str, compared: Shop
) -> None:
    answer = ask(in_arm(name, compared))
    assert (answer.source, answer.model) == ("model", version)
    logged = api.decision(answer.request_id)
    assert logged is not None
    assert logged.model == version


def test_a_stopped_experiment_leaves_nobody_with_the_challenger(compared: Shop) -> None:
    learner_id = in_arm(ARMS[1], compared)
    assert ask(learner_id).model == "v2"
    lifecycle.stop(UMA, key=KEY, reason="all looks taken", now=day(28))
    experiments.forget_caches()
    assert ask(learner_id).model == "v1"


def test_an_arm_of_another_experiment_shows_the_live_model(compared: Shop, tmp_path: Path) -> None:
    learner_id = in_arm(ARMS[1], compared)
    live.write(tmp_path / "models", Pointer(version="v1", arms={arm("3" * 64): "v2"}))
    assert ask(learner_id).model == "v1"


def test_who_is_held_back_goes_on_seeing_what_was_live(compared: Shop, tmp_path: Path) -> None:
    control, variant = in_arm(ARMS[0], compared), in_arm(ARMS[1], compared)
    live.write(tmp_path / "models", SHIPPED)
    assert (ask(control).model, ask(variant).model) == ("v1", "v2")
