"""Is any JSON text of the public collection answered with a server's error? None may be."""

import base64
import json
import os
from pathlib import Path

import pytest

from signals.management.vectors.json_texts import PLACES, run_texts
from signals.models import Event

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_no_text_hurts_any_door() -> None:
    data = os.environ.get("NORTHWAY_DATA")
    if not data:
        pytest.skip("no data")
    report = run_texts(Path(data) / "vectors" / "json_parsing.jsonl")
    assert report.failures == []
    assert report.passed == len(PLACES) * 159
    assert Event.objects.exists()


def test_texts_that_need_no_collection(tmp_path: Path) -> None:
    texts = {
        "nan": ("reject", b"NaN"),
        "infinity": ("reject", b"-Infinity"),
        "half a pair": ("either", b'"\\ud800"'),
        "nul": ("accept", b'{"a": "\\u0000"}'),
        "deep": ("either", b"[" * 5_000 + b"]" * 5_000),
        "too great": ("either", b"1e400"),
    }
    lines = [_line(name, expect, text) for name, (expect, text) in texts.items()]
    file = tmp_path / "texts.jsonl"
    file.write_text("\n".join(lines))
    report = run_texts(file)
    assert report.failures == []
    assert report.passed == len(PLACES) * len(texts)


def _line(name: str, expect: str, text: bytes) -> str:
    packed = base64.b64encode(text).decode()
    return json.dumps({"name": name, "expect": expect, "b64": packed})
