"""`make hostile`: a hundred thousand requests of people who mean harm, at a real deployment.

Two workers as the compose file starts them, without nginx before them. No answer may be a 5xx, no
worker may end, nothing may be logged as an error, and every role must still be served behind it.
NORTHWAY_REQUESTS says how many, NORTHWAY_SECONDS for how long at most.
"""

import json
import os
import socket
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.production import HOST
from tests.deploy.running import Deployed, deployed, until
from tests.hostile import forms, inputs
from tests.hostile.addresses import filled, routes
from tests.hostile.attack import Attack
from tests.hostile.chance import Chance
from tests.hostile.client import Asked, Connection
from tests.hostile.described import cases
from tests.hostile.run import strike

pytestmark = pytest.mark.hostile

REQUESTS = int(os.environ.get("NORTHWAY_REQUESTS", "100000"))
SECONDS = float(os.environ.get("NORTHWAY_SECONDS", "inf"))
SEED = int(os.environ.get("NORTHWAY_SEED", "1"))
PAGES = 130  # read for their forms, of each person
CASES = 40  # of each operation of the OpenAPI description
WEB = "web-1"
LEARNERS = {"ada", "ben", "cold"}
WORLD = "from tests.hostile.world import told; print(told())"


@pytest.fixture(scope="module")
def here() -> Iterator[tuple[Deployed, int]]:
    """Yield a deployment that answers, and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="nw-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        place.chmod(0o755)  # PostgreSQL runs as another account where root starts it
        with deployed(place) as found:
            found.run("python", "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
            found.run("python", "manage.py", "release")
            world = found.run("python", "manage.py", "shell", "-v", "0", "-c", WORLD)
            (place / "world.json").write_text(world)
            found.start(WEB, NORTHWAY_BIND=f"127.0.0.1:{port}", LOG_LEVEL="INFO")
            with closing(Connection(("127.0.0.1", port), HOST)) as connection:

                def ready() -> bool:
                    assert found.services[WEB].poll() is None, found.log(WEB)
                    return connection.ask(Asked("", path="/readyz")).status == 200

                until(ready, "the web process")
            yield found, port


def workers(web: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{web}/task/{web}/children").read_text().split()]


def prepared(world: dict[str, Any], port: int) -> Attack:
    """Read every page's forms, and what the OpenAPI description allows."""
    named = os.environ.get("NORTHWAY_DATA")
    data = Path(named) if named else None
    words, texts = inputs.strings(data), inputs.texts(data)
    attack = Attack(HOST, world["sessions"], world["keys"], world["values"], routes(), words, texts)
    attack.cookie, attack.token = world["cookies"]
    with closing(Connection(("127.0.0.1", port), HOST)) as connection:
        for who in ("ada", "root", "cleo"):
            attack.forms[who] = forms_of(attack, connection, attack.sessions[who][0])
        schema = connection.ask(Asked("", path="/api/schema/?format=json"))
        attack.cases = cases(json.loads(schema.body), attack.keys["all"], CASES)
    return attack


def forms_of(attack: Attack, connection: Connection, cookie: str) -> list[forms.Form]:
    """Return the forms of all pages somebody may open, as far as PAGES lead."""
    rng, found, seen = Chance(SEED), list[forms.Form](), set[str]()
    waiting = [filled(at, rng, attack.values, ["x"], wrong=0) for at in attack.routes.values()]
    while waiting and len(seen) < PAGES:
        path = waiting.pop(0)
        if path in seen or path.startswith(("/signout", "/admin/logout")):
            continue
        seen.add(path)
        said = (("Cookie", f"{attack.cookie}={cookie}"),)
        answer = connection.ask(Asked("", path=path, headers=said))
        if answer.status == 200 and answer.kind.startswith("text/html"):
            more, links = forms.read(path, answer.body.decode())
            found += more
            waiting += links
    return found


def still_served(attack: Attack, port: int) -> dict[str, int]:
    """Return how many of each person's sessions still open a page of theirs."""
    found = Counter[str]()
    with closing(Connection(("127.0.0.1", port), HOST)) as connection:
        for who, cookies in attack.sessions.items():
            page = "/home/" if who in LEARNERS else "/tower/you/"
            for cookie in cookies:
                said = (("Cookie", f"{attack.cookie}={cookie}"),)
                found[who] += connection.ask(Asked("", path=page, headers=said)).status == 200
    return found


def errors_of(log: Path) -> list[str]:
    """Return the lines of a log that tell of an error."""
    lines = log.read_text(errors="replace").splitlines()
    return [line for line in lines if "Traceback" in line or '"level": "error"' in line]


def test_nothing_breaks(here: tuple[Deployed, int], capsys: pytest.CaptureFixture[str]) -> None:
    deployment, port = here
    attack = prepared(json.loads((deployment.folder / "world.json").read_text()), port)
    web = deployment.services[WEB].pid
    before = workers(web)
    count = strike(attack, port, requests=REQUESTS, seconds=SECONDS, seed=SEED)
    errors, served = errors_of(deployment.folder / f"{WEB}.log"), still_served(attack, port)
    with capsys.disabled():
        told = ["", *count.lines(), f"sessions left: {served}", *errors[:20]]
        print("\n".join(told))  # noqa: T201  what the run is for
    assert not count.wrong
    assert workers(web) == before
    assert not errors
    # Whom an attack signed out is out: of learners and of staff somebody must still be served.
    assert any(served[who] for who in LEARNERS), served
    assert any(served[who] for who in served.keys() - LEARNERS), served
    assert count.asked >= REQUESTS or float("inf") > SECONDS
