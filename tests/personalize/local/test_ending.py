"""Who stops the embedded servers, and is nothing left of them?"""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from personalize import local
from tests.personalize.local.launching import (
    LINUX_ONLY,
    begin,
    environment,
    launcher,
    left_in,
    processes_in,
    run,
    value,
    wait_for_line,
)


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


def test_nothing_is_removed_under_a_program(var: Path) -> None:
    with local.servers(var, durable=False):
        asked = run(launcher("remove"), env=environment(var))
        assert asked.returncode == 1
        assert "end it first" in asked.stderr
        assert value(var, "SELECT 1") == 1
    assert run(launcher("remove"), env=environment(var)).returncode == 0


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
