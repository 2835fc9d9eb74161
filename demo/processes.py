"""Which processes make up the running product, and who ends them? (demo)

Children run in sessions of their own, so that Ctrl-C reaches this program alone and it ends them
in order. The embedded servers are held up by a child that lives as long as a pipe to it is open;
a guard ends the others the same way. So even after kill -9 nothing is left.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TERMINATE_S = 10  # then it is killed
SERVERS_S = 60  # PostgreSQL writes its last checkpoint
LOG_LIMIT_BYTES = 5_000_000
TAIL = 1500  # characters of a log worth showing

Tell = Callable[[str], None]

GUARD = 'read -r _; for group in "$@"; do kill -TERM "-$group"; done; sleep 5; ' + (
    'for group in "$@"; do kill -KILL "-$group"; done'
)


class StepError(RuntimeError):
    """A step of the demo failed; the text says which and what it wrote."""


def tail(path: Path) -> str:
    """Return the end of a log."""
    with suppress(FileNotFoundError):
        return path.read_text(encoding="utf-8", errors="replace")[-TAIL:].strip()
    return ""


def _script(commands: Sequence[Sequence[str]]) -> str:
    """Return the program for Django's shell that calls these commands."""
    return (
        "from django.core.management import CommandError, call_command\n"
        f"for words in {[list(command) for command in commands]!r}:\n"
        "    try:\n"
        "        call_command(*words)\n"
        "    except CommandError as problem:\n"
        "        raise SystemExit(f'{words[0]}: {problem}')\n"
    )


def _listen(process: "subprocess.Popen[str]", tell: Tell | None) -> str:
    """Return all that a process writes until it ends; end it when we are interrupted."""
    assert process.stdout  # noqa: S101  every caller asks for it
    lines = []
    try:
        for text in process.stdout:
            lines.append(text)
            if tell:
                tell(text.rstrip())
    except BaseException:
        process.kill()
        raise
    return "".join(lines).strip()


@dataclass(frozen=True, slots=True)
class Child:
    """A long-running process of the product, with its log."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def ask(self) -> None:
        """Ask it to stop."""
        with suppress(ProcessLookupError):
            self.process.terminate()

    def end(self) -> None:
        """Wait for it to stop, and kill what remains of its session."""
        try:
            self.process.wait(TERMINATE_S)
        except subprocess.TimeoutExpired:
            pass
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@dataclass
class Stage:
    """Everything this program started; `close` ends it in reverse order."""

    var: Path
    environment: Mapping[str, str]
    children: list[Child] = field(default_factory=list)
    _servers: "subprocess.Popen[bytes] | None" = None
    _guard: "subprocess.Popen[bytes] | None" = None

    def hold_servers(self) -> None:
        """Start PostgreSQL and Valkey (unless URLs name others) and keep them until close()."""
        log = self._open_log("servers")
        with log.open("ab") as errors:
            holder = subprocess.Popen(
                [sys.executable, "-m", "personalize.local", "run", "--", "cat"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=ROOT,
                env=dict(self.environment),
                start_new_session=True,
            )
        self._servers = holder
        assert holder.stdin  # noqa: S101  asked for above
        assert holder.stdout  # noqa: S101  as above
        with suppress(BrokenPipeError):
            holder.stdin.write(b"up\n")
            holder.stdin.flush()
        if holder.stdout.readline() != b"up\n":
            raise StepError(f"The servers did not start. {tail(log)}")

    def start(self, name: str, argv: Sequence[str], *, nice: int = 0) -> Child:
        """Start a child that writes to its own log."""
        log = self._open_log(name)
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603  programs of this environment, named in code
                ["nice", "-n", str(nice), *argv],  # noqa: S607  POSIX
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=ROOT,
                env=dict(self.environment),
                start_new_session=True,
            )
        child = Child(name, process, log)
        self.children.append(child)
        self._watch()
        return child

    def ended(self) -> Child | None:
        """Return a child that has ended by itself, if any."""
        return next((child for child in self.children if child.process.poll() is not None), None)

    def close(self) -> None:
        """End the children, asking the last one started first, then the servers."""
        for child in reversed(self.children):
            child.ask()
        while self.children:
            self.children.pop().end()
        self._unwatch()
        if self._servers is not None:
            self._servers.communicate(timeout=SERVERS_S)  # closes the pipe
            self._servers = None

    def run(self, *commands: Sequence[str], tell: Tell | None = None) -> str:
        """Run management commands one after the other and return what they wrote.

        They share one interpreter, whose start takes longer than most of them. `tell` hears
        every line as it is written. Raise StepError at the first that fails.
        """
        begun = time.monotonic()
        process = subprocess.Popen(  # noqa: S603  words of ours and file names
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", _script(commands)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env=dict(self.environment),
            start_new_session=True,
        )
        with process:
            said = _listen(process, tell)
        named = "; ".join(" ".join(command) for command in commands)
        with self._open_log("commands").open("a", encoding="utf-8") as log:
            log.write(f"$ {named}\n{said}\n({time.monotonic() - begun:.1f} s)\n\n")
        if process.returncode:
            raise StepError(f"A management command failed ({named}):\n{said[-TAIL:]}")
        return said

    def _open_log(self, name: str) -> Path:
        folder = self.var / "demo" / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"{name}.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".log.1"))
        return log

    def _watch(self) -> None:
        """Have a guard that ends the present children when this program is gone."""
        self._unwatch()
        groups = [str(child.process.pid) for child in self.children]
        self._guard = subprocess.Popen(  # noqa: S603  a fixed text and numbers
            ["/bin/sh", "-c", GUARD, "guard", *groups],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _unwatch(self) -> None:
        if self._guard is not None:
            self._guard.kill()
            self._guard.communicate()
            self._guard = None
