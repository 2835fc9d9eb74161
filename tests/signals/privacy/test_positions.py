"""Is a position in a video found anywhere in clear? As text, as any number, in JSON, in a file.

Opt-in or not, what is kept of a seek is its direction. Positions are looked for as numbers of four
bytes too, which some bytes are by chance, the more the more was written before. Each of those kept
would be found as often as sent beside that, so positions that nobody sent are counted too.
"""

import json
import logging
import secrets
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from statistics import median
from time import time
from uuid import uuid4

import numpy as np
import psycopg
import pytest
import redis
from pytest_django import Settings

from signals.capture.spool import away
from signals.data import Purpose
from signals.models import Event, FormatObservation, Quarantine, Statement
from tests.factories import consents, new_course, new_learner, wire_event
from tests.signals.door import Door
from tests.signals.privacy import crawl
from tests.signals.privacy.canaries import MODULE, VIDEO, derive
from tests.signals.spool.outage import drained, outage
from tests.signals.xapi.lms import COURSE, Lms, statement

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 40  # each position is sent about the learner who consents, at least
NUMBER = 4  # bytes
EXTENSIONS = f"{VIDEO}/extensions"


def _numeric(order: str) -> Callable[[float], bytes]:
    """Return how PostgreSQL keeps a number in jsonb and numeric: digits of base 10,000."""

    def digits(position: float) -> bytes:
        whole, part = divmod(position, 1)
        left = divmod(int(whole), 10_000)
        right = divmod(round(part * 10**8), 10_000)
        return struct.pack(f"{order}4h", *left, *right).rstrip(b"\x00")

    return digits


FORMS: dict[str, Callable[[float], bytes]] = {
    "text": lambda position: repr(position).encode(),
    "milliseconds as text": lambda position: str(int(position * 1000)).encode(),
    "jsonb": _numeric("<"),
    "numeric, sent": _numeric(">"),
    "float8, little end first": lambda position: struct.pack("<d", position),
    "float8, big end first": lambda position: struct.pack(">d", position),
    "float4, little end first": lambda position: struct.pack("<f", position),
    "float4, big end first": lambda position: struct.pack(">f", position),
    # Those of four bytes begin, or end, what int8 would be.
    "int4 of milliseconds, little end first": lambda p: struct.pack("<i", int(p * 1000)),
    "int4 of milliseconds, big end first": lambda p: struct.pack(">i", int(p * 1000)),
    "int4 of seconds, little end first": lambda position: struct.pack("<i", int(position)),
    "int4 of seconds, big end first": lambda position: struct.pack(">i", int(position)),
}
SHORT = {name for name in FORMS if "4" in name}


def new_positions(number: int) -> list[float]:
    """Return positions that have no round number, and that four bytes hold exactly."""
    return [
        40_000 + secrets.randbelow(40_000) + (2 * secrets.randbelow(60) + 3) / 128
        for _ in range(number)
    ]


@dataclass(frozen=True, slots=True)
class Sought:
    """What finds positions in every form; four bytes are compared as numbers, at every offset.

    What is found is said by its place in `forms`.
    """

    forms: tuple[bytes, ...]

    def find(self, content: bytes) -> Iterator[tuple[int, int]]:
        """Yield where something begins, and which form it is."""
        numbers: dict[int, list[int]] = {}
        for which, form in enumerate(self.forms):
            if len(form) == NUMBER:
                numbers.setdefault(int.from_bytes(form, sys.byteorder), []).append(which)
            else:
                yield from ((at, which) for at in crawl.places_of(form, content))
        yield from _find_numbers(content, numbers)


