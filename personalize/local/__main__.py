"""The command line: start, stop, status, urls, remove, and run a command with both up."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from personalize import local
from personalize.local.place import VAR, LocalServerError, urls
from personalize.local.sharing import in_use, remove, servers, start, status, stop


def _run(command: Sequence[str]) -> int:
    """Run a command with both servers up and the URLs in its environment."""
    with servers() as running:
        environment = {**running.urls, "NORTHWAY_DEBUG": "1", **os.environ}
        process = subprocess.Popen(command, env=environment)
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise


def _say(lines: dict[str, Any]) -> None:
    for name, value in lines.items():
        sys.stdout.write(f"{name}={value}\n")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m personalize.local", description=local.__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    steps = parser.add_subparsers(dest="step", required=True)
    for step in ("start", "stop", "status", "urls", "remove"):
        steps.add_parser(step)
    steps.add_parser("run").add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args(arguments)
    if asked.step == "run":
        command = asked.command[1:] if asked.command[:1] == ["--"] else asked.command
        if not command:
            parser.error("say what to run: python -m personalize.local run -- COMMAND")
        return _run(command)
    if asked.step == "start":
        _say(start().urls)
    elif asked.step == "stop":
        _say({"stopped": " ".join(stop()) or "nothing ran"})
    elif asked.step == "status":
        _say({name: pid or "not running" for name, pid in status().items()})
    elif asked.step == "urls":
        _say(urls())
    else:
        if in_use():
            raise LocalServerError(
                f"A program works with the servers of {VAR}: end it first (`make demo`: Ctrl-C)."
            )
        remove()
    return 0


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except LocalServerError as problem:
        raise SystemExit(f"{problem}") from None
