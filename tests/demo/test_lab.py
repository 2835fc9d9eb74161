"""Do the worlds of the lift lab do what they say, and the same each time? (demo)"""

from dataclasses import fields
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pytest

from demo.lab import courses, days, people, studying
from demo.lab.days import SHOWN
from demo.lab.events import NAMES, NONE, Diary, Events, Kind, Sender
from demo.lab.truths import TRUTHS

COURSES = courses.build()
ANYBODY = np.arange(60)


def lab(truth: str = "goal-driven", *, n: int = 60, seed: int = 1) -> days.Lab:
    return days.begin(truth, n=n, days=30, seed=seed)


def played(world: days.Lab, n: int) -> list[Events]:
    return [days.live(world, None) for _ in range(n)]


def appeals(world: days.Lab) -> np.ndarray:
    goal = world.people.goals[:, 0]
    who = np.arange(world.people.n)
    return TRUTHS[world.truth](world.people, world.courses, who, goal, world.rng)


def same(one: Events, other: Events) -> bool:
    return all(
        np.array_equal(getattr(one, f.name), getattr(other, f.name), equal_nan=True)
        for f in fields(Events)
    )


@pytest.mark.parametrize("truth", sorted(TRUTHS))
def test_the_same_seed_plays_the_same_days(truth: str) -> None:
    once, again = played(lab(truth), 8), played(lab(truth), 8)
    assert all(same(a, b) for a, b in zip(once, again, strict=True))
    assert sum(len(day.kind) for day in once) > 40


def test_another_seed_plays_other_days() -> None:
    assert not same(played(lab(seed=1), 1)[0], played(lab(seed=2), 1)[0])


def test_every_goal_can_be_reached_from_nothing() -> None:
    for route in COURSES.routes:
        reached = np.zeros(COURSES.n, bool)
        for _ in range(int(route.sum())):
            reached |= route & ~(COURSES.needs & ~reached).any(axis=1)
        assert (reached == route).all()


def test_goals_lead_through_more_than_one_field() -> None:
    assert all(len(set(COURSES.field[route])) > 1 for route in COURSES.routes)


def test_a_course_appeals_only_once_what_it_needs_is_mastered() -> None:
    world = lab()
    course = int(np.flatnonzero(COURSES.needs.any(axis=1))[0])
    world.people.goals[:] = int(np.flatnonzero(COURSES.routes[:, course])[0])
    before = appeals(world)[:, course]
    world.people.mastery[:, COURSES.needs[course]] = 0.9
    assert (appeals(world)[:, course] > 10 * before).all()
    assert (before > 0).all()


def test_the_third_colleague_adds_nothing() -> None:
    world = lab("social")
    world.people.whim[:] = 1
    found = []
    for took in (0, 1, 2, 3):
        world.people.talk[:, 0] = took
        found.append(float(appeals(world)[:, 0].max()))
    assert found[0] < found[1] < found[2] == found[3]


def test_two_courses_of_a_field_are_enough_for_the_curious() -> None:
    world = lab("curious")
    folk = world.people
    begins = [np.flatnonzero((COURSES.field == f) & (COURSES.step == 0))[:2] for f in range(8)]
    pair = np.array(begins)[folk.trails[folk.trail, 0]]
    rows = np.arange(folk.n)
    folk.done[rows, pair[:, 0]] = True
    folk.open[rows, pair[:, 1]] = True
    folk.progress[rows, pair[:, 1]] = COURSES.modules[pair[:, 1]] - 1
    studying.study(folk, world.courses, a_visit_each(world), Diary(), world.rng)
    second = folk.done[rows, pair[:, 1]]
    assert second.any()
    assert folk.on_trail.tolist() == second.astype(int).tolist()


