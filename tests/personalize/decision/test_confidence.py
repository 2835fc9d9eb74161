"""Are bars the steps of a probability, and does the log give both back?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize.data import Confidence
from personalize.decision import confidence


@pytest.mark.parametrize(
    ("chance", "bars"),
    [
        (confidence.STRONG, Confidence.STRONG),
        (confidence.STRONG - 0.001, Confidence.GOOD),
        (confidence.GOOD, Confidence.GOOD),
        (confidence.FAIR, Confidence.FAIR),
        (confidence.FAIR - 0.001, Confidence.EXPLORING),
        (0.0, Confidence.EXPLORING),
    ],
)
def test_a_bar_begins_at_its_least_probability(chance: float, bars: Confidence) -> None:
    assert confidence.bar(chance) is bars


@given(level=st.sampled_from(Confidence), chance=st.none() | st.floats(0.0, 1.0))
def test_the_log_gives_back_the_bars_and_the_probability_to_a_thousandth(
    level: Confidence, chance: float | None
) -> None:
    code = confidence.stored(level, chance)
    assert 0 < code < 2**15
    assert confidence.level_of(code) is level
    told = confidence.chance_of(code)
    assert (told is None) == (chance is None)
    assert abs((told or 0.0) - (chance or 0.0)) <= 0.001
