"""Do the simulated learners behave as people would, and as no model assumes? (demo)"""

import ast
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import demo
from demo import behaviour, catalogue, choice, learners, world
from demo.diary import Diary, Event, Scene, Slate, namespace
from demo.learners import Learner

ALLOWED = frozenset(sys.stdlib_module_names) | {"numpy", "demo"}
WORLD = world.build(catalogue.read_courses())
START = datetime(2026, 3, 2, tzinfo=UTC)


def sources() -> list[Path]:
    return sorted(Path(demo.__file__).parent.rglob("*.py"))


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def somebody(**changes: object) -> Learner:
    about: dict[str, object] = {
        "number": 1,
        "external": "x-0001",
        "kind": "human",
        "goals": ("data-analyst",),
        "side_field": "Science",
        "weekly_minutes": 200.0,
        "ability": 0.5,
        "curiosity": 0.3,
        "motivation": 0.7,
        "joined": 0,
        "off_day": -1,
        "wish": -1,
    }
    return Learner(**(about | changes))  # type: ignore[arg-type]


def likes(learner: Learner, key: str) -> float:
    return world.appeal(WORLD, learner, WORLD.courses[key], learner.goals[0])


def played(*, seed: int, days: int = 6, n: int = 60) -> list[Event]:
    people = learners.population(WORLD, n=n, days=days, seed=seed, prefix="x-")
    names = namespace("test", seed)
    events: list[Event] = []
    for day in range(days):
        for visit in learners.visits(WORLD, people, day=day, weekday=day % 7, seed=seed):
            rng = learners.generator(seed, visit.learner.number, day, 1)
            diary = Diary(visit.learner.external, f"{visit.learner.external}/{day}", START, names)
            fitting = tuple(sorted(WORLD.routes.get(visit.goal, WORLD.courses)))[:12]
            shown = Slate("0190", fitting) if behaviour.wants_slate(visit.door) else None
            events += behaviour.live(Scene(WORLD, visit, diary, rng), shown)
    return events


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.name)
def test_the_demo_world_imports_nothing_of_the_product(path: Path) -> None:
    assert imported(path) - ALLOWED == set()


def test_the_same_seed_plays_the_same_world() -> None:
    assert played(seed=3) == played(seed=3)


def test_another_seed_plays_another_world() -> None:
    ids = [{event["id"] for event in played(seed=seed)} for seed in (3, 4)]
    assert ids[0] & ids[1] == set()


def test_event_ids_never_repeat() -> None:
    events = played(seed=5)
    assert len({event["id"] for event in events}) == len(events)


def test_every_goal_can_be_reached_from_nothing() -> None:
    for route in WORLD.routes.values():
        reached: set[str] = set()
        for _ in route:
            reached |= {k for k in route if set(WORLD.courses[k].prerequisites) <= reached}
        assert reached == route


def test_equal_cards_are_taken_less_often_further_down() -> None:
    rng = np.random.default_rng(11)
    taken = Counter(choice.choose([0.8] * 12, rng).place for _ in range(4000))
    assert taken[0] > 1.5 * taken[5] > 0
    assert taken[0] > 2.5 * taken[11] > 0


def test_a_list_without_appeal_is_left_alone_but_for_accidents() -> None:
    rng = np.random.default_rng(12)
    choices = [choice.choose([0.0] * 12, rng) for _ in range(2000)]
    taken = [one for one in choices if one.place is not None]
    assert len(taken) / len(choices) < 2 * choice.SLIP
    assert all(one.slip for one in taken)


def test_even_the_best_list_may_be_left_alone() -> None:
    rng = np.random.default_rng(13)
    choices = [choice.choose([1.0] * 12, rng).place for _ in range(500)]
    assert 0 < choices.count(None) < 250


def test_an_empty_list_offers_no_choice() -> None:
    assert choice.choose([], np.random.default_rng(1)) == choice.Choice(None)


def test_a_course_appeals_only_once_its_prerequisites_are_mastered() -> None:
    before = likes(somebody(), "sql-for-analysis")
    after = likes(somebody(mastery={"spreadsheets-from-zero": 0.9}), "sql-for-analysis")
    assert after > 10 * before > 0


def test_a_finished_course_no_longer_appeals() -> None:
    assert likes(somebody(done=["spreadsheets-from-zero"]), "spreadsheets-from-zero") == 0


def test_being_tired_of_a_field_and_of_a_card_lowers_the_appeal() -> None:
    fresh = likes(somebody(), "spreadsheets-from-zero")
    assert likes(somebody(tired={"Data": 1.0}), "spreadsheets-from-zero") < fresh
    assert likes(somebody(seen={"spreadsheets-from-zero": 9.0}), "spreadsheets-from-zero") < fresh


def test_what_is_learnt_fades() -> None:
    learner = somebody(mastery={"sql-for-analysis": 0.8})
    for day in range(1, 46):
        learners.next_day(WORLD, learner, day, np.random.default_rng(day))
    assert learner.mastery["sql-for-analysis"] == pytest.approx(0.4)


def test_low_motivation_makes_leaving_likelier() -> None:
    def gone(motivation: float) -> int:
        people = [somebody(motivation=motivation) for _ in range(2000)]
        for number, one in enumerate(people):
            learners.next_day(WORLD, one, 1, learners.generator(9, number))
        return sum(one.gone for one in people)

    assert gone(0.1) > 5 * gone(0.9)


def test_a_spent_week_leaves_few_visits() -> None:
    def comings(used: float) -> int:
        learner = somebody(week_used=used)
        days = (learners.generator(8, day) for day in range(600))
        return sum(learners.visit(learner, weekday=1, rng=rng) is not None for rng in days)

    assert comings(200.0) < comings(0.0) / 5


def test_courses_are_found_by_search_and_on_shelves_too() -> None:
    events = played(seed=6, days=10, n=120)
    doors = Counter(e["context"]["referrer"] for e in events if e["kind"] == "course.viewed")
    assert min(doors[door] for door in ("home", "search", "explore")) > 40


def test_enough_learners_ask_for_what_is_not_taught() -> None:
    asked: dict[str, set[str]] = {}
    for event in played(seed=6, days=7, n=300):
        if event["kind"] == "search.performed" and event["value"] == 0:
            asked.setdefault(event["context"]["query"], set()).add(event["learner"])
    assert max(len(who) for who in asked.values()) >= 10
    assert {right for right, _, _ in world.MISSING} <= asked.keys()
