"""Which servers are started at all? None that an address is set for, none that is not needed."""

from pathlib import Path

import pytest

import manage
from personalize import local
from tests.personalize.local.launching import (
    URLS,
)


@pytest.mark.parametrize("off", ["0", "false", "OFF"])
def test_debug_off_refuses_and_says_what_to_set(
    fresh: Path, monkeypatch: pytest.MonkeyPatch, off: str
) -> None:
    monkeypatch.setenv("NORTHWAY_DEBUG", off)

    with pytest.raises(local.LocalServerError, match=r"DATABASE_URL.*BROKER_URL.*CACHE_URL"):
        local.start(fresh)
    assert not (fresh / "postgres").exists()


def test_a_database_url_leaves_only_valkey_to_start(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example.org/northway")

    assert local.start(var).started == ("valkey",)
    assert local.status(var)["postgres"] is None


def test_a_broker_and_a_cache_url_leave_only_postgresql(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_URL", "redis://broker.example.org")
    monkeypatch.setenv("CACHE_URL", "redis://cache.example.org")

    with local.servers(var, durable=False) as running:
        assert running.started == ("postgres",)
    assert local.status(var) == {"postgres": None, "valkey": None}


def test_nothing_starts_and_nothing_is_written_where_every_url_is_set(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in URLS:
        monkeypatch.setenv(name, "redis://elsewhere.example.org")
    monkeypatch.setenv("NORTHWAY_DEBUG", "0")

    with local.servers(fresh) as running:
        assert running.started == ()
    assert not fresh.exists()


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("migrate", True),
        ("runserver 8001", True),
        ("retrain", True),
        ("bench recommend", True),
        ("check --database default", True),
        ("check", False),
        ("evaluate_recommender --train a.csv --test b.csv", False),
        ("evaluate_bots --agents f.json", False),
        ("run_vectors stats f.json", False),
        ("makemigrations --check", False),
        ("collectstatic --noinput", False),
        ("spectacular", False),
        ("update_texts", False),
        ("migrate --help", False),
        ("", False),
    ],
)
def test_only_commands_that_use_a_database_start_one(line: str, needed: bool) -> None:
    assert manage.needs_servers(line.split()) is needed
