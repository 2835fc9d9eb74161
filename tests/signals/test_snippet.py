"""Is the browser snippet small, alone, and readable by pages of every origin?"""

import gzip
import re
from contextlib import closing
from pathlib import Path

import pytest
from django.test import Client

ADDRESS = "/static/snippet/northway.js"
FILE = Path(__file__).parents[2] / "static" / "snippet" / "northway.js"
LARGEST = 5_000  # bytes, compressed


def test_the_snippet_is_small() -> None:
    assert len(gzip.compress(FILE.read_bytes())) < LARGEST


def test_the_snippet_needs_nothing_else_and_runs_under_a_strict_policy() -> None:
    text = FILE.read_text()
    assert not re.findall(r"^\s*import\b|\bimport\(|\beval\b|new Function|document\.write", text)
    assert not re.findall(r"document\.cookie|innerHTML|createElement", text)


@pytest.mark.django_db  # the end of an answer looks after connections
def test_a_page_of_any_origin_may_load_the_snippet() -> None:
    with closing(Client().get(ADDRESS, headers={"Origin": "https://lms.example"})) as answer:
        assert FILE.read_bytes() == b"".join(answer)
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Content-Type"].startswith("text/javascript")
