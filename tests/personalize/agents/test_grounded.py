"""What a model wrote is shown only where its source says the same, word for word."""

import pytest

from personalize.agents.answers.grounded import supported

SOURCES = (
    "Replace the chain at half a percent of wear, never later.",
    "Do not squeeze a hydraulic lever while the wheel is out.",
    "The cell holds 3.7 volts and charges in 45 minutes.",
)


@pytest.mark.parametrize(
    "written",
    [
        "Replace the chain at half a percent of wear, never later. [1]",
        "Replace chain at half percent of wear, never later [1].",
        "The cell holds 3.7 volts and charges in 45 minutes [3].",
        "Do not squeeze the lever while wheel is out. [2] The cell holds 3.7 volts, charges. [3]",
    ],
)
def test_words_may_be_left_out(written: str) -> None:
    assert supported(written, SOURCES)


@pytest.mark.parametrize(
    "written",
    [
        "Replace the chain at half a percent of wear, never later.",
        "Replace the chain at half a percent of wear. [1]",
        "Replace the chain at one percent of wear, never later. [1]",
        "Replace the sprocket at half a percent of wear, never later. [1]",
        "Squeeze a hydraulic lever while the wheel is out. [2]",
        "Do not squeeze a hydraulic lever unless the wheel is out. [2]",
        "The wheel is not out while a hydraulic lever squeezes. [2]",
        "The cell holds 45 volts and charges in 3.7 minutes. [3]",
        "The cell holds 3.7 volts and charges in 45 hours. [3]",
        "The cell holds -3.7 volts and charges in 45 minutes. [3]",
        "Replace the chain at half a percent of wear, never later. [2]",
        "Replace the chain at half a percent of wear, never later. [4]",
        "Replace the chain at half a percent of wear, never later. [0]",
        "Lever. [2]",
        "Replace the chain at half a percent of wear, never later. [1] Call 555 now.",
        "The cell holds 3.7 volts. [3] The moon is cheese. [1]",
        "[1]",
        "",
        "See https://evil.example [1].",
    ],
)
def test_nothing_may_be_added_turned_round_or_torn_out(written: str) -> None:
    assert supported(written, SOURCES) == ()
