"""Does a canary stand anywhere? Every table, file, cache and sealed store is looked through.

A canary is a word that begins with a prefix of its own. It is looked for as it is, with single
bytes in between (as PostgreSQL and Valkey compress), in hexadecimal and in base64.

Files that were last written before a canary existed cannot hold it: `since` leaves them out, which
is most of what a long session of tests has left behind.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import psycopg
import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connections

from signals import sealing
from signals.capture import quarantine
from signals.capture.spool import card, files
from signals.capture.xapi import whole
from signals.models import Quarantine, Statement

WAL_PAGE = 8192
WAL_HEADER = 24  # of a page; 40 on the first of a file, which 24 leave whole as well
SHOWN = 40  # bytes around a hit
LONGEST_NUMBER = 16  # bytes, more than any form that is looked for ends with zeros
LONGEST = 256  # bytes, more than any form that is looked for is long
COARSE_S = 1.0  # the clock of a file system is behind by a tick


@dataclass(frozen=True, slots=True)
class Hit:
    """A canary that was found: in which kind of place, where there, and what stands around it."""

    place: str
    where: str
    around: bytes
    which: int = 0  # of the prefixes that were looked for


class Pattern(Protocol):
    """What is looked for in some bytes."""

    def find(self, content: bytes) -> Iterator[tuple[int, int]]:
        """Yield where something begins, and which of the things looked for it is."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What finds prefixes in every form in which they would be no secret."""

    loose: tuple[re.Pattern[bytes], ...]  # one for each prefix, each beginning with a plain byte
    exact: tuple[tuple[bytes, ...], ...]

    def find(self, content: bytes) -> Iterator[tuple[int, int]]:
        """Yield where something begins, and which prefix it is."""
        for which, (loose, exact) in enumerate(zip(self.loose, self.exact, strict=True)):
            yield from ((match.start(), which) for match in loose.finditer(content))
            for form in exact:
                yield from ((at, which) for at in places_of(form, content))


def places_of(form: bytes, content: bytes) -> Iterator[int]:
    """Yield where some bytes stand in others; several times as fast as a regular expression."""
    at = content.find(form)
    while at >= 0:
        yield at
        at = content.find(form, at + 1)


def wanted(*prefixes: str) -> Wanted:
    """Return what finds these prefixes."""
    return Wanted(
        tuple(re.compile(b".?".join(map(re.escape, _each(word))), re.DOTALL) for word in prefixes),
        tuple(tuple(_spelled(word.encode())) for word in prefixes),
    )


def _each(word: str) -> list[bytes]:
    return [bytes([byte]) for byte in word.encode()]


def _spelled(word: bytes) -> Iterator[bytes]:
    yield word.hex().encode()
    yield word.upper()
    yield word[::-1]
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + word)
        yield text[(0, 2, 3)[shift] : -4]


def found_in(pattern: Pattern, content: bytes, place: str, where: str) -> Iterator[Hit]:
    """Yield the hits in some bytes, one for each place they stand at."""
    for at, which in pattern.find(content):
        yield Hit(place, where, content[max(at - SHOWN, 0) : at + SHOWN], which)


