"""Is nothing left when the demo ends, however it ends? (demo)"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from demo import processes
from demo.processes import Stage, StepError

PATIENCE_S = 5.0
HOLDS_TWO = """
import sys, time
from pathlib import Path
from demo.processes import Stage
stage = Stage(var=Path(sys.argv[1]), environment={"PATH": "/usr/bin:/bin"})
children = [stage.start(name, ["sleep", "60"]) for name in ("one", "two")]
print(*(child.process.pid for child in children), flush=True)
time.sleep(60)
"""


def a_stage(folder: Path) -> Stage:
    return Stage(var=folder, environment={"PATH": "/usr/bin:/bin"})


def runs(pid: int) -> bool:
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    return False


def until(condition: Callable[[], bool]) -> bool:
    """Wait for a condition as long as patience lasts."""
    deadline = time.monotonic() + PATIENCE_S
    while not (reached := condition()) and time.monotonic() < deadline:
        os.sched_yield()
    return reached


def test_closing_ends_every_child_and_can_be_done_twice(tmp_path: Path) -> None:
    stage = a_stage(tmp_path)
    pids = [stage.start(name, ["sleep", "60"]).process.pid for name in ("one", "two")]
    stage.close()
    stage.close()
    assert not any(runs(pid) for pid in pids)


def test_grandchildren_go_too(tmp_path: Path) -> None:
    stage = a_stage(tmp_path)
    child = stage.start("shell", ["sh", "-c", "sleep 60 & echo $!; wait"])
    assert until(lambda: child.log.read_text().strip().isdigit())
    stage.close()
    assert until(lambda: not runs(int(child.log.read_text())))


def test_a_child_that_ends_by_itself_is_noticed_with_what_it_wrote(tmp_path: Path) -> None:
    stage = a_stage(tmp_path)
    child = stage.start("brief", ["sh", "-c", "echo why it ended"])
    assert until(lambda: stage.ended() is child)
    stage.close()
    assert child.log.read_text() == "why it ended\n"


def test_even_kill_9_leaves_no_child(tmp_path: Path) -> None:
    holder = subprocess.Popen(  # noqa: S603  this interpreter and the text above
        [sys.executable, "-c", HOLDS_TWO, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    pids = [int(word) for word in holder.stdout.readline().split()]
    assert all(runs(pid) for pid in pids)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert until(lambda: not any(runs(pid) for pid in pids))


def test_a_failed_command_says_which_and_what_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "manage.py").write_text("raise SystemExit('the disk is full')")
    monkeypatch.setattr(processes, "ROOT", tmp_path)
    with pytest.raises(StepError, match=r"\(migrate\):\nthe disk is full"):
        a_stage(tmp_path).run(["migrate"])
    assert "the disk is full" in (tmp_path / "demo" / "logs" / "commands.log").read_text()
