"""Is how likely a pick is opened said in words, beside what is usual, and only if known?"""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from personalize.algorithms.heads.features import NAMES
from personalize.algorithms.heads.head import Head
from personalize.engine.artifacts import ModelUnusable
from personalize.experience import likelihood

SURE = Head(np.zeros(len(NAMES)), 0.0, 1.0, 0.0, 0.083)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let a model with this head of openings serve, or none."""

    def put(head: Head | None) -> None:
        heads = SimpleNamespace(engage=head) if head else None
        monkeypatch.setattr(likelihood, "serving", lambda: SimpleNamespace(heads=heads))

    return put


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (0.34, "1 in 3"),
        (0.2, "1 in 5"),
        (0.083, "1 in 12"),
        (0.001, "1 in 100"),
        (0.7, "7 in 10"),
        (0.99, "9 in 10"),
    ],
)
def test_a_probability_is_told_as_people_count(chance: float, words: str) -> None:
    assert likelihood.odds(chance) == words


def test_a_sentence_names_the_pick_and_what_is_usual(serve: Any) -> None:
    serve(SURE)
    said = likelihood.told(0.34)
    assert "about 1 in 3 open this within a week" in said
    assert "Of picks in general, about 1 in 12" in said


def test_nothing_is_said_of_a_pick_whose_chance_nobody_told(serve: Any) -> None:
    serve(SURE)
    assert likelihood.told(None) == ""


def test_nothing_is_said_where_probabilities_say_no_more_than_their_average(serve: Any) -> None:
    serve(SURE.flat())
    assert (likelihood.usual(), likelihood.told(0.34)) == (None, "")
    serve(None)
    assert (likelihood.usual(), likelihood.told(0.34)) == (None, "")


def test_nothing_is_said_where_no_model_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise ModelUnusable("v1", "it is gone")

    monkeypatch.setattr(likelihood, "serving", away)
    assert likelihood.told(0.34) == ""
