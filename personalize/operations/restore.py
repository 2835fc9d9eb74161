"""For operators: how does the product come back from a backup, with nobody who was erased in it?"""

import shutil
import tarfile
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections

from personalize.operations import backup, pg_tools
from personalize.operations.backup import BackupError

RESTORE = ("--exit-on-error", "--no-owner", "--no-privileges")


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back."""

    made_at: str  # when the backup was taken
    keys: bool  # whether keys came from a backup too; else those in service stayed
    models: int  # files
    segments: int  # of what waited on disk
    steps: tuple[str, ...]  # what was run after it, each as it told of itself


def restore(data: Path, *, keys: Path | None, reason: str, now: datetime) -> Restored:
    """Bring back a backup into empty databases, then forget again who was erased since.

    Both backups are checked whole before anything is written. Without `keys` the keys database in
    service stays, as it should wherever it is not lost too. Raises BackupError, ToolError, and
    CommandError where a step has to be done again.
    """
    manifest = backup.checked(data, kind="data")
    if keys is not None:
        backup.checked(keys, kind="keys")
    _expect(data, empty=True, alias="default")
    _expect(data, empty=keys is not None, alias=backup.KEYS)
    _load(data, alias="default")
    if keys is not None:
        _load(keys, alias=backup.KEYS)
    models = _unpack(data / backup.MODELS, Path(settings.MODELS_DIR))
    segments = _unpack(data / backup.SPOOL, Path(settings.SPOOL_DIR))
    _return_anchors(data)
    return Restored(manifest.made_at, keys is not None, models, segments, _afterwards(reason))


def _afterwards(reason: str) -> tuple[str, ...]:
    """Do what has to be done before requests are taken, in this order.

    The head of the ledger is signed first: forgetting somebody again adds entries, and those are
    not the ones that were anchored at their place.
    """
    commands: list[tuple[str, dict[str, object]]] = [
        ("migrate", {"verbosity": 0, "interactive": False}),
        ("migrate", {"database": backup.KEYS, "verbosity": 0, "interactive": False}),
    ]
    if settings.LEDGER_ANCHOR_KEY:
        commands.append(("anchor_ledger", {"restored": reason}))
    commands += [
        ("replay_tombstones", {}),
        ("ensure_partitions", {}),
        ("drain_spool", {}),
        ("verify_ledger", {}),
    ]
    told = []
    for name, options in commands:
        out = StringIO()
        call_command(name, stdout=out, **options)
        told.append(f"{name}: {out.getvalue().strip() or 'done'}")
    cache.clear()  # sessions and lists of what came after the backup
    return tuple(told)


def _expect(data: Path, *, empty: bool, alias: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        [tables] = cursor.fetchone() or [0]
    connections[alias].close()
    if empty and tables:
        raise BackupError(
            f"The database {settings.DATABASES[alias]['NAME']!r} holds {tables} tables. Name an"
            f" empty one to bring {data.name} back into; the old one stays for comparison."
        )
    if not empty and not tables:
        raise BackupError(
            "The keys database is empty. Name its newest backup with --keys: without keys nothing"
            " that is sealed can be read."
        )


def _load(backed: Path, *, alias: str) -> None:
    name = str(settings.DATABASES[alias]["NAME"])
    pg_tools.run("pg_restore", [*RESTORE, f"--dbname={name}", backed / backup.DATA], alias=alias)


def _unpack(packed: Path, folder: Path) -> int:
    """Unpack into a folder; what is there already stays. Return how many files came back."""
    folder.mkdir(parents=True, exist_ok=True)
    came = 0
    with tarfile.open(packed) as archive:
        for member in archive:
            if not (folder / member.name).exists() or member.isdir():
                archive.extract(member, folder, filter="data")
                came += member.isfile()
    return came


def _return_anchors(data: Path) -> None:
    """Put the anchors back where the file is gone too: one that is there knows more."""
    target = Path(settings.LEDGER_ANCHOR_FILE)
    if (data / backup.ANCHORS).exists() and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(data / backup.ANCHORS, target)
