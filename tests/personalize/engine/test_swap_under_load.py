"""Does anybody notice when models are swapped? A deployment, four clients, twenty promotions.

Every night a model is trained, passes the gates, is the canary and is promoted by its guardrails;
then an admin goes back to the first one on the page of models. Clients ask for lists all the time.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest

from demo import catalogue
from demo.browser import Browser
from demo.client import Client
from demo.lab import days
from demo.lab.events import Kind
from demo.lab.shelves import catalogue as shelves
from personalize.data import Source
from tests.factories import PASSWORD, moment
from tests.personalize.engine.swaps import READY
from tests.signals.spool.deployment import ROOT, Deployment, deployed

pytestmark = pytest.mark.prove

SWAPS = int(os.environ.get("NORTHWAY_SWAPS", "20"))
CLIENTS, ASKING = 4, 60  # ASKING: learners who come again and again
LEARNERS, DAYS = 1000, 45
SETTLES_S, AFTER_S = 5.0, 1.5  # a rollback counts for all within; clients go on so long after it
PAUSE_S = 0.02
MODEL_LEAST = 0.99
PROMOTER = "from tests.personalize.engine.swaps import one_after_the_other as go; go()"
ASK = "/personalize/v1/recommendations?surface=home&learner="
MARK = "X-Asked"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; seconds are of one clock."""

    number: int
    asked_at: float
    came_at: float
    status: int  # 0: none at all
    source: str = ""
    model: str = ""
    courses: int = 0


@dataclass
class Swap:
    """One promotion and the way back from it."""

    version: str
    promoted_at: float
    sent_at: float  # the form of the admin
    done_at: float  # its answer came


@dataclass
class Load:
    """Clients that ask for lists, and what they were answered."""

    port: int
    key: str
    names: Sequence[str]
    answers: list[Answer] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def ask(self, name: str) -> Answer:
        """Ask for one learner's list on a connection of its own, so that any worker may answer."""
        number, begun = next(self.numbers), monotonic()
        headers = {"Authorization": f"Bearer {self.key}", MARK: str(number)}
        status, told = 0, dict[str, Any]()
        with (
            suppress(OSError, HTTPException),
            closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection,
        ):
            connection.request("GET", ASK + name, headers=headers)
            answer = connection.getresponse()
            body, status = answer.read(), answer.status
            told = json.loads(body) if status == 200 else {}
        return Answer(
            number,
            begun,
            monotonic(),
            status,
            told.get("source", ""),
            told.get("model") or "",
            len(told.get("items", ())),
        )

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Let clients ask while the block runs."""
        over = threading.Event()
        threads = [threading.Thread(target=self._client, args=(over, n)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join(60)

    def _client(self, over: threading.Event, first: int) -> None:
        for turn in count(first):
            if over.is_set():
                return
            self.answers.append(self.ask(self.names[turn % len(self.names)]))
            over.wait(PAUSE_S)


@dataclass
class Nights:
    """The process that trains and promotes."""

    process: "subprocess.Popen[str]"

    def hear(self) -> str:
        """Return the next word it says."""
        assert self.process.stdout is not None
        word = str(self.process.stdout.readline()).strip()
        assert word, "the process that promotes ended; its last words are above"
        return word

    def promote(self, number: int) -> str:
        """Let a new model serve all; return its version."""
        assert self.process.stdin is not None
        at = moment(days=SWAPS + 10 - number)
        self.process.stdin.write(f"{at.isoformat()}\n")
        self.process.stdin.flush()
        return self.hear()


@contextmanager
def nights(northway: Deployment) -> Iterator[Nights]:
    """Start the process and wait until it listens."""
    command = [sys.executable, "-W", "ignore", "manage.py", "shell", "--no-imports", "-c", PROMOTER]
    process = subprocess.Popen(  # noqa: S603  our own command
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=northway.environment,
        cwd=ROOT,
        text=True,
    )
    try:
        started = Nights(process)
        assert started.hear() == READY
        yield started
    finally:
        process.communicate(timeout=60)


def bring_history(northway: Deployment) -> list[str]:
    """Import a lab's courses and what its learners began; return who began most."""
    lab = days.begin("goal-driven", n=LEARNERS, days=DAYS, seed=1)
    begun = [days.live(lab, None).of(Kind.ENROLLED) for _ in range(DAYS)]
    first = moment(days=SWAPS + 12 + DAYS)
    rows = ["learner,course,time"]
    for day, events in enumerate(begun):
        for who, course, second in zip(events.learner, events.course, events.second, strict=True):
            at = first + timedelta(days=day, seconds=int(second))
            rows.append(f"member-{who},{lab.courses.keys[course]},{at.isoformat()}")
    courses, history = northway.var / "courses.csv", northway.var / "history.csv"
    catalogue.write_csv(shelves(lab.courses), courses)
    history.write_text("\n".join(rows), encoding="utf-8")
    northway.manage("import_catalogue", str(courses))
    northway.manage("import_interactions", str(history))
    each = np.bincount(np.concatenate([events.learner for events in begun]), minlength=LEARNERS)
    return [f"member-{who}" for who in np.argsort(-each, kind="stable").tolist()]


