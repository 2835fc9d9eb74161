"""Does the door of xAPI answer as the public conformance suite asks? Runs its recorded cases.

The cases run against a source of the profile `store`, in databases made for them and dropped
again.
"""

import base64
import gzip
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.test.utils import setup_databases, teardown_databases

from signals import api
from signals.capture.keys import PREFIX_LENGTH
from signals.clock import now
from signals.data import SYSTEM

SOURCE = "conformance"
VERDICTS = ("passed", "failed", "skipped")
RECORDED_AUTH = "Authorization=Basic%20dXNlcjpwYXNz"  # user:pass, inside a form
Case = Mapping[str, Any]


@dataclass
class Report:
    """What came out, by section."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    by_section: dict[str, dict[str, int]] = field(default_factory=dict)
    failures: list[dict[str, object]] = field(default_factory=list)

    def add(self, case: Case, verdict: str, reason: str = "") -> None:
        """Count a case."""
        setattr(self, verdict, getattr(self, verdict) + 1)
        section = self.by_section.setdefault(case["section"], dict.fromkeys(VERDICTS, 0))
        section[verdict] += 1
        if verdict == "failed":
            self.failures.append({"id": case["id"], "title": case["title"], "reason": reason})


def run(path: Path) -> Report:
    """Run a file of cases in databases of their own."""
    held = setup_databases(verbosity=0, interactive=False)
    logging.getLogger("django.request").setLevel(logging.ERROR)  # refusals are what is asked for
    try:
        return run_cases(read(path))
    finally:
        teardown_databases(held, verbosity=0)


def read(path: Path) -> Iterator[Case]:
    """Yield the cases of a file."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def new_key() -> str:
    """Make a source that keeps statements whole, and return its key."""
    return api.create_key(
        SOURCE, scopes=["capture"], days=1, actor=SYSTEM, now=now(), profile="store"
    )


def run_cases(cases: Iterable[Case]) -> Report:
    """Run cases against a new source of the profile `store`."""
    key = new_key()
    pair = base64.b64encode(f"{key[:PREFIX_LENGTH]}:{key}".encode()).decode()
    report = Report()
    client = Client()  # one for all: making it reads the middleware
    for case in cases:
        report.add(case, *_verdict(case, client, f"Basic {pair}"))
    return report


def _verdict(case: Case, client: Client, credential: str) -> tuple[str, str]:
    """Return passed, failed or skipped, and why it failed."""
    reason, answer = "", HttpResponse()
    requests = [*case.get("setup", ()), *case["requests"]]
    for place, asked in enumerate(requests):
        answer = _send(asked, client, credential)
        last = place == len(requests) - 1
        wanted = case["expect"] if last else asked.get("expect")
        if wanted is not None and not fits(answer.status_code, wanted) and not reason:
            reason = f"{asked['method']} {asked['path']}: {answer.status_code}, not {wanted}"
            reason += f"; {answer.content[:300].decode(errors='replace')}"
    return ("failed", reason) if reason else ("passed", "")


def fits(status: int, wanted: object) -> bool:
    """Say whether a status is one of those that pass: 200, [400, 401], "2xx"."""
    if isinstance(wanted, list):
        return any(fits(status, one) for one in wanted)
    if isinstance(wanted, str) and wanted.endswith("xx"):
        return str(status)[0] == wanted[0]
    return status == int(str(wanted))


def _send(asked: Case, client: Client, credential: str) -> HttpResponse:
    headers = dict(asked["headers"])
    auth = asked.get("auth")
    if auth is None:
        headers["Authorization"] = credential
    elif auth != "none":
        headers["Authorization"] = auth
    kind = headers.pop("Content-Type", "application/octet-stream")
    query = asked["query"]
    address = f"/xapi{asked['path']}" + (f"?{query}" if query else "")
    answer = client.generic(
        asked["method"], address, _body(asked, credential), kind, headers=headers, secure=True
    )
    if not isinstance(answer, HttpResponse):
        raise TypeError("an answer of /xapi is never streamed")
    return answer


def _body(asked: Case, credential: str) -> bytes:
    body = asked["body"] or ""
    if asked.get("body_enc") == "base64":
        return base64.b64decode(body)
    ours = f"Authorization=Basic%20{credential.removeprefix('Basic ').replace('=', '%3D')}"
    return str(body).replace(RECORDED_AUTH, ours).encode()
