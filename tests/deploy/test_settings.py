"""A deployment as the compose file describes it: nothing is missing, and TLS is asked for."""

import os
import subprocess
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from personalize import local
from personalize.operations.checks import check_brokers, verified
from personalize.settings import database
from tests.deploy.production import ROOT, environment

URLS = {
    "DATABASE_URL": "postgresql://northway:pw@db.example.org/northway?sslmode=verify-full",
    "KEYS_URL": "postgresql://northway:pw@keys.example.org/keys?sslmode=verify-full",
    "BROKER_URL": "amqps://northway:pw@queue.example.org/northway",
    "CACHE_URL": "rediss://:pw@cache.example.org/1",
}


def test_the_check_of_a_deployment_is_clean(tmp_path: Path) -> None:
    given = environment(tmp_path, URLS)
    done = subprocess.run(
        ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("postgresql://u:p@db.example.org/n", 1),
        ("postgresql://u:p@db.example.org/n?sslmode=require", 1),
        ("postgresql://u:p@db.example.org/n?sslmode=verify-full", 0),
        ("postgresql://u:p@/n?host=/run/postgres", 0),
        ("postgresql://u:p@localhost/n", 0),
    ],
)
def test_a_database_on_another_machine_is_spoken_to_under_its_name(url: str, found: int) -> None:
    assert verified(database(url)) is not bool(found)


@pytest.mark.parametrize(
    ("broker", "cache", "found"),
    [
        ("redis://q.example.org", "redis://c.example.org/1", 2),
        ("amqp://q.example.org", "rediss://c.example.org/1", 1),
        ("amqps://q.example.org", "unix:///run/valkey.sock?db=1", 0),
        ("redis+socket:///run/valkey.sock", "redis://127.0.0.1/1", 0),
    ],
)
def test_broker_and_cache_are_not_spoken_to_in_clear(
    settings: Settings, broker: str, cache: str, found: int
) -> None:
    settings.CELERY_BROKER_URL = broker
    settings.CACHES = {"default": {"LOCATION": cache}}
    assert [one.id for one in check_brokers()] == ["personalize.W002"] * found


def test_probes_are_answered_without_tls_and_nothing_else_is(
    settings: Settings, client: Client
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    found = {path: client.get(path).status_code for path in ("/healthz", "/readyz", "/signin/")}
    assert found == {"/healthz": 200, "/readyz": 200, "/signin/": 301}


def test_urls_in_files_start_no_embedded_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in URLS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setitem(os.environ, f"{name}_FILE", "/run/secrets/url")
    assert local.wanted() == ()
