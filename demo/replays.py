"""Does every decision of the demo come out of its log again? (demo) Counted by kind."""

import json
from collections.abc import Mapping
from pathlib import Path

from demo.processes import Stage

DAYS = 31  # a month of decisions takes some twenty seconds
SAME, DIFFERENT = "same", "different"  # words of the product's command


def replay(stage: Stage, target: Path) -> Mapping[str, int]:
    """Make all decisions of a month again and return how many came out how.

    Raise StepError, which names them, where one is different from the same catalogue and rules.
    """
    stage.run(["replay_decision", "--days", str(DAYS), "--json", str(target)])
    return read(target.read_text(encoding="utf-8"))


def read(told: str) -> Mapping[str, int]:
    """Return the counts that the command wrote."""
    found: dict[str, int] = json.loads(told)
    return found


def rows(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return a table: each kind that there is, the sames first."""
    head = ("made again from the log", "decisions")
    return [head, *((kind, str(n)) for kind, n in counts.items() if n or kind == SAME)]


def right(counts: Mapping[str, int]) -> bool:
    """Say whether there were decisions to make again, and none was different."""
    return counts[SAME] > 0 and not counts[DIFFERENT]
