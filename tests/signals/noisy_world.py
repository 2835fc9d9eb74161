"""A demo world played in memory, and noise to plant in it: programs, test accounts, slips."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID, uuid5

import msgspec
import numpy as np
import pytest

from demo import catalogue, choice, learners, world, worlds
from demo.diary import Event
from demo.play import Play
from demo.product import Product
from demo.state import Keeper
from demo.worlds import Plan
from signals.capture import intake
from signals.capture.contract import decode
from signals.capture.intake import Sender
from signals.models import Course, Module, Source

if TYPE_CHECKING:
    from demo.client import Client

WORLD = world.build(catalogue.read_courses())
END = datetime(2026, 11, 20, 12, tzinfo=UTC)
BATCH = 4000
SHARE = (
    0.05  # of accounts that are programs, of accounts that are tests, of openings that are slips
)
_SPACE = UUID("f3b8a9c4-6d0e-4b7a-9c55-0c1d2e3f4a5b")
TEST_NAMES = ("test-{}", "qa.{}@school.org", "e2e-runner-{}", "u{}@example.com", "testuser{}")


@dataclass
class AnyList:
    """Answers as the product does, with lists in no order, and keeps the events."""

    rng: np.random.Generator
    events: list[Event] = field(default_factory=list)

    def post(self, path: str, data: Any, *, headers: Mapping[str, str]) -> Any:
        if path == "/personalize/v1/recommendations":
            keys = self.rng.permutation(sorted(WORLD.courses))[:12].tolist()
            asked = f"{data['learner']}/{headers['X-Northway-Now']}"
            return {
                "request_id": str(uuid5(_SPACE, asked)),
                "items": [{"course": key} for key in keys],
            }
        self.events += data["batch"]
        return {"quarantined": 0, "errors": []}


def clean_world(folder: Path, patch: pytest.MonkeyPatch, *, people: int, days: int) -> list[Event]:
    """Return the events of a world of people alone, who never slip."""
    patch.setattr(learners, "BOTS", 0.0)
    patch.setattr(choice, "SLIP", 0.0)
    plan, keeper = Plan("noisy", people, days, "p-", nights=()), Keeper(folder)
    told = AnyList(np.random.default_rng(11))
    play = Play(
        world=WORLD,
        state=worlds.resume(plan, WORLD, keeper, end=END),
        product=Product(cast("Client", told), "nw_key", connections=1),
        keeper=keeper,
    )
    list(play.days(days))
    return told.events


@dataclass(frozen=True)
class Noise:
    """What was planted, and the truth about it."""

    events: list[Event]
    crawled: list[Event]  # that come with the agent of a crawler
    programs: frozenset[str]
    tests: frozenset[str]
    slips: frozenset[tuple[str, float, str]]  # learner, seconds since 1970, course


def plant(clean: list[Event], rng: np.random.Generator, *, days: int) -> Noise:
    """Return noise for a clean world."""
    people = len({event["learner"] for event in clean})
    each = round(people * SHARE)
    begin = END - timedelta(days=days)
    events: list[Event] = []
    crawled: list[Event] = []
    programs = [f"x-{number}" for number in range(each)]
    for number, name in enumerate(programs):
        sort = number % 4
        told = _program(name, sort, begin + timedelta(days=float(rng.uniform(0, days - 2))), rng)
        (crawled if sort == CALLS_ITSELF else events).extend(told)
    tests = [TEST_NAMES[number % len(TEST_NAMES)].format(number) for number in range(each)]
    for name in tests:
        events += _test_account(name, begin + timedelta(days=float(rng.uniform(0, days - 2))), rng)
    slips = _slips(clean, rng)
    return Noise(
        events=events + slips,
        crawled=crawled,
        programs=frozenset(programs),
        tests=frozenset(tests),
        slips=frozenset(
            (slip["learner"], seconds(slip["occurred_at"]), slip["course"]) for slip in slips
        ),
    )


STEADY, HASTY, SLEEPLESS, CALLS_ITSELF = range(4)


def _program(name: str, sort: int, at: datetime, rng: np.random.Generator) -> list[Event]:
    """Return what a program does: at equal intervals, too fast, day and night, or by name."""
    count = {STEADY: 60, HASTY: 400, SLEEPLESS: 160, CALLS_ITSELF: 50}[sort]
    gaps = {
        STEADY: np.full(count, float(rng.integers(2, 30))),
        HASTY: rng.exponential(0.45, size=count),
        SLEEPLESS: rng.uniform(300, 1200, size=count),
        CALLS_ITSELF: rng.exponential(40.0, size=count),
    }[sort]
    keys = rng.choice(sorted(WORLD.courses), size=count).tolist()
    kinds = rng.choice(["course.viewed", "course.enrolled"], p=[0.7, 0.3], size=count).tolist()
    return [
        _event(name, kind, at + timedelta(seconds=float(since)), course=key)
        for kind, key, since in zip(kinds, keys, np.cumsum(gaps), strict=True)
    ]


def _test_account(name: str, at: datetime, rng: np.random.Generator) -> list[Event]:
    """Return what somebody does who tries things out, at the pace of a person."""
    told = []
    for key in rng.choice(sorted(WORLD.courses), size=12, replace=False).tolist():
        at += timedelta(seconds=float(rng.uniform(20, 200)))
        told.append(_event(name, "course.viewed", at, course=key))
        told.append(_event(name, "course.enrolled", at + timedelta(seconds=9), course=key))
    return told


def _slips(clean: list[Event], rng: np.random.Generator) -> list[Event]:
    """Open a wrong course shortly before what somebody really did; one in twenty openings."""
    touched: dict[str, set[str]] = {}
    for event in clean:
        touched.setdefault(event["learner"], set()).add(event["course"])
    openings = sum(event["kind"] == "course.viewed" for event in clean)
    places = rng.choice(len(clean), size=round(openings * SHARE), replace=False)
    slips = []
    for place in places.tolist():
        real = clean[place]
        wrong = sorted(set(WORLD.courses) - touched[real["learner"]])
        if wrong:
            before = timedelta(seconds=round(float(rng.uniform(0.3, 2.8)), 1))
            at = datetime.fromisoformat(real["occurred_at"]) - before
            key = str(rng.choice(wrong))
            touched[real["learner"]].add(key)
            slips.append(_event(real["learner"], "course.viewed", at, course=key))
    return slips


def patient(name: str, at: datetime, rng: np.random.Generator) -> list[Event]:
    """Return a program that keeps a person's pace and never the same interval."""
    return [
        _event(name, "course.viewed", at + timedelta(seconds=float(since)), course=key)
        for key, since in zip(
            rng.choice(sorted(WORLD.courses), size=60).tolist(),
            np.cumsum(rng.gamma(2.0, 15.0, size=60)),
            strict=True,
        )
    ]


