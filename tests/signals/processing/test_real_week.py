"""A real week of a real MOOC: nobody in it is taken for a program."""

import gzip
import json
import os
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest

from signals.processing.activity import Group, Surroundings
from signals.processing.normalize import Stored, normalize
from signals.processing.quality import judge

ACTION = {1: Group.ACTION}  # even what a player does by itself, to make it harder


def real_week() -> dict[str, list[Stored]]:
    """Return the statements of each actor as events; the object stands for the course."""
    if "NORTHWAY_DATA" not in os.environ:
        pytest.skip("skipped: no data")
    file = Path(os.environ["NORTHWAY_DATA"]) / "data" / "xapi" / "ralph_fun_mooc.jsonl.gz"
    places: dict[str, int] = {}
    lives: dict[str, list[Stored]] = defaultdict(list)
    with gzip.open(file, "rt", encoding="utf-8") as week:
        for number, line in enumerate(week):
            statement = json.loads(line)
            at = datetime.fromisoformat(statement["timestamp"])
            lives[json.dumps(statement["actor"], sort_keys=True)].append(
                Stored(
                    occurred=round(at.timestamp() * 1e6),
                    source=1,
                    id=number.to_bytes(16),
                    kind=1,
                    course=places.setdefault(statement["object"]["id"], len(places)),
                )
            )
    return lives


def test_nobody_of_a_real_week_is_accused() -> None:
    lives = real_week()
    assert (len(lives), sum(map(len, lives.values()))) == (717, 10_758)
    verdicts = [judge(normalize(life, groups=ACTION), Surroundings()) for life in lives.values()]
    assert [verdict.findings for verdict in verdicts if verdict.weight == 0] == []
    assert {verdict.score for verdict in verdicts} == {1.0}
