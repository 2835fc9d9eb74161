"""What do processes use? Memory and processor time of one with all that it started (Linux)."""

import subprocess
import sys
import threading
from pathlib import Path
from time import perf_counter

from django.conf import settings

LOOK_EVERY_S = 0.5
TICKS_A_S = 100  # of processor time in /proc


class Watched:
    """Memory and processor time of a process and of all that it started."""

    def __init__(self, pid: int) -> None:
        """Watch nothing yet."""
        self.pid = pid
        self.peak_mb = 0.0
        self.processor_s = 0.0

    def look(self) -> None:
        """Read both now; a process that has just ended counts for nothing more."""
        members = family(self.pid)
        self.peak_mb = max(self.peak_mb, sum(map(resident_mb, members)))
        self.processor_s = max(self.processor_s, sum(map(processor_s, members)))


def run(words: list[str]) -> tuple[float, Watched]:
    """Run a command of the product; return how many seconds it took and what it used."""
    begun = perf_counter()
    process = subprocess.Popen([sys.executable, *words], cwd=settings.BASE_DIR)  # noqa: S603  our own
    watched, ended = Watched(process.pid), threading.Event()

    def watch() -> None:
        while not ended.wait(LOOK_EVERY_S):
            watched.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    taken = perf_counter() - begun
    ended.set()
    watcher.join()
    if code:
        raise SystemExit(f"{' '.join(words)} failed; what it said is above")
    return taken, watched


def family(pid: int) -> list[int]:
    """Return a process and everything it started, as long as they run."""
    try:
        listed = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    started = [int(child) for children in listed for child in children.split()]
    return [pid, *(one for child in started for one in family(child))]


def resident_mb(pid: int) -> float:
    """Return what a process has in memory, shared pages counted whole; 0 where it has ended."""
    return _field_mb(pid, "status", "VmRSS:")


def proportional_mb(pid: int) -> float:
    """Return the same, shared pages counted in parts; 0 where it has ended or may not be read."""
    return _field_mb(pid, "smaps_rollup", "Pss:")


def processor_s(pid: int) -> float:
    """Return the processor time of a process and of what it started that has ended."""
    try:
        spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(float, spent[11:15])) / TICKS_A_S


def _field_mb(pid: int, file: str, name: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in lines if line.startswith(name)]
    return float(found[0]) / 1024 if found else 0.0
