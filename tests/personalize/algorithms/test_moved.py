"""What two tracks say of a model: more clicked and less learned is a failure."""

import numpy as np
import pytest

from personalize.algorithms.moved import ENGAGEMENT, LEAST, PROGRESSION, Moved, Reading, moved, read


def track(direction: int) -> Moved:
    """Return a track that clearly rose, clearly fell, or neither."""
    low, high = {1: (0.1, 0.3), -1: (-0.3, -0.1), 0: (-0.1, 0.1)}[direction]
    return Moved(1.0, 1.0, (low + high) / 2, low, high, 100, 100)


@pytest.mark.parametrize(
    ("engagement", "progression", "reading"),
    [
        (1, -1, Reading.FAILED),
        (0, -1, Reading.WORSE),
        (-1, -1, Reading.WORSE),
        (1, 1, Reading.BETTER),
        (-1, 1, Reading.BETTER),
        (1, 0, Reading.ONLY_ENGAGING),
        (-1, 0, Reading.LESS_USED),
        (0, 0, Reading.NOT_CLEAR),
    ],
)
def test_progression_decides_and_engagement_alone_never_wins(
    engagement: int, progression: int, reading: Reading
) -> None:
    tracks = {ENGAGEMENT: track(engagement), PROGRESSION: track(progression)}
    assert read(tracks) is reading


def test_of_too_few_learners_nothing_is_said() -> None:
    assert moved(np.ones(LEAST - 1), np.ones(LEAST)) is None
    assert read({ENGAGEMENT: track(1), PROGRESSION: None}) is Reading.TOO_FEW


def test_the_interval_holds_the_true_difference_as_often_as_it_says() -> None:
    rng, held = np.random.default_rng(7), 0
    for _ in range(1_000):
        found = moved(rng.poisson(2.0, 80) * 1.0, rng.poisson(1.5, 120) * 1.0)
        assert found is not None
        held += found.low <= 0.5 <= found.high
    assert 925 <= held <= 985


def test_one_who_does_a_thousand_lessons_does_not_move_the_mean() -> None:
    before, now = np.ones(200), np.ones(200)
    now[0] = 1_000.0
    found = moved(now, before)
    assert found is not None
    assert found.difference == 0.0


def test_what_moved_without_a_model_too_is_taken_off() -> None:
    rng = np.random.default_rng(3)
    now, before = rng.normal(8.0, 1.0, 300), rng.normal(10.0, 1.0, 300)
    held, held_before = rng.normal(7.0, 1.0, 300), rng.normal(9.0, 1.0, 300)
    alone, beside = moved(now, before), moved(now, before, beside=(held, held_before))
    assert alone is not None
    assert beside is not None
    assert beside.beside is not None
    assert (alone.direction, beside.direction) == (-1, 0)
    assert beside.beside == pytest.approx(held.mean() - held_before.mean(), abs=0.05)
    assert beside.difference == pytest.approx(alone.difference - beside.beside)
    assert beside.high - beside.low > alone.high - alone.low


def test_a_comparison_group_that_is_too_small_takes_nothing_off() -> None:
    now, before = np.arange(60.0), np.arange(60.0) + 1
    few = np.zeros(LEAST - 1)
    assert moved(now, before, beside=(few, few)) == moved(now, before)
