"""The services of the compose file, run as processes: they answer, work, and stand in."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from personalize.operations.probe import Over, status
from tests.deploy.production import HOST
from tests.deploy.running import Deployed, deployed, until

pytestmark = [pytest.mark.prove, pytest.mark.slow]
OFTEN = (
    "UPDATE django_celery_beat_periodictask SET crontab_id = NULL, interval_id = (SELECT id FROM"
    " django_celery_beat_intervalschedule LIMIT 1) WHERE task = 'signals.tasks.roll_up' RETURNING 1"
)
ONE_SECOND = (
    "INSERT INTO django_celery_beat_intervalschedule (every, period)"
    " VALUES (1, 'seconds') RETURNING id"
)
LOCK = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder whose sockets have short names."""
    short = Path(f"/tmp/nw-{os.getpid()}")  # noqa: S108  of this test alone
    short.mkdir(mode=0o755)
    yield short
    shutil.rmtree(short, ignore_errors=True)


def runs(here: Deployed) -> int:
    """Return how often the minutely job has succeeded, as the clock counts what it sent."""
    [row] = here.asked(
        "SELECT count(*) FROM personalize_jobrun WHERE job = 'signals.tasks.roll_up'"
        " AND succeeded_at IS NOT NULL"
    )
    return int(str(row[0]))


def newest(here: Deployed) -> object:
    """Return when the job last succeeded."""
    [row] = here.asked(
        "SELECT max(succeeded_at) FROM personalize_jobrun WHERE job = 'signals.tasks.roll_up'"
    )
    return row[0]


def requests_told(here: Deployed, key: str) -> float:
    """Ask for a page, then for /metrics; return how many requests for pages it tells of."""
    assert status(here.address("web-1"), "/signin/") in {200, 301}
    connection = Over(here.address("web-1").removeprefix("unix:"))
    said = {"Host": HOST, "Authorization": f"Bearer {key}", "X-Forwarded-Proto": "https"}
    with closing(connection):
        connection.request("GET", "/metrics", headers=said)
        answer = connection.getresponse()
        text = answer.read().decode()
    assert answer.status == 200, text
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == "northway_requests_total" and sample.labels["kind"] == "page"
    )


def work_is_given_out(here: Deployed) -> None:
    """Start two clocks and a worker; end the clock that acts, see the other go on."""
    here.asked(ONE_SECOND)
    here.asked(OFTEN)
    for title in ("beat-1", "beat-2"):
        here.start("beat", title=title)
    here.start("worker")
    until(lambda: runs(here) > 0, "a job")
    until(lambda: "gives out work" in here.log("beat-1") + here.log("beat-2"), "a leader")
    [first] = [n for n in ("beat-1", "beat-2") if "This clock gives out" in here.log(n)]
    [other] = {"beat-1", "beat-2"} - {first}
    until(lambda: "beat" in here.log(other) or here.services[other].poll() is None, "a standby")
    here.stop(first, signal.SIGKILL)
    until(lambda: "This clock gives out" in here.log(other), "the other clock", seconds=60)
    before = newest(here)
    until(lambda: newest(here) != before, "a job of the other clock")
    assert len(here.asked(LOCK)) == 1


def test_every_service_of_the_compose_file_does_its_work(place: Path) -> None:
    with deployed(place) as here:
        here.run("python", "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
        assert "Released" in here.run("python", "manage.py", "release")
        assert "Released" in here.run("python", "manage.py", "release")  # as often as wished
        said = here.run("python", "manage.py", "create_key", "ops", "--scopes", "metrics")
        [key] = [word for word in said.split() if word.startswith("nw_")]
        for name in ("web-1", "web-2"):
            here.start(name)
        for name in ("web-1", "web-2"):
            until(lambda name=name: here.ready(name), f"{name} being ready")  # type: ignore[misc]
        work_is_given_out(here)
        counted = [requests_told(here, key) for _ in range(6)]
        assert counted == sorted(counted)  # whichever worker answers tells of all
        assert counted[-1] >= 6
        for name in ("web-1", "worker"):
            lines = here.log(name).splitlines()
            assert all(line.startswith("{") for line in lines if line), here.log(name)


@pytest.mark.skipif(not shutil.which("rabbitmq-server"), reason="RabbitMQ is not installed")
def test_rabbitmq_carries_the_work_as_well(place: Path) -> None:
    port = 15672 + os.getpid() % 10_000
    with ExitStack() as stack:
        rabbit = {
            "RABBITMQ_NODENAME": f"northway{os.getpid()}@localhost",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(port + 20_000),
            "RABBITMQ_MNESIA_BASE": str(place / "mnesia"),
            "RABBITMQ_LOG_BASE": str(place / "rabbit-logs"),
            "RABBITMQ_PID_FILE": str(place / "rabbit.pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "plugins"),
            "ERL_EPMD_PORT": str(port + 20_001),
            "HOME": str(place),
        }
        (place / "plugins").write_text("[].\n")
        log = stack.enter_context((place / "rabbit.log").open("wb"))
        server = subprocess.Popen(
            ["/usr/lib/rabbitmq/bin/rabbitmq-server"],
            env={**os.environ, **rabbit},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        stack.callback(server.wait)
        stack.callback(os.killpg, server.pid, signal.SIGKILL)
        with deployed(place, BROKER_URL=f"amqp://guest:guest@127.0.0.1:{port}//") as here:
            here.run("python", "manage.py", "release")
            work_is_given_out(here)
