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
