"""Does the demo's check fail where a decision does not come out of its log again? (demo)"""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from demo import replays
from personalize.data import Outcome

if TYPE_CHECKING:
    from demo.processes import Stage

NONE = dict.fromkeys((kind.value for kind in Outcome), 0)


class FakeStage:
    """Answers like the product's command."""

    def __init__(self, told: str) -> None:
        self.told = told
        self.ran: list[str] = []

    def run(self, command: list[str]) -> str:
        self.ran = command
        Path(command[-1]).write_text(self.told, encoding="utf-8")
        return ""


def test_the_words_are_those_of_the_product() -> None:
    assert {replays.SAME, replays.DIFFERENT} <= set(NONE)


@pytest.mark.parametrize(
    ("found", "right"),
    [
        ({"same": 9}, True),
        ({"same": 9, Outcome.WITHDRAWN.value: 3}, True),
        ({"same": 9, "different": 1}, False),
        ({Outcome.WITHDRAWN.value: 3}, False),
        ({}, False),
    ],
)
def test_the_check_is_right_where_lists_were_made_again_and_none_is_otherwise(
    found: dict[str, int], right: bool
) -> None:
    assert replays.right(NONE | found) is right


def test_counts_are_told_by_kind(tmp_path: Path) -> None:
    stage = FakeStage('{"same": 7, "different": 0, "inputs deleted with the consent": 2}')
    counts = replays.replay(cast("Stage", stage), tmp_path / "told.json")
    assert replays.rows(counts)[1:] == [("same", "7"), ("inputs deleted with the consent", "2")]
    assert stage.ran[:3] == ["replay_decision", "--days", str(replays.DAYS)]
