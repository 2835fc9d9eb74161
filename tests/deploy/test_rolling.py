"""A new version comes in while learners ask: no request fails, whatever is restarted."""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import sleep
from uuid import uuid4

import psycopg
import pytest

from tests.deploy.production import DEPLOY, HOST
from tests.deploy.running import Clients, Deployed, deployed, until
from tests.deploy.test_files import certificate
from tests.factories import moment

pytestmark = [
    pytest.mark.prove,
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed"),
]
NEXT = {"DJANGO_SETTINGS_MODULE": "tests.deploy.newer.settings"}  # the version that comes in
ADDED = """
SELECT count(*) FROM information_schema.columns WHERE column_name = 'newer_mark'
AND table_name IN ('signals_learnercourse', 'signals_event', 'personalize_decision')
"""
INDEXED = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('newer_last')"
WAITS = """
SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'
               AND relation = 'signals_learnercourse'::regclass)
"""
GIVES_UP_S = 5  # longer than a migration waits for its lock


@pytest.fixture
def place() -> Iterator[Path]:
    """Yield a folder whose sockets have short names."""
    short = Path(f"/tmp/nw-r{os.getpid()}")  # noqa: S108  of this test alone
    short.mkdir(mode=0o755)
    yield short
    shutil.rmtree(short, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def nginx(place: Path) -> Iterator[int]:
    """Run nginx with the product's configuration; yield its port of TLS."""
    plain, port = free_port(), free_port()
    certificate(place / "certificates")
    text = (DEPLOY / "nginx" / "northway.conf").read_text(encoding="utf-8")
    for was, now in (
        ("/etc/northway/certificates", f"{place}/certificates"),
        ("/run/northway", f"{place}/run/northway"),
        ("    listen [::]:80;\n", ""),
        ("    listen [::]:443 ssl http2;\n", ""),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;"),
    ):
        assert was in text
        text = text.replace(was, now)
    (place / "site.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""
    (place / "nginx.conf").write_text(
        f"{user} pid {place}/nginx.pid; daemon off; error_log {place}/nginx.log;"
        f" worker_processes 1; events {{}} http {{ client_body_temp_path {place}/body;"
        f" proxy_temp_path {place}/proxy;"
        f" fastcgi_temp_path {place}/f; uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;"
        f" include {place}/site.conf; }}"
    )
    server = subprocess.Popen(["nginx", "-p", place, "-c", place / "nginx.conf"])
    yield port
    server.terminate()
    server.wait(30)


def asking(port: int, key: str) -> tuple[Clients, list[str]]:
    """Return clients who send events, ask for lists and open a page over TLS, and what failed."""
    failed = list[str]()
    trust = ssl.create_default_context()
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE
    headers = {"Host": HOST, "Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(client: int, number: int) -> int:
        event = {"id": str(uuid4()), "kind": "lesson.started", "learner": f"l-{client}-{number}"}
        body = json.dumps({"batch": [{**event, "occurred_at": moment().isoformat()}]})
        asks = [
            ("POST", "/signals/v1/batch", body, headers),
            ("GET", f"/personalize/v1/recommendations?learner=l-{client}", None, headers),
            ("GET", "/signin/", None, {"Host": HOST}),
        ]
        method, path, content, said = asks[number % 3]
        try:
            with closing(
                http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=trust)
            ) as connection:
                connection.request(method, path, content, said)
                answer = connection.getresponse()
                text = answer.read()
                if answer.status != 200:
                    failed.append(f"{path} {answer.status} {text[:200]!r}")
                return answer.status
        except (OSError, http.client.HTTPException) as error:
            failed.append(f"{path} {error!r}")
            return 0

    return Clients(ask), failed


def restarted(here: Deployed) -> None:
    """Do what deploy/rolling-restart does: one after the other, each ready before the next."""
    for name in ("web-1", "web-2"):
        here.stop(name)
        here.start(name, **NEXT)
        until(lambda name=name: here.ready(name), f"{name} being ready")  # type: ignore[misc]


def test_a_release_and_a_rolling_restart_fail_no_request(place: Path, nginx: int) -> None:
    with deployed(place) as here:
        here.run("python", "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
        here.run("python", "manage.py", "release")
        said = here.run("python", "manage.py", "create_key", "lms", "--scopes", "capture,recommend")
        [key] = [word for word in said.split() if word.startswith("nw_")]
        for name in ("web-1", "web-2"):
            here.start(name)
        for name in ("web-1", "web-2"):
            until(lambda name=name: here.ready(name), f"{name} being ready")  # type: ignore[misc]
        assert here.asked(ADDED) == [(0,)]
        clients, failed = asking(nginx, key)
        with clients.asking(3):
            until(lambda: sum(clients.answers.values()) > 10, "the first answers")
            held = threading.Thread(target=reading, args=(here.urls["DATABASE_URL"],))
            held.start()
            told = here.run("python", "manage.py", "release", **NEXT)
            restarted(here)
            held.join()
            sleep(2)
            seen = sum(clients.answers.values())
            until(lambda: sum(clients.answers.values()) > seen + 10, "answers of the new version")
        print(f"{clients.answers}, slowest {clients.slowest_s:.2f} s")  # noqa: T201  for the docs
        assert failed == []
        assert "a table is in use; asked for again" in told
        assert here.asked(ADDED) == [(3,)]
        assert here.asked(INDEXED) == [(True,)]


def reading(url: str) -> None:
    """Hold tables that the migration changes until it has waited for them in vain, as a report may.

    It ends by itself where no migration comes.
    """
    with psycopg.connect(url) as report, psycopg.connect(url, autocommit=True) as watch:
        report.execute("SELECT count(*) FROM signals_event, signals_learnercourse")
        until(lambda: watch.execute(WAITS).fetchone() == (True,), "a migration that waits")
        sleep(GIVES_UP_S)