def _event(name: str, kind: str, at: datetime, **more: object) -> Event:
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    moment = at.isoformat()
    return {
        "id": str(uuid5(_SPACE, f"{name}/{kind}/{moment}/{more}")),
        "kind": kind,
        "learner": name,
        "occurred_at": moment,
        "context": {},
        **more,
    }


def seconds(moment: str) -> float:
    """Return seconds since 1970, to the millisecond."""
    return round(datetime.fromisoformat(moment).timestamp(), 3)


def open_school() -> int:
    """Make the courses of the world and return the source that sends about them."""
    for course in WORLD.courses.values():
        made = Course.objects.create(
            external_id=course.key,
            slug=course.key,
            title=course.title,
            field=course.field,
            minutes=course.minutes,
            created_at=END,
            updated_at=END,
        )
        Module.objects.bulk_create(
            Module(
                course=made,
                external_id=module.key,
                position=place,
                title=module.key,
                minutes=module.minutes,
                format=module.format,
            )
            for place, module in enumerate(course.modules, start=1)
        )
    return Source.objects.create(name="lms", title="LMS", created_at=END).pk


def deliver(events: Iterable[Event], *, source_id: int, crawler: bool = False) -> None:
    """Send events through the contract into the store, in no order."""
    told = list(events)
    order = np.random.default_rng(23).permutation(len(told))
    sender = Sender(source_id, backfill=True, crawler=crawler)
    for start in range(0, len(told), BATCH):
        part = [told[place] for place in order[start : start + BATCH]]
        body = msgspec.json.encode({"sent_at": END.isoformat(), "batch": part})
        result = intake.take(decode(body), sender=sender, now=END)
        assert result.accepted == len(part), result.errors[:3]
