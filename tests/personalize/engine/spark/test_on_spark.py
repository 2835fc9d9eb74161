"""With a Spark on this machine: does it find what als here finds, and what does that cost?"""

from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from pytest_django import Settings

from benchmarks import als_engines
from personalize.engine import registry
from personalize.engine.engines import EngineUnusable, Name
from personalize.engine.gates.registry import GATES
from personalize.engine.spark import needs
from personalize.models import ModelVersion
from tests.personalize.engine.past import give_past
from tests.personalize.shop import Shop


def missing() -> str:
    """Say what is missing; empty where Spark can be started."""
    try:
        needs.check("local[2]")
    except EngineUnusable as refusal:
        return str(refusal)
    return ""


pytestmark = [pytest.mark.prove, pytest.mark.skipif(bool(missing()), reason=missing())]


def test_spark_finds_as_much_as_here_and_takes_three_times_the_processor() -> None:
    rng = np.random.default_rng(7)
    found = als_engines.measure(rng, learners=4_000, courses=1_000, pairs=120_000)
    ours, theirs = found["als_recall@20"], found["spark_als_recall@20"]
    assert isinstance(ours, float)
    assert isinstance(theirs, float)
    assert theirs >= 0.97 * ours > 0.1
    here, there = found["als_cpu_s"], found["spark_als_started_cpu_s"]
    assert isinstance(here, float)
    assert isinstance(there, float)
    assert 3 * here <= there


@pytest.mark.django_db
def test_a_model_trained_on_spark_is_judged_like_any_other_and_no_row_stays(
    shop: Shop, settings: Settings, tmp_path: Path
) -> None:
    settings.SPARK_FOLDER = tmp_path / "spark"
    give_past(shop, learners=60)
    call_command("retrain", engine=Name.SPARK, master="local[2]")
    row = ModelVersion.objects.get()
    card = registry.card_of(row)
    assert card.engine == "spark"
    assert card.metrics["als"]["ndcg@10"] > card.metrics["popularity"]["ndcg@10"]
    assert [finding["gate"] for finding in row.findings] == [gate.__name__ for gate in GATES]
    assert list((tmp_path / "spark").iterdir()) == []
