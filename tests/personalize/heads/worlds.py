"""Simulated learners as the heads see them: facts, lists and a catalogue."""

from dataclasses import dataclass

import numpy as np

from personalize.algorithms.heads.courses import Catalogue, catalogue_of
from personalize.algorithms.heads.facts import Days, Facts
from personalize.algorithms.heads.outcomes import Shown
from tests.personalize.heads import simulated
from tests.personalize.heads.simulated import DAY_S, EPOCH, KINDS, Past

LEVELS = {"beginner": 0.0, "intermediate": 0.5, "advanced": 1.0}
FIRST_DAY = EPOCH.timestamp() / DAY_S


@dataclass(frozen=True, slots=True)
class Seen:
    """A world of simulated learners; days count from its beginning."""

    facts: Facts
    shown: Shown
    catalogue: Catalogue
    began: Days  # by learner number, when they were first seen; inf for never


def seen(past: Past) -> Seen:
    """Return what was noted of simulated learners."""
    learners, courses, kinds, times, values = past.rows.T
    shares = np.where(kinds == KINDS["quiz.scored"], values, np.nan)
    facts = Facts.of(learners, courses, kinds, times - FIRST_DAY, shares)
    order = np.lexsort((past.lists[:, 1], past.lists[:, 0]))
    lists = past.lists[order]
    shown = Shown(
        learners=lists[:, 0].astype(np.int64),
        moments=lists[:, 1] - FIRST_DAY,
        courses=lists[:, 2:].astype(np.int32),
        goal_fields=np.full(len(lists), -1, np.int32),
    )
    began = np.full(int(past.rows[:, 0].max()) + 1, np.inf)
    np.minimum.at(began, facts.learners, facts.times)
    return Seen(facts, shown, _catalogue(), began)


def _catalogue() -> Catalogue:
    world = simulated.the_world()
    keys = sorted(world.courses)
    places = {key: place for place, key in enumerate(keys)}
    courses = [world.courses[key] for key in keys]
    fields = sorted({course.field for course in courses})
    return catalogue_of(
        [fields.index(course.field) for course in courses],
        [LEVELS[course.level] for course in courses],
        [course.minutes for course in courses],
        [len(course.modules) for course in courses],
        [(places[c.key], places[needed]) for c in courses for needed in c.prerequisites],
    )