def in_tables(pattern: Pattern, url: str) -> Iterator[Hit]:
    """Look through every row of every table of a database as text, the catalogues too."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT quote_ident(nspname) || '.' || quote_ident(relname), relname FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('r', 'm', 't')"
            " AND nspname <> 'pg_toast' AND relpersistence <> 't'"
        ).fetchall()
        for table, name in tables:
            with connection.cursor() as cursor:
                rows = cursor.stream(f"SELECT t::text FROM {table} t")  # noqa: S608  a name of the catalogue
                text = "\n".join(cast("str", row) for (row,) in rows)
            yield from found_in(pattern, text.encode(), "tables", name)


def in_files(
    pattern: Pattern,
    root: Path,
    place: str = "",
    *,
    but: Set[Path] = frozenset(),
    since: float = 0.0,
) -> Iterator[Hit]:
    """Look through every file under a folder, but for folders that were looked through.

    Those last written before `since` (Unix time) are left out.
    """
    for path in sorted(root.rglob("*")):
        if path.is_symlink() or not path.is_file() or but & set(path.parents):
            continue
        try:
            if path.stat().st_mtime < since - COARSE_S:
                continue
            content = _without_end(path.read_bytes())
        except FileNotFoundError:
            continue
        wal = path.parent.name == "pg_wal"
        yield from found_in(pattern, content, place or kind_of(path), str(path.relative_to(root)))
        if wal:
            yield from found_in(pattern, _across_pages(content), "WAL", path.name)


def _across_pages(content: bytes) -> bytes:
    """Return what stands at both sides of the headers of pages, which may stand within a word."""
    return b"".join(
        content[at - LONGEST : at] + content[at + WAL_HEADER : at + WAL_HEADER + LONGEST]
        for at in range(WAL_PAGE, len(content), WAL_PAGE)
    )


def _without_end(content: bytes) -> bytes:
    """Leave out the zeros to which files of WAL are filled up: most of what there is to read."""
    return content[: len(content.rstrip(b"\0")) + LONGEST_NUMBER]


def kind_of(path: Path) -> str:
    """Say which kind of place a file is."""
    parts = set(path.parts)
    if "pg_wal" in parts:
        return "WAL"
    if path.suffix == ".log":
        return "logs"
    for part, kind in (
        ("data", "data directory"),
        ("models", "models"),
        ("spool", "spool"),
    ):
        if part in parts:
            return kind
    return "other files"


def in_cache(pattern: Pattern, url: str) -> Iterator[Hit]:
    """Look through every key and value of every database of Valkey."""
    for number in range(16):
        client = redis.Redis.from_url(re.sub(r"\?.*|/\d+$", "", url) + f"?db={number}")
        with client:
            for key in client.scan_iter(count=1000):
                content = key + b"\n" + _value(client, key)
                yield from found_in(pattern, content, "caches", key.decode(errors="replace"))


def _value(client: "redis.Redis", key: bytes) -> bytes:
    kind = cast("bytes", client.type(key)).decode()
    read: Any = {
        "string": client.get,
        "hash": client.hgetall,
        "set": client.smembers,
        "list": lambda name: client.lrange(name, 0, -1),
        "zset": lambda name: client.zrange(name, 0, -1),
        "stream": client.xrange,
    }[kind]
    value = read(key)
    return value if isinstance(value, bytes) else repr(value).encode()


def in_sealed(pattern: Pattern) -> Iterator[Hit]:
    """Open what the product's own keys open: quarantine, spool, statements and sessions."""
    for row in Quarantine.objects.iterator():
        try:
            yield from found_in(pattern, quarantine.opened(row), "quarantine, opened", str(row.pk))
        except sealing.KeyGoneError:
            continue
    for path in files.segments(card.folder()):
        cipher = sealing.existing_day_cipher(files.day_of(path))
        for sealed in filter(None, files.records(path.read_bytes())):
            record = sealing.open_for_day(cipher, files.day_of(path), sealed)
            yield from found_in(pattern, record, "spool, opened", path.name)
    statements = list(Statement.objects.all())
    for statement, body in zip(statements, whole.bodies(statements), strict=True):
        yield from found_in(pattern, repr(body).encode(), "statements, opened", str(statement.pk))
    for session in Session.objects.iterator():
        said = repr(session.get_decoded()).encode()
        yield from found_in(pattern, said, "sessions, opened", session.session_key)


def server_files(url: str) -> Path:
    """Return the data directory of a PostgreSQL on this machine, its pages written to disk."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        found = connection.execute("SHOW data_directory").fetchone()
    assert found is not None
    return Path(found[0])


def url_of(alias: str) -> str:
    """Return how psycopg reaches one of the product's databases."""
    said: dict[str, Any] = connections[alias].get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    return psycopg.conninfo.make_conninfo(**{name: said[name] for name in names if said.get(name)})


def cache_url() -> str:
    """Return where Valkey is."""
    return str(cast("dict[str, object]", settings.CACHES["default"])["LOCATION"])


def save_cache() -> Path:
    """Let Valkey write its file now; return the folder."""
    with redis.Redis.from_url(cache_url()) as client:
        client.save()
        return Path(client.config_get("dir")["dir"])


def everywhere(
    pattern: Pattern, *, folders: Iterable[Path], logs: bytes = b"", since: float = 0.0
) -> list[Hit]:
    """Look through everything the running product holds: both databases, files, cache, sealed.

    `since`: when what is looked for first existed, in Unix time.
    """
    hits = [hit for alias in ("default", "keys") for hit in in_tables(pattern, url_of(alias))]
    of_cache = save_cache()
    hits += in_files(pattern, of_cache, "files of Valkey")
    hits += in_cache(pattern, cache_url())
    hits += in_sealed(pattern)
    of_servers = {server_files(url_of(alias)) for alias in ("default", "keys")}
    for folder in of_servers:
        hits += in_files(pattern, folder, since=since)
    for folder in folders:
        hits += in_files(pattern, folder, but=of_servers | {of_cache})
    return [*hits, *found_in(pattern, logs, "logs", "of this process")]
