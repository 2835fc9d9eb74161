"""Is a world played once and only once, whatever interrupts it? (demo)"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from demo import catalogue, world, worlds
from demo.client import Client, ProductError
from demo.diary import Event
from demo.groups import KINDS, groups_of
from demo.play import Play
from demo.product import Product
from demo.state import Keeper, State
from demo.worlds import Plan

PLAN = Plan("test", 40, 6, "t-", nights=())
END = datetime(2026, 3, 31, 12, tzinfo=UTC)
WORLD = world.build(catalogue.read_courses())


@dataclass
class FakeProduct:
    """Answers like the product, keeps what it was sent, and can be told to fail."""

    events: dict[str, Event] = field(default_factory=dict)
    moments: list[datetime] = field(default_factory=list)
    groups: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: int = 0
    posts_left: int = 1_000_000
    refused: int = 0

    def post(self, path: str, data: Any, *, headers: Mapping[str, str]) -> Any:
        self.posts_left -= 1
        if self.posts_left < 0:
            raise ProductError("gone")
        self.moments.append(datetime.fromisoformat(headers["X-Northway-Now"]))
        if path == "/personalize/v1/recommendations":
            self.asked += 1
            items = [{"course": key} for key in list(WORLD.courses)[:12]]
            return {"request_id": f"request-{self.asked}", "items": items}
        if path == "/signals/v1/groups":
            self.groups[data["learner"]] = {kind: data[kind] for kind in KINDS}
            return data
        self.events |= {event["id"]: event for event in data["batch"]}
        return {"quarantined": self.refused, "errors": ["refused"]}


def a_play(fake: FakeProduct, folder: Path, *, plan: Plan = PLAN) -> Play:
    keeper = Keeper(folder)
    return Play(
        world=WORLD,
        state=worlds.resume(plan, WORLD, keeper, end=END),
        product=Product(cast("Client", fake), "nw_key", connections=2),
        keeper=keeper,
        quiet_before=plan.quiet_days,
    )


def play_until_it_ends(fake: FakeProduct, folder: Path, *, posts_each_time: int) -> int:
    """Start again after each failure; return how many starts it took."""
    for start in range(1, 500):
        fake.posts_left = posts_each_time
        try:
            list(a_play(fake, folder).days(PLAN.days))
        except ProductError:
            continue
        return start
    raise AssertionError("it never ended")


def timeless(events: Mapping[str, Event]) -> dict[str, tuple[str, str]]:
    return {key: (event["kind"], event["learner"]) for key, event in events.items()}


def test_all_days_are_played_and_end_at_the_chosen_moment(tmp_path: Path) -> None:
    fake = FakeProduct()
    days = list(a_play(fake, tmp_path).days(PLAN.days))
    assert [day.day for day in days] == list(range(PLAN.days))
    assert sum(day.events for day in days) == len(fake.events) > 100
    assert max(fake.moments) <= END
    assert min(fake.moments) >= END - timedelta(days=PLAN.days)


def test_the_platform_says_of_everybody_of_what_kind_they_are(tmp_path: Path) -> None:
    fake = FakeProduct()
    play = a_play(fake, tmp_path)
    play.tell_kinds()
    assert fake.groups == {one.external: groups_of(one.external) for one in play.state.learners}
    assert set(fake.moments) == {play.state.epoch}


def test_kinds_come_about_as_often_as_is_planned() -> None:
    told = [groups_of(f"learner-{n}") for n in range(2_000)]
    for kind, groups in KINDS.items():
        for group, share in groups:
            found = sum(one[kind] == group for one in told) / 20
            assert abs(found - share) < 4


def test_an_interrupted_world_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    whole, broken = FakeProduct(), FakeProduct()
    list(a_play(whole, tmp_path / "whole").days(PLAN.days))
    starts = play_until_it_ends(broken, tmp_path / "broken", posts_each_time=25)
    assert starts > 2
    assert timeless(broken.events) == timeless(whole.events)


def test_a_day_that_was_decided_is_sent_again_as_it_was(tmp_path: Path) -> None:
    fake = FakeProduct()
    play = a_play(fake, tmp_path)
    play.keeper.save(play.state)
    decided = next(play.days(1))
    first = dict(fake.events)
    state = play.keeper.load()
    assert state is not None
    play.keeper.decide(state, list(first.values()))
    fake.events.clear()
    list(a_play(fake, tmp_path).days(1))
    assert fake.events == first
    assert len(first) == decided.events


def test_a_refused_event_stops_the_play_and_says_why(tmp_path: Path) -> None:
    fake = FakeProduct(refused=1)
    with pytest.raises(ProductError, match="refused"):
        list(a_play(fake, tmp_path).days(1))


def test_before_the_product_came_nobody_is_shown_anything(tmp_path: Path) -> None:
    fake = FakeProduct()
    quiet = Plan("test", 40, 6, "t-", nights=(), quiet_days=4)
    days = list(a_play(fake, tmp_path, plan=quiet).days(PLAN.days))
    assert [day.slates for day in days[:4]] == [0] * 4
    assert sum(day.slates for day in days[4:]) == fake.asked > 0
    assert all(day.events > 0 for day in days)


def test_state_survives_being_written_and_read(tmp_path: Path) -> None:
    state = worlds.begin(PLAN, WORLD, end=END)
    keeper = Keeper(tmp_path)
    keeper.save(state)
    assert keeper.load() == state


@pytest.mark.parametrize(
    ("change", "due"),
    [
        (lambda state: state.epoch, 0),
        (lambda state: state.epoch + timedelta(hours=47), 1),
        (lambda state: END + timedelta(days=3), PLAN.days + 3),
    ],
)
def test_days_become_due_as_time_passes(change: Callable[[State], datetime], due: int) -> None:
    state = worlds.begin(PLAN, WORLD, end=END)
    assert state.due(change(state)) == due
