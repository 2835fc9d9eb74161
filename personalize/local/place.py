"""Where do the servers of one NORTHWAY_VAR keep their data and sockets, and as whom do they run?"""

import hashlib
import json
import os
import pwd
import re
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VAR = Path(os.environ.get("NORTHWAY_VAR", ROOT / "var")).resolve()
SOCKET_PATH_LIMIT = 100  # bytes; the kernel's own limit is 104 to 108
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")  # needs no quoting in any of the URL forms


class LocalServerError(RuntimeError):
    """An embedded server cannot be used; the text says what to do next."""


@dataclass(frozen=True)
class Place:
    """Where one NORTHWAY_VAR keeps its servers: `home` holds data, `sockets` the two sockets."""

    var: Path
    home: Path
    sockets: Path


def _others_may_enter(folder: Path) -> bool:
    """Whether `nobody` can walk to a folder (one that does not exist yet is made enterable)."""
    existing = (path for path in (folder, *folder.parents) if path.exists())
    return all(path.stat().st_mode & stat.S_IXOTH for path in existing)


def _computed_place(var: Path) -> Place:
    mark = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    home = var
    if os.geteuid() == 0 and not _others_may_enter(var):
        kept = Path("/var/lib")  # unlike the temporary folder, nothing cleans it up
        outside = kept if os.access(kept, os.W_OK) else Path(tempfile.gettempdir())
        home = outside / f"northway-{mark}"
    sockets = home / "run"
    too_long = len(os.fsencode(sockets / ".s.PGSQL.5432")) > SOCKET_PATH_LIMIT
    if too_long or not PLAIN_PATH.fullmatch(str(sockets)):
        sockets = Path(tempfile.gettempdir()) / f"northway-{mark}" / "run"
    return Place(var=var, home=home, sockets=sockets)


def place_of(var: Path | None) -> Place:
    """The recorded place, so that another TMPDIR or folder mode tomorrow finds the same data."""
    var = (var or VAR).resolve()
    try:
        recorded = json.loads((var / "place.json").read_text())
    except FileNotFoundError:
        return _computed_place(var)
    was = Path(recorded["var"])
    if was != var and (was.exists() or was == Path(recorded["home"])):
        return _computed_place(var)  # a copy of the folder, or data that moved along with it
    return Place(var=var, home=Path(recorded["home"]), sockets=Path(recorded["sockets"]))


def _claim(folder: Path) -> None:
    """Make a folder under a shared parent, or refuse one that somebody else put there."""
    folder.mkdir(mode=0o755, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise LocalServerError(
            f"{folder} belongs to somebody else. Remove it, or set NORTHWAY_VAR to another folder."
        )
    folder.chmod(0o755)


def prepare(place: Place) -> None:
    if not place.var.exists():
        place.var.mkdir(parents=True)
        place.var.chmod(0o755)
    for folder in {place.home, place.sockets.parent} - {place.var}:
        _claim(folder)
    owner = server_ids(place)
    for folder in (place.home / "postgres", place.home / "valkey", place.sockets):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        if owner:
            os.chown(folder, *owner)
    record = {"var": str(place.var), "home": str(place.home), "sockets": str(place.sockets)}
    (place.var / "place.json").write_text(json.dumps(record) + "\n")


def server_ids(place: Place) -> tuple[int, int] | None:
    """As root: the user and group the servers run as. PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    with suppress(FileNotFoundError):
        owner = (place.home / "postgres").stat()
        if owner.st_uid:  # data begun by an ordinary user stays that user's
            return owner.st_uid, owner.st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def urls(var: Path | None = None) -> dict[str, str]:
    """The four URLs of the embedded servers; starts nothing and needs nothing running."""
    sockets = place_of(var).sockets
    database = f"postgresql://northway@/{{}}?host={sockets}&port=5432"
    return {
        "DATABASE_URL": database.format("northway"),
        "KEYS_URL": database.format("northway_keys"),
        "BROKER_URL": f"redis+socket://{sockets}/valkey.sock?virtual_host=0",
        "CACHE_URL": f"unix://{sockets}/valkey.sock?db=1",
    }
