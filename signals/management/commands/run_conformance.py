"""Run a copy of the public LRS conformance suite (Node) against this product."""

import json
import subprocess
from pathlib import Path
from shutil import which
from time import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.test.testcases import LiveServerThread, _StaticFilesHandler
from django.test.utils import override_settings, setup_databases, teardown_databases

from signals.capture.keys import PREFIX_LENGTH
from signals.management.report import add_json, write_json
from signals.management.vectors.lrs import new_key

RUNNER = Path("bin") / "console_runner.js"
LOGS = "logs"


class Command(BaseCommand):
    """Serves a source that keeps statements whole, in databases of its own, and lets Node ask."""

    help = "Run the public LRS conformance suite, given a folder that holds it and its modules."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where the suite is, which version it is to ask for, and where the report goes."""
        parser.add_argument("suite", type=Path)
        parser.add_argument("--xapi", choices=["1.0.3", "2.0.0"], default="1.0.3")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve, run, and fail with the suite."""
        suite: Path = options["suite"]
        if not (suite / RUNNER).exists() or not (suite / "node_modules").exists():
            raise CommandError(f"{suite} holds no {RUNNER}, or npm install was not run there.")
        node = which("node")
        if node is None:
            raise CommandError("The suite needs Node.js: install it, then come again.")
        held = setup_databases(verbosity=0, interactive=False)
        try:
            failed = ask(node, suite, options["xapi"])
        finally:
            teardown_databases(held, verbosity=0)
        write_json(options["json"], {"xapi": options["xapi"], "failed": failed})
        if failed:
            raise CommandError("The suite found something; its log is in its folder logs.")


def ask(node: str, suite: Path, version: str) -> int:
    """Serve a new source while the suite runs; return how many tests failed."""
    key, started = new_key(), time()
    with override_settings(ALLOWED_HOSTS=["127.0.0.1"], SECURE_SSL_REDIRECT=False):
        server = LiveServerThread("127.0.0.1", _StaticFilesHandler)
        server.daemon = True
        server.start()
        server.is_ready.wait()
        if server.error:
            raise server.error
        try:
            code = subprocess.run(  # noqa: S603  the suite the caller names
                [
                    node,
                    str(RUNNER),
                    "--endpoint",
                    f"http://127.0.0.1:{server.port}/xapi",
                    "--xapiVersion",
                    version,
                    "--basicAuth",
                    "--authUser",
                    key[:PREFIX_LENGTH],
                    "--authPassword",
                    key,
                    "--errors",
                ],
                cwd=suite,
                check=False,
            ).returncode
        finally:
            server.terminate()
    return max(code, *_counted(suite, started))


def _counted(suite: Path, started: float) -> list[int]:
    """Return the failures its logs of this run count: of 256 the exit code is 0."""
    logs = [log for log in (suite / LOGS).glob("*.log") if log.stat().st_mtime >= started - 1]
    return [0, *(int(json.loads(log.read_text())["summary"]["failed"]) for log in logs)]
