"""The chart of retention says a clear loss as plainly as a clear gain."""

import pytest

from controltower.views.drilldowns.retention import said


@pytest.mark.parametrize(
    ("better", "worse", "words"),
    [
        (0, 0, ["At no distance is the difference clear."]),
        (2, 0, ["Clearly more are here again at 2 of 3 distances."]),
        (0, 2, ["Clearly fewer are here again at 2 of 3 distances."]),
        (1, 1, ["Clearly more are here again at 1", "Clearly fewer are here again at 1"]),
    ],
)
def test_each_way_is_said(better: int, worse: int, words: list[str]) -> None:
    text = said(3, better=better, worse=worse)
    assert all(part in text for part in words)
    assert ("no distance" in text) == (not better and not worse)


def test_of_nothing_known_nothing_is_claimed() -> None:
    assert said(0, better=0, worse=0).startswith("Not shown yet")
