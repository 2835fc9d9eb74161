"""Is a lab played once and only once against the product, whatever interrupts it? (demo)"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from demo import catalogue, lab_play
from demo.client import Client, ProductError
from demo.diary import Event
from demo.lab import days, keeping, shelves
from demo.lab.people import People
from demo.lab.truths import TRUTHS
from demo.lab_play import LabPlay
from demo.product import Product
from demo.state import Keeper
from demo.worlds import Plan, rival

PLAN = Plan("curious", 60, 6, "t-", nights=(), quiet_days=3, truth="curious")
END = datetime(2026, 3, 31, 12, tzinfo=UTC)
COURSES = shelves.of(PLAN.truth)


@dataclass
class FakeProduct:
    """Answers like the product, keeps what it was sent, and can be told to fail."""

    events: dict[str, Event] = field(default_factory=dict)
    asked: int = 0
    posts_left: int = 1_000_000

    def post(self, path: str, data: Any, *, headers: Mapping[str, str]) -> Any:
        self.posts_left -= 1
        if self.posts_left < 0:
            raise ProductError("gone")
        if path == "/personalize/v1/recommendations":
            self.asked += 1
            listed = [{"course": one.key} for one in COURSES[:12]]
            return {"request_id": f"{data['learner']}/{headers['X-Northway-Now']}", "items": listed}
        self.events |= {event["id"]: event for event in data["batch"]}
        return {"quarantined": 0, "errors": []}


def a_play(fake: FakeProduct, folder: Path) -> LabPlay:
    keeper = Keeper(folder)
    state, lab = lab_play.resume(PLAN, keeper, end=END)
    product = Product(cast("Client", fake), "nw_key", connections=2)
    return LabPlay(state, product, keeper, lab, PLAN.prefix, PLAN.quiet_days)


def test_lists_are_asked_for_once_the_quiet_days_are_over(tmp_path: Path) -> None:
    fake = FakeProduct()
    played = list(a_play(fake, tmp_path).days(PLAN.days))
    assert [day.slates > 0 for day in played] == [False] * 3 + [True] * 3
    assert sum(day.events for day in played) == len(fake.events) > 100
    shown = [event for event in fake.events.values() if event["kind"] == "rec.shown"]
    assert len(shown) == fake.asked
    assert all(one["context"]["request_id"].startswith(one["learner"]) for one in shown)


def starts_until_it_ends(fake: FakeProduct, folder: Path, *, posts_each_time: int) -> int:
    for start in range(1, 200):
        fake.posts_left = posts_each_time
        try:
            list(a_play(fake, folder).days(PLAN.days))
        except ProductError:
            continue
        return start
    raise AssertionError("it never ended")


def test_an_interrupted_lab_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    whole, broken = FakeProduct(), FakeProduct()
    list(a_play(whole, tmp_path / "whole").days(PLAN.days))
    assert starts_until_it_ends(broken, tmp_path / "broken", posts_each_time=13) > 2
    assert broken.events == whole.events


def test_a_lab_is_taken_up_again_as_it_was_put_down(tmp_path: Path) -> None:
    lab = days.begin("social", n=40, days=9, seed=4)
    days.live(lab, None)
    keeping.save(lab, tmp_path / "lab.npz")
    again = keeping.load(tmp_path / "lab.npz")
    assert (again.truth, again.day) == (lab.truth, lab.day)
    assert np.array_equal(days.live(again, None).second, days.live(lab, None).second)
    for one in fields(People):
        assert np.array_equal(getattr(again.people, one.name), getattr(lab.people, one.name))


@pytest.mark.parametrize("truth", sorted(TRUTHS))
def test_the_catalogue_of_a_lab_is_that_of_its_courses(truth: str, tmp_path: Path) -> None:
    told = shelves.of(truth)
    courses = days.begin(truth, n=1, days=1, seed=1).courses
    assert tuple(one.key for one in told) == courses.keys
    assert [len(one.modules) for one in told] == courses.modules.tolist()
    assert [len(one.prerequisites) for one in told] == courses.needs.sum(axis=1).tolist()
    assert len({one.title for one in told}) == len(told)
    assert catalogue.write_csv(told, tmp_path / "c.csv") == courses.modules.sum()


def test_a_rival_world_is_long_enough_for_all_looks_of_the_first_experiment() -> None:
    plan = rival("null")
    looks = [night - plan.quiet_days for night in plan.nights]
    assert looks == [0, 7, 14, 21, 28]
    assert plan.nights[-1] == plan.days
