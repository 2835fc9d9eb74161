"""Does a model hold anything of who left, before it was trained or while it was?"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.conf import settings

from personalize.algorithms.base import Interactions
from personalize.algorithms.blend import Blend
from personalize.engine import dataset, registry, traces, trial
from personalize.engine.training import retrain
from signals import api
from signals.data import SYSTEM, Purpose
from tests.factories import consents, moment
from tests.personalize.engine.past import give_past
from tests.personalize.shop import Shop

pytestmark = pytest.mark.django_db


def while_it_fits(
    monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]
) -> list[Interactions]:
    """Let something happen during the first fit; return what every fit was given."""
    given: list[Interactions] = []
    refit = trial.refit

    def fitting(trained: trial.Trial, data: Interactions, *, rng: np.random.Generator) -> Blend:
        fitted = refit(trained, data, rng=rng)
        if not given:
            happens()
        given.append(data)
        return fitted

    monkeypatch.setattr(trial, "refit", fitting)
    return given


def published() -> Any:
    """Return the newest version's row."""
    return registry.versions(limit=1)[0]


@pytest.mark.slow
def test_who_is_erased_while_a_model_is_trained_is_not_in_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_past(shop, learners=60)
    first, second = dataset.read(now=moment()).learner_ids[:2].tolist()

    def leave() -> None:
        api.erase_learner(first, actor=SYSTEM, now=moment())
        consents(second, Purpose.PERSONALIZATION, granted=False)

    given = while_it_fits(monkeypatch, leave)
    retrain(now=moment(), actor=SYSTEM)
    assert [data.n_learners for data in given] == [60, 58]
    assert len(given[1].courses) == published().pairs == 290
    assert published().learners == 58
    assert given[1].learners.max() == 57


@pytest.mark.slow
def test_no_file_of_a_model_names_a_learner_and_one_that_did_is_found(shop: Shop) -> None:
    give_past(shop, learners=60)
    learner_id = int(dataset.read(now=moment()).learner_ids[0])
    retrain(now=moment(), actor=SYSTEM)
    assert list(settings.MODELS_DIR.glob("*/*.npy"))
    assert traces.naming(learner_id) == 0
    [folder] = settings.MODELS_DIR.glob("*/")
    np.save(folder / "people.npy", np.array([7, learner_id]))
    assert traces.naming(learner_id) == 1
    receipt = api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    assert receipt["waiting"] == ["models"]
