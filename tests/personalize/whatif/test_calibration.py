"""Does the range beside a prediction cover as often as it says? Four of five changes, or more."""

import numpy as np
import pytest

from personalize.decision.whatif.calibration import LEAST, WITHIN, bound

ROUNDS = 4_000
SLACK = 4 * np.sqrt(WITHIN * (1 - WITHIN) / ROUNDS)


@pytest.mark.parametrize("shape", ["even", "heavy tail", "mostly right"])
@pytest.mark.parametrize("finished", [LEAST, 14, 40, 200])
def test_the_next_change_comes_out_within_the_range_in_four_of_five_cases(
    shape: str, finished: int
) -> None:
    rng = np.random.default_rng(finished)
    size = (ROUNDS, finished + 1)
    off = {
        "even": rng.uniform(0, 0.1, size),
        "heavy tail": np.abs(rng.standard_t(2, size)) / 100,
        "mostly right": np.where(rng.random(size) < 0.7, 0.0, rng.uniform(0, 0.1, size)),
    }[shape]
    bounds = np.array([bound(row[:-1].tolist()) for row in off], dtype=float)
    covered = float(np.mean(off[:, -1] <= bounds))
    assert covered >= WITHIN - SLACK
    if shape != "mostly right":  # where many are exactly right a range may hold more
        assert covered <= WITHIN + 1 / (finished + 1) + SLACK
