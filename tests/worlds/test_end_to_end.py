"""What does the whole product come to in a lab: doors, database, training, experiment?

Learners are known by their events at the capture endpoint alone, lists come from the public
endpoint, and who gets whose list is drawn by the product's first experiment, which reads itself.
"""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from os import environ
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pytest
from django.core.management import call_command
from django.test import Client
from numpy.typing import NDArray
from pytest_django import Settings

from demo.lab import days
from demo.lab.courses import FIELDS, LEVELS, Courses, Ints
from demo.lab.days import SHOWN, Lab
from demo.lab.events import NONE, Events, Sender
from demo.lab.truths import TRUTHS
from experiments.api import readout
from experiments.data import FIRST_EXPERIMENT, Readout
from personalize.data import Source
from signals import api
from signals.data import SYSTEM

LEARNERS = int(environ.get("NORTHWAY_LEARNERS", "600"))
QUIET, AFTER = 45, 28  # days without the product, and of its first experiment
BATCH = 500  # events


@dataclass
class Served:
    """The product behind its doors, at moments of the lab."""

    client: Client
    key: str
    courses: Courses
    names: Sequence[str]
    begin: datetime  # of day 0
    requests: list[str] = field(default_factory=list)  # ids of the day's lists
    sources: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Number the courses by what the platform calls them."""
        self.places = {key: place for place, key in enumerate(self.courses.keys)}
        self.sender = Sender(self.courses, self.names, uuid5(NAMESPACE_URL, self.begin.isoformat()))

    def _post(self, path: str, body: object, at: datetime) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self.key}", "x-northway-now": at.isoformat()}
        answer = self.client.post(path, body, content_type="application/json", headers=headers)
        assert answer.status_code < 300, answer.content
        return dict(answer.json())

    def __call__(self, who: Ints, second: NDArray[np.float64], day: int) -> Ints:
        """Ask for a list each."""
        lists = np.full((len(who), SHOWN), NONE)
        self.requests = []
        for row, (learner, at) in enumerate(zip(who.tolist(), second.tolist(), strict=True)):
            body = {"learner": self.names[learner], "surface": "home", "unit": "course", "k": SHOWN}
            moment = self.begin + timedelta(days=day, seconds=at)
            told = self._post("/personalize/v1/recommendations", body, moment)
            places = [self.places[item["course"]] for item in told["items"]]
            lists[row, : len(places)] = places
            self.requests.append(told["request_id"])
            self.sources[told["source"]] += 1
        return lists

    def take(self, events: Events, day: int) -> None:
        """Send a day's events when it is over."""
        begin = self.begin + timedelta(days=day)
        sent = begin + timedelta(days=1)
        bodies = self.sender.bodies(events, day=day, begin=begin, requests=self.requests)
        for start in range(0, len(bodies), BATCH):
            body = {"sent_at": sent.isoformat(), "batch": bodies[start : start + BATCH]}
            told = self._post("/signals/v1/batch", body, sent)
            assert not told["quarantined"], told["errors"]
        self.requests = []


def import_courses(courses: Courses, path: Path) -> None:
    """Bring in the lab's catalogue as any other."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        head = ("course", "title", "field", "level", "prerequisites", "module", "position")
        writer.writerow((*head, "module_title", "minutes", "format"))
        for place, key in enumerate(courses.keys):
            needs = ";".join(courses.keys[n] for n in np.flatnonzero(courses.needs[place]))
            about = (key, key, FIELDS[courses.field[place]], LEVELS[courses.step[place]], needs)
            for at in range(1, int(courses.modules[place]) + 1):
                minutes = int(courses.minutes[place])
                writer.writerow((*about, f"{key}/{at}", at, f"Part {at}", minutes, "video"))
    call_command("import_catalogue", str(path), verbosity=0, stdout=StringIO())


def opened(lab: Lab, folder: Path, *, quiet: int, after: int) -> Served:
    """Return the product with the catalogue and a key, at the beginning of a world."""
    import_courses(lab.courses, folder / "courses.csv")
    end = datetime.now(UTC).replace(hour=0, minute=0)  # noqa: TID251  a world ends today
    begin = end - timedelta(days=quiet + after)
    key = api.create_key(
        "lab", scopes=["capture", "backfill", "recommend"], days=365, actor=SYSTEM, now=begin
    )
    names = [f"member-{number:05}" for number in range(lab.people.n)]
    return Served(Client(), key, lab.courses, names, begin)


def run(lab: Lab, served: Served, *, quiet: int, after: int) -> Readout:
    """Play a world to the end of the first experiment and return what it says."""
    for day in range(quiet):
        served.take(days.live(lab, None), day)
    start = served.begin + timedelta(days=quiet)
    told = StringIO()
    call_command("ensure_experiments", now=start.isoformat(), stdout=told)
    call_command("retrain", now=start.isoformat(), stdout=told)
    for passed in range(after):
        served.take(days.live(lab, served), quiet + passed)
        night = (start + timedelta(days=passed + 1)).isoformat()
        call_command("watch_experiments", now=night, stdout=told)
        call_command("read_experiments", now=night, stdout=told)
    return readout(FIRST_EXPERIMENT, now=start + timedelta(days=after))


def told_of(truth: str, found: Readout, sources: Counter[str]) -> str:
    """Return what an experiment came to as a line."""
    effects = [
        f"{one.metric} {one.control_mean:.3f} against {one.variant_mean:.3f}, "
        f"difference {one.low:+.3f} to {one.high:+.3f}"
        for one in found.effects
    ]
    return f"{truth}: {found.state}, {found.advice}; {'; '.join(effects)}; lists {dict(sources)}"


@pytest.mark.prove
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("truth", sorted(TRUTHS))
def test_the_whole_product_in_a_lab(
    truth: str, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DEMO_CLOCK = True
    lab = days.begin(truth, n=LEARNERS, days=QUIET + AFTER, seed=1)
    served = opened(lab, tmp_path, quiet=QUIET, after=AFTER)
    found = run(lab, served, quiet=QUIET, after=AFTER)
    with capsys.disabled():
        print(told_of(truth, found, served.sources))  # noqa: T201  what is asked for
        print(found.sentence)  # noqa: T201
    assert served.sources[Source.MODEL] > 0
    assert found.trustworthy
