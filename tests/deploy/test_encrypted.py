"""Servers on other machines are spoken to by TLS, under their name, or not at all."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import redis
from django.db.utils import ConnectionHandler
from kombu import Connection

from personalize.settings import database
from tests.deploy.encrypted import authority, tls_before
from tests.deploy.running import Deployed, deployed
from tests.deploy.test_services import work_is_given_out

pytestmark = [pytest.mark.prove, pytest.mark.slow]
PASSWORD = "a-long-password-of-a-test"


@pytest.fixture
def place() -> Iterator[Path]:
    """Yield a folder whose sockets have short names."""
    with tempfile.TemporaryDirectory(prefix="nw-", ignore_cleanup_errors=True) as short:
        Path(short).chmod(0o755)  # PostgreSQL runs as another account where root starts it
        yield Path(short)


def socket_of(here: Deployed, name: str) -> str:
    folder = parse_qs(urlsplit(here.urls["DATABASE_URL"]).query)["host"][0]
    return f"{folder}/{name}"


def asks(url: str) -> str:
    """Connect as the product does with such a URL, and return who answers."""
    entry = ConnectionHandler({"default": database(url)})["default"]
    given = entry.get_connection_params()
    told = {name: value for name, value in given.items() if name not in {"pool", "context"}}
    with psycopg.connect(**told) as connection:
        return connection.info.dbname


def test_postgresql_has_to_prove_its_name(place: Path) -> None:
    ours, other = authority(place / "ours"), authority(place / "other")
    with (
        deployed(place) as here,
        tls_before(socket_of(here, ".s.PGSQL.5432"), ours, postgres=True) as port,
        tls_before(socket_of(here, ".s.PGSQL.5432"), other, postgres=True) as elsewhere,
    ):
        said = f"northway?sslmode=verify-full&sslrootcert={place}/ours/ca.pem"
        assert asks(f"postgresql://northway@localhost:{port}/{said}") == "northway"
        with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
            asks(f"postgresql://northway@localhost:{elsewhere}/{said}")
        with pytest.raises(psycopg.OperationalError, match="does not match host name"):
            asks(f"postgresql://northway@127.0.0.1:{port}/{said}")

        secured = f"postgresql://northway@localhost:{port}/"
        here.urls["DATABASE_URL"] = f"{secured}{said}"
        here.urls["KEYS_URL"] = f"{secured}{said.replace('northway?', 'northway_keys?')}"
        assert "Released" in here.run("python", "manage.py", "release")


def test_valkey_by_tls_and_password_carries_the_work(place: Path) -> None:
    ours, other = authority(place / "ours"), authority(place / "other")
    with (
        deployed(place) as here,
        tls_before(socket_of(here, "valkey.sock"), ours) as port,
        tls_before(socket_of(here, "valkey.sock"), other) as elsewhere,
    ):
        redis.Redis.from_url(here.urls["CACHE_URL"]).config_set("requirepass", PASSWORD)
        ca = f"ssl_cert_reqs=required&ssl_ca_certs={place}/ours/ca.pem"
        url = f"rediss://:{PASSWORD}@localhost:{port}"
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(f"rediss://localhost:{port}/1?{ca}").ping()
        for refused in (f"localhost:{elsewhere}", f"127.0.0.1:{port}"):
            away = f"rediss://:{PASSWORD}@{refused}"
            with pytest.raises(redis.ConnectionError, match="certificate verify failed"):
                redis.Redis.from_url(f"{away}/1?{ca}").ping()
            with pytest.raises(Exception, match="certificate verify failed"):
                Connection(f"{away}/0?{ca}").ensure_connection(max_retries=1, timeout=5)

        here.urls |= {"CACHE_URL": f"{url}/1?{ca}", "BROKER_URL": f"{url}/0?{ca}"}
        here.run("python", "manage.py", "release")
        work_is_given_out(here)
        told = here.run(
            "python",
            "manage.py",
            "shell",
            "--no-imports",
            "-c",
            "from django.core.cache import cache; cache.set('a', 7); print(cache.get('a'))",
        )
        assert told.split() == ["7"]
