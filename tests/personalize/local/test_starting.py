"""Do the embedded servers start with nothing set up, out of reach of others?"""

import shutil
import socket
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import kombu
import pytest

from personalize import local
from tests.personalize.local.launching import (
    LINUX_ONLY,
    cache,
    database,
    processes_in,
    value,
)


def test_a_new_folder_gets_two_databases_a_cache_and_a_broker(fresh: Path) -> None:
    started = local.start(fresh, durable=False)

    assert started.started == ("postgres", "valkey")
    assert started.urls == local.urls(fresh)
    assert value(fresh, "SELECT current_database()") == "northway"
    with database(fresh, "KEYS_URL") as keys:
        assert keys.info.dbname == "northway_keys"
        assert keys.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        keys.execute("CREATE EXTENSION pg_trgm")
    assert cache(fresh).set("a", 1)
    with kombu.Connection(started.urls["BROKER_URL"]) as broker:
        broker.ensure_connection(max_retries=1)


def test_urls_are_known_before_anything_starts(fresh: Path) -> None:
    expected = local.urls(fresh)

    assert not fresh.exists()
    assert local.status(fresh) == {"postgres": None, "valkey": None}
    assert local.start(fresh, durable=False).urls == expected
    parts = urlsplit(expected["DATABASE_URL"])
    assert (parts.scheme, parts.username, parts.path) == ("postgresql", "northway", "/northway")
    assert parse_qs(parts.query)["host"] == [str(fresh / "run")]


@LINUX_ONLY
def test_taken_ports_do_not_matter_because_nothing_listens_on_tcp(var: Path) -> None:
    with ExitStack() as stack:
        for port in (5432, 6379):
            taken = stack.enter_context(socket.socket())
            with suppress(OSError):  # somebody else has it already: as good
                taken.bind(("127.0.0.1", port))
                taken.listen()
        local.start(var, durable=False)

    assert value(var, "SHOW listen_addresses") == ""
    listening = {
        line.split()[9]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for line in Path(table).read_text().splitlines()[1:]
    }
    opened = {
        str(descriptor.readlink())
        for pid in processes_in(var)
        for descriptor in Path(f"/proc/{pid}/fd").iterdir()
    }
    assert any(name.startswith("socket:") for name in opened)
    assert not opened & {f"socket:[{inode}]" for inode in listening}


def test_only_our_own_user_may_reach_the_sockets_and_the_data(var: Path) -> None:
    local.start(var, durable=False)

    for private in (var / "run", var / "postgres", var / "valkey"):
        assert private.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_a_path_too_long_for_a_socket_gets_a_short_one(folder: Path) -> None:
    var = folder / ("long" * 30) / "with space" / "var"
    local.start(var, durable=False)

    assert value(var, "SELECT 1") == 1
    assert cache(var).ping()
    sockets = Path(parse_qs(urlsplit(local.urls(var)["DATABASE_URL"]).query)["host"][0])
    local.remove(var)
    assert not sockets.parent.exists()


def test_where_the_sockets_are_outlives_another_temporary_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    var = folder / ("long" * 30) / "var"
    before = local.start(var, durable=False).urls
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    assert local.urls(var) == before


def test_a_copied_folder_does_not_share_the_sockets_of_the_first(folder: Path, var: Path) -> None:
    local.start(var, durable=False)
    local.stop(var)
    shutil.copytree(var, folder / "copy", ignore=shutil.ignore_patterns("postgres", "valkey"))

    assert local.urls(folder / "copy") != local.urls(var)
