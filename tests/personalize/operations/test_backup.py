"""A backup says when it is not whole, keys lie apart, nothing is brought back over anything."""

import json
import tarfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from personalize.operations import backup, pg_tools, restore
from personalize.operations.backup import BackupError
from personalize.settings import database
from tests.factories import moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_dump(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    """Write a few bytes where pg_dump would write; the drill runs the real one."""

    def run(_name: str, arguments: list[object], *, alias: str) -> None:
        [target] = [str(one) for one in arguments if str(one).startswith("--file=")]
        Path(target.removeprefix("--file=")).write_bytes(f"dump of {alias}".encode())

    monkeypatch.setattr(pg_tools, "run", run)
    settings.MODELS_DIR, settings.SPOOL_DIR = tmp_path / "models", tmp_path / "spool"
    for folder, name in (
        (settings.MODELS_DIR / "v1", "card.json"),
        (settings.SPOOL_DIR, "1.spool"),
    ):
        folder.mkdir(parents=True)
        (folder / name).write_text("{}")
    (settings.SPOOL_DIR / "node.card").write_text("of this node alone")


@pytest.fixture
def made(no_dump: None, tmp_path: Path) -> Path:
    return backup.save_data(tmp_path / "data", now=moment())


def test_a_backup_holds_data_models_and_what_waits(made: Path) -> None:
    manifest = backup.checked(made, kind="data")
    assert set(manifest.files) >= {"data.dump", "models.tar", "spool.tar"}
    assert manifest.postgres == connection.pg_version // 10_000  # type: ignore[attr-defined]
    assert manifest.migrations["personalize"].startswith("00")
    with tarfile.open(made / "models.tar") as packed:
        assert "v1/card.json" in packed.getnames()
    with tarfile.open(made / "spool.tar") as packed:
        assert packed.getnames() == ["1.spool"]


@pytest.mark.parametrize("name", ["data.dump", "models.tar", "spool.tar"])
def test_a_changed_or_missing_file_is_found(made: Path, name: str) -> None:
    content = bytearray((made / name).read_bytes())
    content[0] ^= 1
    (made / name).write_bytes(content)
    with pytest.raises(BackupError, match=name):
        backup.checked(made, kind="data")
    (made / name).unlink()
    with pytest.raises(BackupError, match=name):
        backup.checked(made, kind="data")


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"format": 1, "kind": "data", "files": {"a": 1}}']
)
def test_a_manifest_that_is_none_is_found(made: Path, text: str) -> None:
    (made / backup.MANIFEST).write_text(text)
    with pytest.raises(BackupError):
        backup.checked(made, kind="data")


def test_one_that_broke_off_is_no_backup(
    no_dump: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "_migrations", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        backup.save_data(tmp_path / "data", now=moment())
    assert backup.backups(tmp_path / "data") == []


def test_keys_and_data_lie_apart(made: Path) -> None:
    with pytest.raises(BackupError, match="different places"):
        backup.save_keys(made.parent, now=moment() + timedelta(days=1))


def test_keys_are_no_data_and_data_no_keys(made: Path) -> None:
    with pytest.raises(BackupError, match="backup of data"):
        backup.checked(made, kind="keys")


def test_keys_of_over_thirty_days_ago_go_with_the_next_backup(
    no_dump: None, tmp_path: Path
) -> None:
    for days in (45, 31, 30, 1, 0):
        backup.save_keys(tmp_path / "keys", now=moment() - timedelta(days=days))
    left = [
        json.loads((one / backup.MANIFEST).read_text()) for one in backup.backups(tmp_path / "keys")
    ]
    ages = [(moment().date() - datetime.fromisoformat(one["made_at"]).date()).days for one in left]
    assert ages == [30, 1, 0]


def test_nothing_is_brought_back_over_what_is_there(made: Path) -> None:
    with pytest.raises(BackupError, match=r"holds .* tables"):
        restore.restore(made, keys=None, reason="A test", now=moment())


def test_a_password_goes_by_the_environment() -> None:
    entry = database(
        "postgresql://u:p%40ss@db.example.org:5433/n?sslmode=verify-full&sslrootcert=/ca"
    )
    told = pg_tools.environment(entry)
    assert {name: told[name] for name in told if name.startswith("PG")} == {
        "PGHOST": "db.example.org",
        "PGPORT": "5433",
        "PGUSER": "u",
        "PGPASSWORD": "p@ss",
        "PGDATABASE": "n",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/ca",
    }


def test_the_tool_of_the_servers_own_version_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in (15, 17, 18):
        tool = tmp_path / str(version) / "pg_dump"
        tool.parent.mkdir()
        tool.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}.2'\n")
        tool.chmod(0o755)
    places = [tmp_path / str(version) / "pg_dump" for version in (15, 17, 18)]
    monkeypatch.setattr(pg_tools, "_candidates", lambda _name: iter(places))
    found = [pg_tools.find("pg_dump", major=major).parent.name for major in (15, 16, 17, 18)]
    assert found == ["15", "17", "17", "18"]
    with pytest.raises(pg_tools.ToolError, match="PostgreSQL 19"):
        pg_tools.find("pg_dump", major=19)
