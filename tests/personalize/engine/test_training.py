"""Retraining through the database: what it promotes, refuses, and leaves alone."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks

from personalize.algorithms import fairness
from personalize.engine import canary, dataset, registry
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.gates.registry import GATES
from personalize.engine.serving import serving
from personalize.engine.training import TRAINING_LOCK, Ended, Outcome, retrain, seed_of
from personalize.tasks import retrain as nightly
from signals import api
from signals.data import SYSTEM
from signals.models import Learner
from tests.factories import moment
from tests.personalize.engine.past import give_past
from tests.personalize.shop import Shop

pytestmark = pytest.mark.django_db

Run = Callable[[float], Outcome]


@pytest.fixture
def run(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Run:
    """Return retraining some days ago, committed."""

    def train(days_ago: float) -> Outcome:
        with django_capture_on_commit_callbacks(execute=True):
            return retrain(now=moment(days=days_ago), actor=SYSTEM)

    return train


def no_model() -> bool:
    with pytest.raises(ModelUnusable):
        serving()
    return registry.live_version() is None


@pytest.mark.slow
def test_a_small_world_trains_end_to_end_and_twice(
    shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fairness, "LEAST", 5)  # learners of each kind, in a world this small
    learners = give_past(shop, learners=100, days_ago=40)
    Learner.objects.filter(learner_id__in=learners[::2]).update(language="de")
    Learner.objects.filter(learner_id__in=learners[1::2]).update(language="en")
    first = run(20)
    assert first.ended is Ended.PROMOTED
    assert first.row is not None
    assert first.row.state == "live"
    assert [finding.gate for finding in first.row.findings] == [gate.__name__ for gate in GATES]
    assert first.row.metrics["blend"]["ndcg@10"] > first.row.metrics["popularity"]["ndcg@10"]
    assert (first.row.learners, first.row.courses, first.row.pairs) == (100, 40, 500)
    assert first.row.assessed is not None
    assert first.row.assessed.figures["ndcg@10"].value > 0
    assert {(gap.cohort, gap.value) for gap in first.row.assessed.gaps} == {
        ("language", "de"),
        ("language", "en"),
    }

    model = serving()
    assert model.version == first.row.version
    field = [course.course_id for course in shop.field("Web")]
    scored = model.score(np.array(field[:2], np.int32), np.ones(2, np.float32))
    assert set(scored.course_ids[scored.scores.argsort()[-4:]].tolist()) <= set(field)
    assert set(model.popular.in_field("Web", 40).tolist()) == set(field)
    places = scored.scores.argsort()[-12:]
    np.testing.assert_allclose(scored.explain(places).scores(), scored.scores[places], atol=1e-6)
    entry = api.ledger_rows(action_prefix="model.promoted")[0]
    assert (entry.subject, entry.actor) == (first.row.version, "system:northway")

    give_past(shop, learners=60, days_ago=15, seed=8)
    second = run(0)
    assert second.row is not None
    assert second.row.pairs == 800
    against = next(f for f in second.row.findings if f.gate == "not_below_champion")
    assert first.row.version in against.detail
    assert second.ended is Ended.CANARY
    assert serving().version == first.row.version
    assert canary.tend_canary(now=moment(days=-1)).ended is canary.Ended.PROMOTED


def test_the_first_start_without_history_refuses_in_plain_words(run: Run) -> None:
    outcome = run(0)
    assert (outcome.ended, outcome.row) == (Ended.TOO_LITTLE, None)
    assert "There are 0 choices in 0 courses" in outcome.detail
    assert no_model()


def test_too_little_history_leaves_nothing_behind(shop: Shop, run: Run) -> None:
    give_past(shop, learners=dataset.MIN_LEARNERS - 1)
    assert run(0).ended is Ended.TOO_LITTLE
    assert no_model()
    assert not settings.MODELS_DIR.exists()


def test_the_second_of_two_runs_at_once_does_nothing(shop: Shop, run: Run) -> None:
    give_past(shop, learners=40)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [TRAINING_LOCK])
            outcome = run(0)
            cursor.execute("SELECT pg_advisory_unlock(%s)", [TRAINING_LOCK])
    finally:
        other.close()
    assert outcome.ended is Ended.RUNNING
    assert "Another run is training" in outcome.detail
    assert no_model()


def test_the_lock_is_free_again_after_a_run(run: Run) -> None:
    assert run(0).ended is Ended.TOO_LITTLE
    assert run(0).ended is Ended.TOO_LITTLE


@pytest.mark.slow
def test_the_command_prints_the_figures_and_writes_them(shop: Shop, tmp_path: Path) -> None:
    give_past(shop, learners=60)
    out = StringIO()
    call_command("retrain", json=tmp_path / "figures.json", stdout=out)
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["ended"] in {"promoted", "refused"}
    assert figures["models"]["blend"]["ndcg@10"] > 0
    assert figures["seconds"].keys() == {
        "dataset",
        "trial",
        "refit",
        "heads",
        "assess",
        "publish",
    }
    assert len(figures["findings"]) == len(GATES)
    assert "300 choices of 60 learners in 40 courses" in out.getvalue()
    assert "Better than popular courses" in out.getvalue()


def test_the_command_tells_why_nothing_was_trained(tmp_path: Path) -> None:
    out = StringIO()
    call_command("retrain", json=tmp_path / "figures.json", stdout=out)
    assert "too_little_data: There are 0 choices" in out.getvalue()
    assert json.loads((tmp_path / "figures.json").read_text())["version"] is None


def test_the_nightly_task_calls_the_conductor() -> None:
    assert nightly() == Ended.TOO_LITTLE


def test_one_version_always_has_the_same_seed() -> None:
    assert seed_of("20260301-023000") == seed_of("20260301-023000")
    assert seed_of("20260301-023000") != seed_of("20260302-023000")
