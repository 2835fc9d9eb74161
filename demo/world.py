"""What makes a course attractive to a simulated learner? The truth behind the world (demo; pure).

The truth is kept outside the family of any model that is trained on it: goals over the
prerequisite graph, gates and minima instead of dot products, and no weight between two courses.
Fixed names (goals, topics nobody teaches) are content; every number a learner is drawn from
stands at the top of `learners.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from demo.catalogue import Course

BORING = 0.6  # factor for a beginner course when the learner is far beyond it
FAR_BEYOND = 0.75  # ability from which that counts
OFF_ROUTE = 0.1  # purpose of a course that serves neither goal nor curiosity
NOT_YET = 0.35  # purpose of a course on the route whose turn has not come
UNREADY_FLOOR = 0.04  # even without prerequisites somebody tries
WORN_AFTER = 3  # recent impressions before a card wears out
WORN = 0.85  # factor for each further one
WEEKS_WANTED = 3  # a course that fits in so many weekly budgets is not too long


@dataclass(frozen=True, slots=True)
class Goal:
    """What somebody wants to be able to do, and the courses that end the route there."""

    key: str
    targets: tuple[str, ...]
    share: float  # of learners, before normalising


GOALS = (
    Goal("data-analyst", ("sql-for-analysis", "charts-that-answer", "inference-in-practice"), 3),
    Goal("machine-learning", ("machine-learning-basics", "git-for-small-teams"), 2),
    Goal("developer", ("testing-your-code", "git-for-small-teams", "web-pages-by-hand"), 2),
    Goal("designer", ("interface-design", "web-pages-by-hand"), 2),
    Goal("nurse", ("medication-safety", "wound-care-basics", "talking-with-patients"), 3),
    Goal("carer", ("infection-control", "vital-signs", "talking-with-patients"), 1.5),
    Goal("shop-owner", ("pricing-and-margins", "negotiation-practice", "clear-writing"), 2),
    Goal("team-lead", ("project-planning", "negotiation-practice", "speaking-to-a-room"), 2),
    Goal("report-writer", ("writing-reports", "charts-that-answer", "speaking-to-a-room"), 1.5),
    Goal("householder", ("electrical-safety-at-home", "soil-and-plants", "kitchen-chemistry"), 1.5),
    Goal("researcher", ("interviewing-users", "statistics-foundations", "writing-reports"), 1.5),
    Goal("stargazer", ("light-and-lenses", "kitchen-chemistry", "statistics-foundations"), 1),
    Goal("forecaster", ("forecasting-basics", "machine-learning-basics"), 1.5),
    Goal("founder", ("business-plan-from-numbers", "meetings-that-decide"), 2),
    Goal("surveyor", ("survey-design", "charts-that-answer", "writing-reports"), 1),
    Goal("system-designer", ("design-systems", "meetings-that-decide"), 1.5),
    Goal("energy-adviser", ("solar-at-home", "insulating-a-home"), 1.5),
    Goal("climate-explainer", ("reading-climate-data", "speaking-to-a-room"), 1),
    Goal("gardener", ("rain-for-the-garden", "weather-by-observation"), 1.5),
    Goal("maker", ("wood-joints", "bicycle-care"), 1.5),
    Goal("web-developer", ("web-apis-with-python", "interactive-pages"), 2),
    Goal("diabetes-nurse", ("diabetes-care-basics", "moving-people-safely"), 1.5),
    Goal("translator", ("translating-plainly", "learning-words-that-stay"), 1.5),
    Goal("speaker-of-german", ("german-cases", "learning-words-that-stay"), 1.5),
    Goal("reads-german", ("angebote-kalkulieren", "bohren-und-duebeln"), 1),
    Goal("reads-spanish", ("hojas-de-calculo-en-casa", "hidratacion-en-mayores"), 1),
    Goal("reads-arabic", ("rasail-amal-wadiha",), 0.5),
)
# What is wanted and not taught here, with the share of learners who want it. Creators see it
# as demand without supply.
MISSING = (
    ("excel macros", "exel macros", 0.16),
    ("pottery", "potery", 0.14),
    ("sign language", "sign langauge", 0.13),
    ("first aid for children", "first aid children", 0.11),
    ("podcast recording", "podcast recoding", 0.09),
)
COMMON_SLIPS = {"python": "pyton", "spreadsheets": "spredsheets", "negotiation": "negociation"}


class Chooser(Protocol):
    """What the truth needs to know about a learner."""

    ability: float
    curiosity: float
    side_field: str
    weekly_minutes: float
    mastery: dict[str, float]
    tired: dict[str, float]
    seen: dict[str, float]
    done: list[str]
    left_courses: list[str]


@dataclass(frozen=True)
class World:
    """The courses and, for every goal, the route through them."""

    courses: Mapping[str, Course]
    routes: Mapping[str, frozenset[str]]
    fields: tuple[str, ...]
    words: Mapping[str, frozenset[str]] = field(repr=False)


def build(courses: Iterable[Course]) -> World:
    """Return the world over these courses; raise KeyError when a goal names an unknown one."""
    found = {course.key: course for course in courses}
    routes = {goal.key: frozenset(_closure(goal.targets, found)) for goal in GOALS}
    return World(
        courses=found,
        routes=routes,
        fields=tuple(sorted({course.field for course in found.values()})),
        words={key: _words(course) for key, course in found.items()},
    )


def _closure(targets: Iterable[str], courses: Mapping[str, Course]) -> set[str]:
    needed = set()
    for key in targets:
        needed |= {key} | _closure(courses[key].prerequisites, courses)
    return needed


def _words(course: Course) -> frozenset[str]:
    text = " ".join((course.title, course.field, *course.skills))
    return frozenset(text.lower().split())


def readiness(learner: Chooser, course: Course) -> float:
    """Return 0..1: how well the weakest prerequisite is mastered now; 1 without any."""
    return min((learner.mastery.get(key, 0.0) for key in course.prerequisites), default=1.0)


def purpose(world: World, learner: Chooser, course: Course, goal: str) -> float:
    """Return 0..1: what the course is for, in the eyes of this learner."""
    if course.key in world.routes[goal]:
        ready = readiness(learner, course)
        return 1.0 if ready >= 0.5 else NOT_YET
    if course.field == learner.side_field:
        return learner.curiosity
    return OFF_ROUTE


def appeal(world: World, learner: Chooser, course: Course, goal: str) -> float:
    """Return 0..1: how much the learner would like to begin this course now.

    A product of gates: what is already known, out of reach, too long, too easy, seen too often
    or too much of the same pulls the whole down, however useful the course would be.
    """
    if course.key in learner.done or course.key in learner.left_courses:
        return 0.0
    gate = max(UNREADY_FLOOR, readiness(learner, course) ** 2)
    fit = min(1.0, WEEKS_WANTED * learner.weekly_minutes / max(course.minutes, 1))
    fresh = 1.0 / (1.0 + learner.tired.get(course.field, 0.0))
    worn: float = WORN ** max(0.0, learner.seen.get(course.key, 0.0) - WORN_AFTER)
    easy = BORING if course.level == "beginner" and learner.ability > FAR_BEYOND else 1.0
    return gate * purpose(world, learner, course, goal) * fit * fresh * worn * easy


def found_by(world: World, query: str) -> list[str]:
    """Return the courses whose title, field or skills hold every word of the query."""
    asked = set(query.lower().split())
    return [key for key, words in world.words.items() if asked <= words]
