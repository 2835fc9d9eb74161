"""Which real statements are there? The fixtures and the week of a MOOC, with moments of today."""

import gzip
import json
import os
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.factories import moment

Statement = dict[str, Any]
needs_data = pytest.mark.skipif("NORTHWAY_DATA" not in os.environ, reason="no data")
OBJECT_COURSES = re.compile(r"(?:course|ccx)-v1:[^/?#&\s\"]+")
MOODLE_COURSE = re.compile(r"/course/view\.php\?id=(\d+)")


def _lines(name: str) -> list[Any]:
    path = Path(os.environ["NORTHWAY_DATA"]) / "data" / "xapi" / name
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def fixtures() -> list[Statement]:
    """Return what the plugins of Open edX and Moodle really send, and examples of the standard."""
    return [line["statement"] for line in _lines("fixtures.jsonl.gz")]


def mooc_week() -> list[Statement]:
    """Return a week of a real MOOC."""
    found: list[Statement] = _lines("ralph_fun_mooc.jsonl.gz")
    return found


def of_today(statements: Sequence[Statement]) -> list[Statement]:
    """Return statements whose moments lie in the last days; equal ones stay equal, others apart."""
    told = sorted({body["timestamp"] for body in statements if "timestamp" in body})
    start = moment(days=2)
    places = {text: start + timedelta(seconds=5 * n) for n, text in enumerate(told)}
    return [
        body | {"timestamp": places[body["timestamp"]].isoformat()} if "timestamp" in body else body
        for body in statements
    ]


def courses_in(statements: Sequence[Statement]) -> set[str]:
    """Return the ids of the courses statements name anywhere, as a catalogue holds them."""
    text = json.dumps(statements).replace("%2B", "+")
    blocks = re.findall(r"(ccx-)?block-v1:([^/?#&\s\"]+?)\+type@", text)
    named = {f"{'ccx' if ccx else 'course'}-v1:{key}" for ccx, key in blocks}
    named.add("http://www.example.com/activities/001")  # of the standard's own example
    return named | set(OBJECT_COURSES.findall(text)) | set(MOODLE_COURSE.findall(text))


def without_ids(statements: Sequence[Statement]) -> list[Statement]:
    """Return statements as Moodle sends them: no id."""
    return [{name: part for name, part in body.items() if name != "id"} for body in statements]


def deed(body: Statement) -> str:
    """Return what makes a statement without id this one: who did what to what, when, with what."""
    names = ("actor", "verb", "object", "result", "timestamp")
    said = [body.get(name) for name in names]
    return json.dumps([*said, body.get("context", {}).get("registration")], sort_keys=True)
