"""For operators: what has to be kept so that the product can be brought back, and is it whole?

Two kinds, in two places. One holds data, models, what waits on this node's disk and the anchors of
the ledger. The other holds keys alone and is deleted after thirty days: with it goes what can open
what was erased. The master key is in neither.
"""

import hashlib
import json
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from personalize.operations import pg_tools

FORMAT = 1
KEYS_DAYS = 30
MANIFEST = "manifest.json"
DATA = "data.dump"
MODELS = "models.tar"
SPOOL = "spool.tar"
ANCHORS = "anchors.jsonl"
KEYS = "keys"
STAMP = "%Y%m%dT%H%M%SZ"
DUMP = ("--format=custom", "--no-owner", "--no-privileges")
BLOCK = 1 << 20


class BackupError(RuntimeError):
    """A backup cannot be made, or is not whole; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a backup, to be checked against."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds, and of which state of the product."""

    format: int
    kind: str  # "data" or "keys"
    made_at: str
    postgres: int
    migrations: Mapping[str, str]  # newest of each app
    files: Mapping[str, Kept]


def save_data(folder: Path, *, now: datetime) -> Path:
    """Make a backup of everything but keys in a folder of its own; return that.

    What waits on disk goes first: what is stored meanwhile is then in both, and counted once by its
    id. Models go last: the tables name none that is not there. Raises BackupError, ToolError.
    """
    _refuse_other_kind(folder, "keys")
    final, unfinished = _begin(folder, now)
    _pack(unfinished / SPOOL, Path(settings.SPOOL_DIR), "*.spool")
    pg_tools.run("pg_dump", [*DUMP, f"--file={unfinished / DATA}"], alias="default")
    _pack(unfinished / MODELS, Path(settings.MODELS_DIR), "*")
    anchors = Path(settings.LEDGER_ANCHOR_FILE)
    if anchors.exists():
        shutil.copyfile(anchors, unfinished / ANCHORS)
    return _finish(unfinished, final, kind="data", alias="default", now=now)


def save_keys(folder: Path, *, now: datetime) -> Path:
    """Make a backup of the keys, and delete those older than thirty days; return it."""
    _refuse_other_kind(folder, "data")
    final, unfinished = _begin(folder, now)
    pg_tools.run("pg_dump", [*DUMP, f"--file={unfinished / DATA}"], alias=KEYS)
    made = _finish(unfinished, final, kind="keys", alias=KEYS, now=now)
    expire(folder, days=KEYS_DAYS, now=now)
    return made


def expire(folder: Path, *, days: int, now: datetime) -> int:
    """Delete backups made more than so many days ago; return how many."""
    oldest = now - timedelta(days=days)
    old = [path for path in backups(folder) if _made_at(path) < oldest]
    for path in old:
        shutil.rmtree(path)
    return len(old)


def backups(folder: Path) -> list[Path]:
    """Return the finished backups of a folder, oldest first."""
    return sorted(path.parent for path in folder.glob(f"*/{MANIFEST}") if not _partial(path.parent))


def checked(backup: Path, *, kind: str) -> Manifest:
    """Return what a backup says of itself once every file is what it was. Raises BackupError."""
    try:
        said = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))
        files = {name: Kept(**kept) for name, kept in said.pop("files").items()}
        manifest = Manifest(**said, files=files)
    except FileNotFoundError:
        raise BackupError(f"{backup} is no backup: it has no {MANIFEST}.") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupError(f"{backup / MANIFEST} cannot be read.") from error
    if (manifest.format, manifest.kind) != (FORMAT, kind):
        raise BackupError(
            f"{backup} is a backup of {manifest.kind}, format {manifest.format};"
            f" wanted is one of {kind}, format {FORMAT}."
        )
    for name, kept in files.items():
        path = backup / name
        if not path.is_file() or _kept(path) != kept:
            raise BackupError(f"{path} is missing or not what it was. Take another backup.")
    return manifest


def _begin(folder: Path, now: datetime) -> tuple[Path, Path]:
    final = folder / now.astimezone(UTC).strftime(STAMP)
    unfinished = folder / f"{final.name}.partial"
    if final.exists():
        raise BackupError(f"{final} is there already.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    return final, unfinished


def _finish(unfinished: Path, final: Path, *, kind: str, alias: str, now: datetime) -> Path:
    manifest = Manifest(
        format=FORMAT,
        kind=kind,
        made_at=now.astimezone(UTC).isoformat(),
        postgres=pg_tools.server_major(alias),
        migrations=_migrations(),
        files={path.name: _kept(path) for path in sorted(unfinished.iterdir())},
    )
    text = json.dumps(asdict(manifest), indent=2)
    (unfinished / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return unfinished.rename(final)


def _refuse_other_kind(folder: Path, kind: str) -> None:
    for made in backups(folder):
        if json.loads((made / MANIFEST).read_text(encoding="utf-8"))["kind"] == kind:
            raise BackupError(
                f"{folder} holds backups of {kind}. Keep data and keys in different places: who has"
                " both can read what was erased."
            )


def _migrations() -> dict[str, str]:
    applied = MigrationRecorder(connection).applied_migrations()
    newest: dict[str, str] = {}
    for app, name in applied:
        newest[app] = max(newest.get(app, ""), name)
    return dict(sorted(newest.items()))


def _pack(target: Path, folder: Path, pattern: str) -> None:
    with tarfile.open(target, "w") as packed:
        for path in sorted(folder.glob(pattern)) if folder.exists() else ():
            packed.add(path, arcname=path.name)


def _kept(path: Path) -> Kept:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return Kept(path.stat().st_size, digest.hexdigest())


def _made_at(backup: Path) -> datetime:
    return datetime.strptime(backup.name, STAMP).replace(tzinfo=UTC)


def _partial(path: Path) -> bool:
    return path.suffix == ".partial"
