"""Who are the simulated learners, and how does a day change them? (demo; pure)

Everything random comes from a generator made from (seed, learner, day), so that the same seed
gives the same people, and the order in which they are played does not matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from demo.world import GOALS, MISSING, World

WEEKLY_MINUTES = (260.0, 0.55)  # median and spread (log) of the time budget
ABILITY = (0.5, 0.17)
MOTIVATION = (0.68, 0.15)
JOINED_BEFORE = 0.75  # share who were there when the world began
JOINING_SHARE = 0.7  # of the days, during which the others join
SHARED_ACCOUNTS = 0.03
BOTS = 0.01
SWITCH_OFF = 0.04  # share who switch personalization off some day
HALF_LIFE_DAYS = 45.0  # of what has been learnt
RECOVERY = 0.82  # daily factor of being tired of a field
UNSEEING = 0.88  # daily factor of the memory of a card
HAZARD = 0.009  # daily chance of leaving for good at motivation 0.5
HAZARD_SLOPE = 5.0
ACTIVITY = 1.1  # chance of coming on a day, at full motivation with the budget untouched
SESSION_MINUTES = (2.4, 22.0)  # shape and scale of the time somebody has
WEEKEND = 0.75  # factor of activity on Saturday and Sunday


@dataclass(slots=True)
class Learner:
    """One person (or program): what they are, and what the days have made of them."""

    number: int
    external: str
    kind: str  # human, bot
    goals: tuple[str, ...]  # two on a shared account
    side_field: str
    weekly_minutes: float
    ability: float  # 0..1
    curiosity: float  # 0..1
    motivation: float  # 0..1
    joined: int  # day
    off_day: int  # when personalization is switched off; -1 never
    wish: int  # index in MISSING; -1 none
    gone: bool = False
    events: int = 0  # sent so far
    week_used: float = 0.0
    mastery: dict[str, float] = field(default_factory=dict)
    tired: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)  # recent impressions by course
    done: list[str] = field(default_factory=list)
    left_courses: list[str] = field(default_factory=list)
    current: dict[str, int] = field(default_factory=dict)  # course -> next module, 0-based
    led_by: dict[str, str] = field(default_factory=dict)  # course -> request id of the list


@dataclass(frozen=True, slots=True)
class Visit:
    """One coming of one learner: when (seconds into the day), for how long, by which door."""

    learner: Learner
    second: int
    minutes: float
    goal: str
    door: str  # home, search, explore, straight, crawl


def generator(seed: int, *path: int) -> np.random.Generator:
    """Return the generator of one place in the world, the same for the same seed."""
    return np.random.default_rng([seed, *path])


def population(world: World, *, n: int, days: int, seed: int, prefix: str) -> list[Learner]:
    """Draw n learners for a world of so many days; external ids are prefix + number."""
    return [
        _draw(world, number, days=days, rng=generator(seed, number), prefix=prefix)
        for number in range(1, n + 1)
    ]


def _draw(
    world: World, number: int, *, days: int, rng: np.random.Generator, prefix: str
) -> Learner:
    shares = np.array([goal.share for goal in GOALS])
    drawn = rng.choice(len(GOALS), size=2, replace=False, p=shares / shares.sum())
    shared = rng.random() < SHARED_ACCOUNTS
    bot = rng.random() < BOTS
    late = rng.random() > JOINED_BEFORE
    joined = int(rng.integers(1, max(2, int(days * JOINING_SHARE)))) if late else 0
    off_day = int(rng.integers(joined, days)) if rng.random() < SWITCH_OFF else -1
    median, spread = WEEKLY_MINUTES
    return Learner(
        number=number,
        external=f"{prefix}{number:04d}",
        kind="bot" if bot else "human",
        goals=tuple(GOALS[index].key for index in drawn[: 2 if shared else 1]),
        side_field=str(rng.choice(world.fields)),
        weekly_minutes=float(median * np.exp(rng.normal(0, spread))),
        ability=float(np.clip(rng.normal(*ABILITY), 0.05, 0.95)),
        curiosity=float(rng.beta(2, 3)),
        motivation=float(np.clip(rng.normal(*MOTIVATION), 0.1, 0.98)),
        joined=joined,
        off_day=off_day,
        wish=_wish(rng),
    )


def _wish(rng: np.random.Generator) -> int:
    edges = np.cumsum([share for _, _, share in MISSING])
    place = int(np.searchsorted(edges, rng.random()))
    return place if place < len(MISSING) else -1


def next_day(world: World, learner: Learner, day: int, rng: np.random.Generator) -> None:
    """Let a night pass: forgetting, recovery, a new week's budget, and perhaps the last day."""
    learner.goals = tuple(_next_goal(world, learner, goal, rng) for goal in learner.goals)
    keep = 0.5 ** (1 / HALF_LIFE_DAYS)
    learner.mastery = {key: value * keep for key, value in learner.mastery.items()}
    learner.tired = {key: value * RECOVERY for key, value in learner.tired.items() if value > 0.02}
    learner.seen = {key: value * UNSEEING for key, value in learner.seen.items()}
    if (day - learner.joined) % 7 == 0:
        learner.week_used = 0.0
    hazard = HAZARD * np.exp(HAZARD_SLOPE * (0.5 - learner.motivation))
    if learner.kind == "human" and day > learner.joined and rng.random() < hazard:
        learner.gone = True


def _next_goal(world: World, learner: Learner, goal: str, rng: np.random.Generator) -> str:
    """Keep a goal until its route is behind, then want something else."""
    behind = {*learner.done, *learner.left_courses}
    if not world.routes[goal] <= behind:
        return goal
    open_goals = [key for key, route in world.routes.items() if not route <= behind]
    return str(rng.choice(open_goals)) if open_goals else goal


def visit(learner: Learner, *, weekday: int, rng: np.random.Generator) -> Visit | None:
    """Return today's coming, or None for a day without (weekday 0 is Monday)."""
    if learner.gone:
        return None
    second = int(np.clip(rng.normal(0.66, 0.16), 0.05, 0.9) * 86_400)
    if learner.kind == "bot":
        return Visit(learner, second, 10.0, "", "crawl") if rng.random() < 0.3 else None
    left = 1.0 - learner.week_used / learner.weekly_minutes
    calm = WEEKEND if weekday >= 5 else 1.0
    if rng.random() > ACTIVITY * calm * learner.motivation * max(0.06, left):
        return None
    shape, scale = SESSION_MINUTES
    minutes = float(np.clip(rng.gamma(shape, scale), 6.0, 120.0))
    goal = str(rng.choice(learner.goals))
    return Visit(learner, second, minutes, goal, _door(learner, rng))


def _door(learner: Learner, rng: np.random.Generator) -> str:
    """Say how somebody comes in; who is in the middle of a course often goes straight on."""
    weights = (0.5, 0.08, 0.07, 0.35) if learner.current else (0.62, 0.19, 0.19, 0.0)
    return str(rng.choice(("home", "search", "explore", "straight"), p=weights))


def visits(
    world: World, learners: list[Learner], *, day: int, weekday: int, seed: int
) -> Iterator[Visit]:
    """Let the night before `day` pass for everybody, and yield who comes, by learner."""
    for learner in learners:
        if learner.joined > day or learner.gone:
            continue
        rng = generator(seed, learner.number, day, 0)
        next_day(world, learner, day, rng)
        coming = visit(learner, weekday=weekday, rng=rng)
        if coming:
            yield coming
