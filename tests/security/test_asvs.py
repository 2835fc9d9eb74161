"""Does the table of ASVS 5.0 name every requirement, and only evidence that is there?"""

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "asvs.md"
NUMBERS = Path(__file__).parent / "asvs_5_0_0.csv"  # number and level, from the standard
LEVELS = {"1": 70, "2": 183}  # how many the standard has
ROW = re.compile(r"\| V([\d.]+) \| ([12]) \| ([^|]+) \| (met|open|n/a) \| ([^|]+) \|")
NAMED = re.compile(r"`([\w./-]+?)(?:::(\w+))?`")
REASON = 3  # words, at least
STANDINGS = ("met", "n/a", "open")


@cache
def rows() -> tuple[tuple[str, ...], ...]:
    return tuple(ROW.findall(TABLE.read_text(encoding="utf-8")))


def test_every_requirement_has_one_line_with_its_level() -> None:
    with NUMBERS.open(encoding="utf-8") as file:
        asked = [(row["id"], row["level"]) for row in csv.DictReader(file)]
    assert Counter(level for _, level in asked) == LEVELS
    assert [(number, level) for number, level, *_ in rows()] == asked
    lines = [one for one in TABLE.read_text(encoding="utf-8").splitlines() if one[:3] == "| V"]
    assert len(lines) == len(rows()), "a line has another form"


def test_the_sums_are_those_of_the_lines() -> None:
    found = Counter(standing for *_, standing, _ in rows())
    head = TABLE.read_text(encoding="utf-8").split("## ")[0]
    said = tuple(map(int, re.findall(r"(\d+) (?:met|not applicable|open)", head)))
    assert said == tuple(found[one] for one in STANDINGS)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_what_is_named_exists_and_what_is_missing_is_told(row: tuple[str, ...]) -> None:
    *_, standing, evidence = row
    named = [(path, test) for path, test in NAMED.findall(evidence) if "/" in path or "." in path]
    for path, test in named:
        there = ROOT / path
        assert there.exists(), path
        if test:
            assert f"def {test}(" in there.read_text(encoding="utf-8"), test
    if standing == "met":
        assert named, "met, and nothing shows it"
    else:
        assert len(evidence.split()) >= REASON, "say why"