@pytest.fixture
def northway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """Return a deployment that says which worker answered whom."""
    with tempfile.TemporaryDirectory(prefix="northway-swaps-") as folder:
        Path(folder).chmod(0o755)
        told = f"--access-logfile {folder}/asked.log --access-logformat '%(p)s %({{{MARK}}}i)s'"
        monkeypatch.setenv("GUNICORN_CMD_ARGS", told)
        with deployed(Path(folder) / "var") as deployment:
            yield deployment


def workers_of(northway: Deployment) -> dict[int, str]:
    """Return the process that gave each numbered answer."""
    lines = (northway.var.parent / "asked.log").read_text(encoding="utf-8").splitlines()
    pairs = [line.split() for line in lines]
    return {int(number): process.strip("<>") for process, number in pairs if number.isdigit()}


def swapped(northway: Deployment, load: Load, first: str, promoter: Nights) -> list[Swap]:
    """Promote and go back so often as is asked for."""
    client = Client("127.0.0.1", northway.port)
    browser, found = Browser(client), []
    assert browser.sign_in("root", PASSWORD).status == 302
    for number in range(1, SWAPS + 1):
        version, promoted_at = promoter.promote(number), monotonic()
        sleep(AFTER_S)
        browser.get("/tower/models/")
        sent_at = monotonic()
        address = f"/tower/models/{first}/rollback/"
        answer = browser.post(address, {"reason": f"exercise {number}"})
        assert answer.status == 302
        found.append(Swap(version, promoted_at, sent_at, monotonic()))
        sleep(AFTER_S)
    client.close()
    return found


@dataclass(frozen=True, slots=True)
class Found:
    """What swaps came to, as those saw it who asked."""

    answers: Sequence[Answer]
    swaps: Sequence[Swap]
    first: str  # the version gone back to
    workers: Mapping[int, str]

    @property
    def by_worker(self) -> Counter[str]:
        """Return how many answers each worker gave."""
        return Counter(self.workers.get(one.number, "") for one in self.answers)

    def back(self) -> list[float]:
        """Return how long after each form was sent its version was last asked of, in seconds."""
        return [stale_s(self.answers, one.version, since=one.sent_at) for one in self.swaps]

    def ahead(self) -> list[float]:
        """Return how long after each promotion the model before it was last asked of."""
        return [
            stale_s(
                [each for each in self.answers if each.asked_at < one.sent_at],
                self.first,
                since=one.promoted_at,
            )
            for one in self.swaps
        ]

    def told(self) -> Iterator[str]:
        """Say it in lines."""
        count_of = Counter(one.status for one in self.answers)
        yield f"{len(self.answers)} answers, by status {dict(count_of)}"
        yield f"by source {dict(Counter(one.source for one in self.answers))}"
        yield f"by worker {sorted(self.by_worker.values())}"
        own = Counter(one.model for one in self.answers)
        tried = [own[one.version] for one in self.swaps]
        yield f"answers of each new model {min(tried)} to {max(tried)}"
        took = [1000 * (one.came_at - one.asked_at) for one in self.answers]
        middle, slow, slowest = np.quantile(took, (0.5, 0.99, 1.0))
        yield f"half within {middle:.0f} ms, 99% within {slow:.0f} ms, all within {slowest:.0f} ms"
        forms = [one.done_at - one.sent_at for one in self.swaps]
        yield f"the form was answered after {np.median(forms):.2f} s, {max(forms):.2f} s at most"
        for name, times in (("promoted", self.ahead()), ("rolled back", self.back())):
            half, last = np.quantile(times, (0.5, 1.0))
            yield f"{name}: the other model last answered after {half:.2f} s, {last:.2f} s at most"


def stale_s(answers: Sequence[Answer], version: str, *, since: float) -> float:
    """Return how long after a moment a version was last answered with, earlier lists included."""
    late = [one.came_at for one in answers if one.model == version and one.asked_at >= since]
    return max(late, default=since) - since


def test_models_are_swapped_and_nobody_who_asks_goes_without(
    northway: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    members = bring_history(northway)
    words = northway.manage("create_key", "pages", "--scopes", "recommend").split()
    [key] = [word for word in words if word.startswith("nw_")]
    with nights(northway) as promoter:
        first = promoter.promote(0)
        load = Load(northway.port, key, members)
        sleep(AFTER_S)
        load.names = [
            name
            for name in members[: 2 * ASKING]
            if load.ask(name).source == Source.MODEL  # the others are held out for good
        ][:ASKING]
        with load.going_on():
            swaps = swapped(northway, load, first, promoter)
    found = Found(load.answers, swaps, first, workers_of(northway))
    with capsys.disabled():
        print("", *found.told(), sep="\n")  # noqa: T201  the table is what is asked for
    assert {one.status for one in load.answers} == {200}
    assert min(one.courses for one in load.answers) > 0
    of_model = sum(one.source == Source.MODEL for one in load.answers)
    assert of_model >= MODEL_LEAST * len(load.answers)  # the rest: no time, on a crowded machine
    assert len(found.by_worker) == 2
    assert max(found.back()) < SETTLES_S