def test_equal_cards_are_taken_less_often_further_down() -> None:
    rng = np.random.default_rng(11)
    offered = np.tile(np.arange(SHOWN), (6_000, 1))
    taken, _ = days.choose(np.full((6_000, SHOWN), 0.8), offered, np.full(6_000, 0.95), rng)
    counts = np.bincount(taken[taken != NONE], minlength=SHOWN)
    assert counts[0] > 1.5 * counts[5] > 0
    assert counts[0] > 2.2 * counts[11] > 0


def test_a_list_without_appeal_is_left_alone_but_for_accidents() -> None:
    rng = np.random.default_rng(12)
    offered = np.tile(np.arange(SHOWN), (4_000, 1))
    taken, slips = days.choose(np.zeros((4_000, SHOWN)), offered, np.full(4_000, 0.95), rng)
    assert (slips | (taken == NONE)).all()
    assert 0 < slips.sum() < 2 * days.SLIP * 4_000


def test_taste_of_the_moment_has_nothing_to_do_with_the_past() -> None:
    before, after = lab("null"), lab("null")
    after.people.done[:, :50] = True
    after.people.mastery[:] = 1.0
    assert np.array_equal(appeals(before), appeals(after))


def test_bait_takes_time_and_leads_nowhere() -> None:
    world = lab("clickbait", n=300)
    events = played(world, 20)
    short = np.flatnonzero(world.courses.short)
    finished = [course for day in events for course in day.of(Kind.FINISHED).course.tolist()]
    opened = [course for day in events for course in day.of(Kind.VIEWED).course.tolist()]
    assert not set(finished) & set(short.tolist())
    assert np.isin(opened, short).mean() > 0.2


def test_low_motivation_makes_leaving_likelier() -> None:
    def gone(motivation: float) -> int:
        world = lab(n=4_000)
        world.people.motivation[:] = motivation
        people.night(world.people, world.courses, day=99, rng=world.rng)
        return int(world.people.gone.sum())

    assert gone(0.1) > 5 * gone(0.9)


def test_a_spent_week_leaves_few_visits() -> None:
    def here(used: float) -> int:
        world = lab(n=4_000)
        world.people.week_used = used * world.people.weekly
        return len(people.coming(world.people, day=20, rng=world.rng))

    assert here(1.0) < here(0.0) / 5


def test_what_is_shown_clicked_and_begun_names_its_list() -> None:
    world = lab(n=200)

    def lists(who: courses.Ints, second: courses.Floats, day: int) -> courses.Ints:
        return np.tile(np.arange(SHOWN), (len(who), 1))

    day = days.live(world, lists)
    shown, clicked = day.of(Kind.SHOWN), day.of(Kind.CLICKED)
    assert sorted(shown.slate.tolist()) == list(range(len(shown.slate)))
    assert set(clicked.slate.tolist()) < set(shown.slate.tolist())
    by_list = dict(zip(shown.slate.tolist(), shown.learner.tolist(), strict=True))
    pairs = zip(clicked.slate.tolist(), clicked.learner.tolist(), strict=True)
    assert all(by_list[slate] == learner for slate, learner in pairs)


def test_events_are_told_in_the_words_of_the_product_with_ids_of_their_own() -> None:
    world = lab(n=80)
    begin = datetime(2026, 3, 2, tzinfo=UTC)
    sender = Sender(
        courses=world.courses,
        names=[f"l-{n}" for n in range(80)],
        namespace=uuid5(NAMESPACE_URL, "lab"),
    )
    days_told = [
        sender.bodies(events, day=day, begin=begin, requests=())
        for day, events in enumerate(played(world, 4))
    ]
    told = [body for day in days_told for body in day]
    assert len({body["id"] for body in told}) == len(told) > 100
    assert {body["kind"] for body in told} <= set(NAMES)
    assert all(0 <= body["value"] <= 1 for body in told if body["value"] is not None)


def a_visit_each(world: days.Lab) -> studying.Visits:
    n = world.people.n
    return studying.Visits(
        np.arange(n), np.full(n, 40_000.0), np.full(n, 30.0), world.people.goals[:, 0]
    )
