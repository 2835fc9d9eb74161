"""Who comes to the demo's world, what would they say at the start, and what do they then choose?

The world is the demo's own, with all its courses: nothing in it knows of questions or paths. What
a newcomer would say is their goal's name in words, or the subject of what they want to do first.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from demo import behaviour, catalogue, learners, world
from demo.diary import Diary, Scene, namespace
from demo.learners import Learner

SEED = 20_261_121
PAST, NEW = 600, 200  # learners who make what is popular, and newcomers after them
DAYS = 28
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A newcomer: their goal in words, its first subject, and the courses they then choose."""

    says: str
    subject: str
    chooses: frozenset[str]


def chosen(people: Iterable[Learner], here: world.World) -> Mapping[int, frozenset[str]]:
    """Return what people choose of themselves in four weeks, by searching and looking around."""
    crowd = list(people)
    found: dict[int, set[str]] = {person.number: set() for person in crowd}
    for day in range(DAYS):
        for visit in learners.visits(here, crowd, day=day, weekday=day % 7, seed=SEED):
            found[visit.learner.number].update(_enrolled(here, visit, day))
    return {number: frozenset(courses) for number, courses in found.items()}


def _enrolled(here: world.World, visit: learners.Visit, day: int) -> Iterator[str]:
    diary = Diary(
        external=visit.learner.external,
        session=f"{visit.learner.number}/{day}",
        at=BEGIN + timedelta(days=day),
        namespace=namespace("newcomers", SEED),
    )
    rng = learners.generator(SEED, visit.learner.number, day, 1)
    for event in behaviour.live(Scene(here, visit, diary, rng), None):
        if event["kind"] == "course.enrolled" and not event["context"].get("mandatory"):
            yield str(event["course"])


def drawn() -> tuple[Counter[str], list[Newcomer], list[frozenset[str]]]:
    """Return how often each course was taken before, the newcomers, and who took what before."""
    here = world.build(catalogue.read_courses())
    everybody = [
        person
        for person in learners.population(here, n=PAST + NEW, days=DAYS, seed=SEED, prefix="n-")
        if person.kind == "human"
    ]
    for person in everybody:
        person.joined = 0
    goals = {person.number: person.goals[0] for person in everybody}
    took = chosen(everybody, here)
    targets = {goal.key: goal.targets for goal in world.GOALS}
    new = [
        Newcomer(
            says=goals[number].replace("-", " "),
            subject=here.courses[targets[goals[number]][0]].field,
            chooses=courses,
        )
        for number, courses in took.items()
        if number > PAST and courses
    ]
    past = [courses for number, courses in took.items() if number <= PAST]
    return Counter(course for courses in past for course in courses), new, past


def ndcg(shown: list[str], wanted: frozenset[str], *, k: int = 10) -> float:
    """Return NDCG@k of a list against the courses that were chosen (Jarvelin, 2002)."""
    gains = [1.0 / np.log2(place + 2) for place in range(k)]
    best = sum(gains[: len(wanted)])
    return float(sum(g for g, key in zip(gains, shown[:k], strict=False) if key in wanted) / best)
