"""As whom do the embedded servers run, and may that user read what they need?"""

import os
import pwd
import shutil
from pathlib import Path

import pytest

from personalize import local
from tests.personalize.local.launching import (
    ROOT_ONLY,
    cache,
    copy_wheels,
    environment,
    launcher,
    postgres_pid,
    processes_in,
    python_for_everybody,
    run,
    value,
)


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


@ROOT_ONLY
@pytest.mark.slow
def test_an_ordinary_user_starts_and_stops_servers_of_their_own(folder: Path) -> None:
    python = python_for_everybody()
    if python is None:
        pytest.skip("no Python 3.11 that another user may run")
    daemon = pwd.getpwnam("daemon")
    copy_wheels(folder)
    shutil.copytree(Path(local.__file__).parent, folder / "personalize" / "local")
    home = folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, daemon.pw_uid, daemon.pw_gid)
    var = home / "var"

    def ask(step: str) -> str:
        return run(
            [python, "-m", "personalize.local", step],
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
