"""Whoever fits: the same trial, gates and registry, and nothing where the engine fails."""

from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from personalize.algorithms.als import Als
from personalize.algorithms.base import Interactions, Recommender
from personalize.engine import engines, registry, training
from personalize.engine.engines import Engine, EngineUnusable, Name
from personalize.engine.gates.registry import GATES
from personalize.engine.spark import export, needs
from personalize.models import ModelVersion
from signals.data import SYSTEM
from tests.factories import moment
from tests.personalize.engine.past import give_past
from tests.personalize.shop import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.SPARK_FOLDER = tmp_path / "spark"


def failing(parameters: object, data: Interactions, rng: object) -> Recommender:
    raise EngineUnusable("The Spark job failed.")


@pytest.mark.slow
def test_a_model_fitted_elsewhere_passes_the_same_gates_and_says_who_fitted_it(shop: Shop) -> None:
    given: list[tuple[Any, int]] = []

    def fit(parameters: Any, data: Interactions, rng: np.random.Generator) -> Recommender:
        given.append((parameters, len(data.courses)))
        return Als(**parameters).fit(data, rng=rng)

    give_past(shop, learners=60)
    engine = Engine(Name.SPARK, {Als.name: fit})
    outcome = training.retrain(now=moment(), actor=SYSTEM, engine=engine)
    assert outcome.row is not None
    assert [finding.gate for finding in outcome.row.findings] == [gate.__name__ for gate in GATES]
    assert outcome.row.metrics["als"]["ndcg@10"] > 0
    assert registry.card_of(ModelVersion.objects.get()).engine == outcome.row.engine == "spark"
    assert given[0][0]["factors"] is None  # searched once, in the trial
    assert given[0][1] < 300


@pytest.mark.slow
def test_a_job_that_fails_publishes_nothing_and_frees_the_lock(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_past(shop, learners=60)
    broken = Engine(Name.SPARK, {Als.name: failing})
    monkeypatch.setattr(engines, "named", lambda name, *, master: broken)
    with pytest.raises(CommandError, match="The Spark job failed"):
        call_command("retrain", engine=Name.SPARK, stdout=StringIO())
    assert registry.versions() == ()
    assert training.retrain(now=moment(days=90), actor=SYSTEM).ended is training.Ended.TOO_LITTLE


def test_the_command_refuses_before_it_reads_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "find_spec", lambda name: None)
    with pytest.raises(CommandError, match=r"requirements-spark\.txt"):
        call_command("retrain", engine=Name.SPARK, stdout=StringIO())
    monkeypatch.setattr(needs, "find_spec", lambda name: object())
    monkeypatch.setattr(needs, "java", lambda: "java")
    with pytest.raises(CommandError, match="'cluster' is no address"):
        call_command("retrain", engine=Name.SPARK, master="cluster", stdout=StringIO())


def test_any_run_removes_what_a_killed_one_left(settings: Settings) -> None:
    left = settings.SPARK_FOLDER / f"{export.PREFIX}killed"
    left.mkdir(parents=True)
    training.retrain(now=moment(), actor=SYSTEM)
    assert not left.exists()
