"""Bodies that are nothing: no JSON, too deep, too many, no text, a bomb; all refused and kept."""

import gzip
import json
import secrets
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException

from tests.chaos.faults.base import Scene

TITLE = "poison: no JSON, too deep, too many, bombs"
REFUSED = frozenset({400, 413})


def strike(scene: Scene) -> None:
    """Send each kind ten times; every answer is a refusal, and every body is in quarantine."""
    for _ in range(10):
        for body, packed in _bodies():
            status = _sent(scene, body, packed=packed)
            if status not in REFUSED:
                scene.notes.append(f"{body[:20]!r} was answered {status}")
            else:
                scene.refused += 1


def _bodies() -> list[tuple[bytes, bool]]:
    mark = secrets.token_hex(8)
    return [
        (f"no json {mark}".encode(), False),
        (b"[" * 100_000 + mark.encode(), False),
        (b"\xff\xfe\x00" + mark.encode(), False),
        (json.dumps({"batch": mark}).encode(), False),
        (json.dumps({"batch": [{"id": mark}] * 20_000}).encode(), False),
        (gzip.compress(b" " * 60_000_000 + mark.encode()), True),
        (b"\x1f\x8b" + mark.encode(), True),
    ]


def _sent(scene: Scene, body: bytes, *, packed: bool) -> int:
    headers = {
        "Authorization": f"Bearer {scene.product.key}",
        "Content-Type": "application/json",
        **({"Content-Encoding": "gzip"} if packed else {}),
    }
    with (
        suppress(OSError, HTTPException),
        closing(HTTPConnection("127.0.0.1", scene.product.port, timeout=30)) as connection,
    ):
        connection.request("POST", "/signals/v1/batch", body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    return 0
