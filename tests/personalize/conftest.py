"""What tests of decisions and pages find: a models folder and a snapshot folder of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from personalize.decision import deadline, log, memory, partitions, replay, rulebooks, upkeep
from tests.personalize.shop import Shop, open_shop, train


@pytest.fixture(autouse=True)
def _folders(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve no model and no snapshot but those of the test, however slow the machine is.

    Nobody is in the comparison group, into which one learner in twenty would fall by chance, and
    no list explores, which one in ten does.
    """
    monkeypatch.setattr("personalize.decision.exploring.SHARE", 0.0)
    monkeypatch.setattr("experiments.assignment.HOLDOUT_SHARE", 0.0)
    monkeypatch.setattr(deadline, "BUDGET_MS", 60_000.0)
    monkeypatch.setattr(memory, "TIMEOUT_S", 5.0)
    memory.wake()
    settings.MODELS_DIR = tmp_path / "models"
    settings.SNAPSHOT_DIR = tmp_path / "snapshot"
    yield
    upkeep.THREAD.stop()
    log.FLUSHER.stop()
    partitions.forget()
    rulebooks.forget()
    replay.forget()
    memory.wake()


@pytest.fixture
def shop(db: None) -> Shop:
    """Return the catalogue of forty courses."""
    return open_shop()


@pytest.fixture
def trained(shop: Shop, tmp_path: Path) -> Shop:
    """Return the catalogue with a live model."""
    train(shop, tmp_path / "models")
    return shop
