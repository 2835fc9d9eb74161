"""What do the embedded servers find again after a crash, a stop or a change by others?"""

import os
from pathlib import Path

import pytest
import redis

from personalize import local
from tests.personalize.local.launching import (
    begin,
    cache,
    database,
    hand_over,
    kill_9,
    postgres_pid,
    value,
)


def test_what_was_committed_survives_kill_9(var: Path) -> None:
    local.start(var)
    with database(var) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    kill_9(var)

    assert local.start(var).started == ("postgres", "valkey")
    assert value(var, "SELECT number FROM kept") == 7
    assert cache(var).ping()


def test_a_pid_file_that_names_another_process_is_stale(var: Path) -> None:
    local.start(var, durable=False)
    lock_files = {
        path: path.read_text()
        for path in (
            var / "postgres/data/postmaster.pid",
            var / "run/.s.PGSQL.5432.lock",
            var / "valkey/valkey.pid",
        )
    }
    owner = (var / "postgres").stat()
    as_server = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    local.stop(var)
    with begin(["/bin/sleep", "60"], **(as_server if os.geteuid() == 0 else {})) as other:
        for path, text in lock_files.items():
            path.write_text(text)
            hand_over(path, other.pid)

        assert local.status(var) == {"postgres": None, "valkey": None}
        local.start(var, durable=False)
        assert value(var, "SELECT 1") == 1
        assert postgres_pid(var) != other.pid
        local.stop(var)
        assert other.poll() is None
        other.kill()


def test_an_empty_pid_file_is_stale(var: Path) -> None:
    local.start(var, durable=False)
    local.stop(var)
    (var / "postgres/data/postmaster.pid").touch()
    (var / "valkey/valkey.pid").touch()

    local.start(var, durable=False)
    assert value(var, "SELECT 1") == 1


def test_the_second_start_makes_no_databases_anew(fresh: Path) -> None:
    local.start(fresh, durable=False)
    made = (fresh / "postgres/data/PG_VERSION").stat()
    local.stop(fresh)

    local.start(fresh, durable=False)
    found = (fresh / "postgres/data/PG_VERSION").stat()
    assert (found.st_ino, found.st_mtime_ns) == (made.st_ino, made.st_mtime_ns)


def test_a_clean_stop_needs_no_recovery_and_keeps_queued_tasks(var: Path) -> None:
    local.start(var)
    broker = redis.Redis(unix_socket_path=str(var / "run" / "valkey.sock"), db=0)
    broker.lpush("celery", "task")
    assert local.stop(var) == ("postgres", "valkey")
    assert local.stop(var) == ()

    local.start(var)
    assert broker.lrange("celery", 0, -1) == [b"task"]
    log = (var / "postgres" / "server.log").read_text()
    assert "database system is shut down" in log
    assert "not properly shut down" not in log


def test_data_of_another_major_version_is_refused_with_a_way_out(var: Path) -> None:
    local.start(var, durable=False)
    local.stop(var)
    (var / "postgres/data/PG_VERSION").write_text("14\n")

    with pytest.raises(local.LocalServerError, match=r"written by PostgreSQL 14 .* `make clean`"):
        local.start(var)


def test_a_server_that_refuses_is_reported_in_its_own_words(var: Path) -> None:
    local.start(var, durable=False)
    local.stop(var)
    (var / "postgres/data/postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(local.LocalServerError, match="no_such_setting"):
        local.start(var)
    assert local.status(var)["postgres"] is None
