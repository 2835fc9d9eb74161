"""Whose list does the canary make? The same learners' at every door, and nobody waits for it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from personalize import api
from personalize.data import Recommendation
from personalize.engine import live
from personalize.engine.live import Pointer
from personalize.engine.serving import LoadedModel, in_canary, serving
from tests.factories import moment
from tests.personalize.shop import Shop, learner, train

CANARY, SHARE = "v2", 0.1


def begins(shop: Shop, root: Path, **changes: object) -> Pointer:
    """Train a second model and let it be what the pointer says."""
    train(shop, root, version=CANARY)
    pointer = Pointer(version="v1", **changes)  # type: ignore[arg-type]
    live.write(root, pointer)
    return pointer


def one_who(pointer: Pointer, shop: Shop, *, sees: bool) -> int:
    """Make a learner who sees the canary, or one who does not."""
    made = (learner(f"u{n}", enrolled=shop.field("Data")[:4]) for n in range(200))
    return next(one for one in made if in_canary(one, pointer) is sees)


def ask(learner_id: int) -> Recommendation:
    return api.recommend(learner_id, now=moment())


@pytest.fixture
def canary(trained: Shop, tmp_path: Path) -> Pointer:
    """Return the pointer once the second model is the canary."""
    return begins(trained, tmp_path / "models", canary=CANARY, share=SHARE)


def test_a_tenth_of_all_learners_is_drawn_and_another_tenth_for_the_next_one() -> None:
    first, second = (Pointer(version="v1", canary=name, share=SHARE) for name in ("v2", "v3"))
    drawn = [{n for n in range(20_000) if in_canary(n, one)} for one in (first, second)]
    assert [len(one) / 20_000 for one in drawn] == [pytest.approx(SHARE, abs=0.008)] * 2
    assert len(drawn[0] & drawn[1]) / 20_000 == pytest.approx(SHARE**2, abs=0.003)


@pytest.mark.parametrize(("sees", "version"), [(True, CANARY), (False, "v1")])
def test_the_list_and_the_log_name_the_model_that_made_it(
    sees: bool, version: str, canary: Pointer, trained: Shop
) -> None:
    learner_id = one_who(canary, trained, sees=sees)
    answers = [ask(learner_id) for _ in range(3)]
    assert [one.model for one in answers] == [version] * 3
    logged = api.decision(answers[0].request_id)
    assert logged is not None
    assert logged.model == version


def test_a_canary_that_fails_on_a_request_costs_nobody_a_list(
    canary: Pointer, trained: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner_id = one_who(canary, trained, sees=True)
    asked: list[str] = []
    monkeypatch.setattr(LoadedModel, "score", failing(CANARY, asked))
    answers = [ask(learner_id), ask(learner_id)]
    assert [(one.source, one.model) for one in answers] == [("model", "v1")] * 2
    assert asked == [CANARY, "v1", "v1"]  # it is asked no more


def failing(version: str, asked: list[str]) -> Callable[..., object]:
    score = LoadedModel.score

    def fails(model: LoadedModel, *args: object) -> object:
        asked.append(model.version)
        if model.version == version:
            raise RuntimeError("a planted fault")
        return score(model, *args)  # type: ignore[arg-type]

    return fails


def test_a_damaged_canary_is_as_if_there_were_none(trained: Shop, tmp_path: Path) -> None:
    root = tmp_path / "models"
    pointer = begins(trained, root)
    (root / CANARY / "course_ids.npy").unlink()
    live.write(root, Pointer(version="v1", canary=CANARY, share=SHARE))
    pointer = Pointer(version="v1", canary=CANARY, share=SHARE)
    assert ask(one_who(pointer, trained, sees=True)).model == "v1"


def test_once_it_is_stopped_the_next_list_is_by_the_live_model(
    canary: Pointer, trained: Shop, tmp_path: Path
) -> None:
    learner_id = one_who(canary, trained, sees=True)
    assert ask(learner_id).model == CANARY
    live.announce(tmp_path / "models", "v1")
    assert ask(learner_id).model == "v1"


def test_once_it_is_promoted_everybody_sees_it_and_nobody_loads_it_again(
    canary: Pointer, trained: Shop, tmp_path: Path
) -> None:
    others = one_who(canary, trained, sees=False)
    assert ask(others).model == "v1"
    live.announce(tmp_path / "models", CANARY)
    assert ask(others).model == CANARY
    assert serving().version == CANARY