def _find_numbers(content: bytes, wanted: dict[int, list[int]]) -> Iterator[tuple[int, int]]:
    """Yield the same for numbers of four bytes: all are looked up at once, folded to two bytes."""
    maybe = np.zeros(1 << 16, np.bool_)
    maybe[[number >> 16 ^ number & 0xFFFF for number in wanted]] = True
    for start in range(min(NUMBER, len(content) - NUMBER + 1)):
        numbers = np.frombuffer(content, np.uint32, (len(content) - start) // NUMBER, start)
        halves = numbers.view(np.uint16)
        for at in np.flatnonzero(maybe[halves[::2] ^ halves[1::2]]):
            for which in wanted.get(int(numbers[at]), ()):
                yield start + NUMBER * int(at), which


def found(
    positions: list[float], folder: Path, logs: str, *, since: float
) -> dict[tuple[str, str], list[int]]:
    """Return how often each position is found, by kind of place and form, without any key."""
    times: dict[tuple[str, str], list[int]] = {}
    sought = Sought(tuple(form(one) for form in FORMS.values() for one in positions))
    for hit in crawl.everywhere(sought, folders=[folder], logs=logs.encode(), since=since):
        if "opened" not in hit.place:
            form, which = divmod(hit.which, len(positions))
            in_place = times.setdefault((hit.place, list(FORMS)[form]), [0] * len(positions))
            in_place[which] += 1
    return times


@pytest.fixture
def log(tmp_path: Path, settings: Settings) -> Iterator[StringIO]:
    """Return what this process says in its logs, with a spool of its own."""
    settings.SPOOL_DIR = tmp_path / "spool"
    text = StringIO()
    handler = logging.StreamHandler(text)
    logging.getLogger().addHandler(handler)
    yield text
    logging.getLogger().removeHandler(handler)


def watch(learner: str, positions: list[float]) -> None:
    """Let a learner seek to and fro, through every door, also while PostgreSQL is away."""
    door, lms, lrs = Door(), Lms(), Lms("lrs", profile="store")
    ends = positions[1:] + positions[:1]
    for _ in range(TIMES // 4):
        door.send(*_seeks(learner, positions, ends, course="c1"))
        for platform in (lms, lrs):
            platform.post(*(_sought(learner, *pair) for pair in zip(positions, ends, strict=True)))
    door.send(*_seeks(learner, positions, ends, course="no-such-course"))
    with outage():
        body = {"batch": _seeks(learner, positions, ends, course="c1")}
        assert door.post(json.dumps(body).encode()).status_code == 503
    away.forget()  # the thread that watches would find out within half a second
    drained()


def _seeks(
    learner: str, positions: list[float], ends: list[float], *, course: str
) -> list[dict[str, object]]:
    about = {"learner": learner, "course": course, "module": f"{MODULE}-1"}
    return [
        wire_event("video.seeked", **about, context={"from_s": one, "to_s": other, "at": one})
        for one, other in zip(positions, ends, strict=True)
    ]


def _sought(learner: str, start: float, end: float) -> dict[str, object]:
    said = {
        f"{EXTENSIONS}/time-from": start,
        f"{EXTENSIONS}/time-to": end,
        f"{EXTENSIONS}/time": start,
        f"{EXTENSIONS}/played-segments": f"{start}[.]{end}",
    }
    return statement(
        id=str(uuid4()),
        actor={"account": {"homePage": "https://lms.example", "name": learner}},
        verb={"id": f"{VIDEO}/verbs/seeked"},
        object={"id": "c1:c1", "definition": {"type": COURSE}},
        result={"extensions": said, "duration": f"PT{start}S"},
    )


_INSERT = """
INSERT INTO planted_positions
VALUES (%s::float8, %s::float4, %s, %s, %s, %s::jsonb, %s, %s::numeric)
"""


def plant(positions: list[float]) -> None:
    """Leave positions where a careless product would: in rows that are gone, WAL, cache and log."""
    with psycopg.connect(crawl.url_of("default"), autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS planted_positions (a float8, b float4, c int4, d int4,"
            " e int8, f jsonb, g text, h numeric)"
        )
        for one in positions:
            said = json.dumps({"from_s": one, "ms": str(int(one * 1000))})
            numbers = [one, one, int(one), int(one * 1000), int(one * 1000), said, repr(one), one]
            connection.execute(_INSERT, numbers)
            sent = b"".join(form(one) for name, form in FORMS.items() if "big" in name)
            sent += FORMS["numeric, sent"](one)
            connection.execute("SELECT pg_logical_emit_message(true, 'planted', %s)", [sent])
        connection.execute("DELETE FROM planted_positions")
    with redis.Redis.from_url(crawl.cache_url()) as client:
        for number, one in enumerate(positions):
            client.set(f"planted:{number}", repr(one), ex=600)
            logging.getLogger("planted").warning("The learner is at %r", one)


def test_positions_would_be_found_in_every_form(log: StringIO, tmp_path: Path) -> None:
    since, positions = time(), new_positions(1)
    plant(positions)
    hits = found(positions, tmp_path, log.getvalue(), since=since)
    assert {form for place, form in hits if place in {"data directory", "WAL"}} == set(FORMS)
    for place in ("WAL", "data directory", "caches", "files of Valkey", "logs"):
        assert hits[place, "text"][0] > 0, place


@pytest.mark.parametrize("number", [2, pytest.param(6, marks=pytest.mark.prove)])
def test_positions_of_a_video_are_nowhere_in_clear(
    number: int, log: StringIO, tmp_path: Path
) -> None:
    since = time()
    new_course("c1:c1")
    new_course("c1", modules=[f"{MODULE}-1"])
    positions, unsent = new_positions(number), new_positions(3 * number)
    consents(new_learner("willing"), *Purpose)
    new_learner("unwilling")
    for learner in ("willing", "unwilling"):
        watch(learner, positions)
    derive()
    assert set(Event.objects.values_list("value", flat=True)) == {-1.0, 1.0}
    assert Event.objects.count() >= number * TIMES // 4 * 3
    assert FormatObservation.objects.exists()
    assert Statement.objects.exists()
    assert Quarantine.objects.filter(code="unknown_course").exists()
    hits = found(positions + unsent, tmp_path, log.getvalue(), since=since)
    print(number, hits)  # noqa: T201
    for (_place, form), times in hits.items():
        sent, by_chance = times[:number], times[number:]
        if form in SHORT:
            assert min(sent) < median(by_chance) + TIMES // 2, hits
        else:
            assert sent == [0] * number, hits
