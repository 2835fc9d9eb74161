"""Is the line through weekly effects the one that weighted least squares draws?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.stats.novelty import FADES, GROWS, STEADY, Weekly, slope

weeks = st.lists(st.tuples(st.floats(-1, 1), st.floats(0.01, 0.5)), min_size=3, max_size=8).map(
    lambda rows: [Weekly(at, *row) for at, row in enumerate(rows, start=1)]
)


@given(weeks)
def test_the_line_and_its_bounds_are_those_of_weighted_least_squares(rows: list[Weekly]) -> None:
    design = np.array([[1.0, row.week] for row in rows])
    weight = np.diag([row.error**-2 for row in rows])
    covariance = np.linalg.inv(design.T @ weight @ design)
    level, per_week = covariance @ design.T @ weight @ np.array([row.effect for row in rows])
    z = stats.norm.ppf(0.975)
    end = np.array([1.0, rows[-1].week])
    found = slope(rows, alpha=0.05)
    assert found is not None
    assert found.per_week == pytest.approx(per_week, abs=1e-9)
    assert found.high - found.low == pytest.approx(2 * z * covariance[1, 1] ** 0.5)
    assert found.last == pytest.approx(level + per_week * rows[-1].week, abs=1e-9)
    assert found.last_high - found.last == pytest.approx(z * (end @ covariance @ end) ** 0.5)


def line(first: float, per_week: float, error: float = 0.002) -> list[Weekly]:
    return [Weekly(week, first + per_week * (week - 1), error) for week in range(1, 5)]


@pytest.mark.parametrize(
    ("rows", "reading", "shown_at_the_end"),
    [
        (line(0.03, -0.009), FADES, False),
        (line(0.03, -0.004), FADES, True),
        (line(-0.03, 0.009), FADES, False),
        (line(0.01, 0.009), GROWS, True),
        (line(0.03, 0.0), STEADY, True),
        (line(0.03, -0.009, error=0.05), STEADY, False),
    ],
)
def test_what_is_said_of_a_line(rows: list[Weekly], reading: str, shown_at_the_end: bool) -> None:
    found = slope(rows, alpha=0.05)
    assert found is not None
    assert found.reading == reading
    assert (found.last_low > 0) == shown_at_the_end
    assert found.last_week == 4


def test_two_weeks_make_no_line() -> None:
    assert slope(line(0.03, -0.01)[:2], alpha=0.05) is None
