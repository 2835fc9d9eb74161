"""A small catalogue, learners with histories and a really trained model, as plain functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np

from personalize.algorithms.base import Interactions, Recommender
from personalize.algorithms.ease import Ease
from personalize.engine import artifacts, live, packing
from personalize.engine.artifacts import Card
from personalize.engine.popular import popular_arrays
from personalize.models import CuratedCourse, Feedback, Profile
from signals import catalogue
from signals.data import CourseInfo
from signals.models import Course, LearnerCourse, LearnerModule, Module, Skill, shelf
from tests.factories import moment, new_learner

FIELDS = ("Data", "Care", "Web", "Craft")
PER_FIELD = 10
MODULES = ("a", "b", "c")


@dataclass(frozen=True)
class Shop:
    """Forty courses in four fields; learners of the past kept to one field each."""

    courses: tuple[CourseInfo, ...]

    def field(self, name: str) -> tuple[CourseInfo, ...]:
        """Return the courses of a field."""
        return tuple(course for course in self.courses if course.field == name)

    def by_id(self, course_id: int) -> CourseInfo:
        """Return one course."""
        return next(course for course in self.courses if course.course_id == course_id)


def open_shop() -> Shop:
    """Make the catalogue: course n of a field teaches skill n and n + 1 of ten. Few statements."""
    at = moment(days=90)
    courses = Course.objects.bulk_create(
        Course(
            external_id=f"{field}-{n}",
            slug=f"{field}-{n}".lower(),
            title=f"{field} course {n}",
            field=field,
            level="beginner",
            language="en",
            minutes=10 * len(MODULES),
            created_at=at,
            updated_at=at,
        )
        for field in FIELDS
        for n in range(PER_FIELD)
    )
    skills = Skill.objects.bulk_create(
        Skill(name=f"{field} skill {n}") for field in FIELDS for n in range(PER_FIELD)
    )
    Course.skills.through.objects.bulk_create(
        Course.skills.through(course=course, skill=skills[place // PER_FIELD * PER_FIELD + n])
        for place, course in enumerate(courses)
        for n in (place % PER_FIELD, (place + 1) % PER_FIELD)
    )
    Module.objects.bulk_create(
        Module(
            course=course,
            external_id=f"{course.external_id}-{name}",
            position=position,
            title=f"Module {name}",
            text=f"What {name} teaches.",
            minutes=10,
            format="article",
        )
        for course in courses
        for position, name in enumerate(MODULES, start=1)
    )
    shelf.forget()
    return Shop(tuple(catalogue.courses().values()))


def train(
    shop: Shop,
    root: Path,
    *,
    version: str = "v1",
    learners: int = 400,
    kind: type[Recommender] = Ease,
) -> str:
    """Fit a model on learners who stay in one field, publish it under root and make it live."""
    ids = np.array(sorted(course.course_id for course in shop.courses), dtype=np.int32)
    fields = tuple(shop.by_id(course_id).field for course_id in ids.tolist())
    data, model = _fitted(fields, learners, kind)
    card = Card(
        version=version,
        trained_at=moment(),
        seed=7,
        serves=model.name,
        learners=learners,
        courses=len(ids),
        pairs=len(data.learners),
        weights={model.name: 1.0},
        parameters={model.name: model.params()},
        metrics={},
        heldout={},
        excluded={},
        skipped={},
    )
    arrays = {packing.COURSE_IDS: ids} | packing.pack(model) | popular_arrays(data, [*fields])
    artifacts.publish(root, card, arrays)
    live.announce(root, version)
    return version


@cache
def _fitted(
    fields: tuple[str, ...], learners: int, kind: type[Recommender]
) -> tuple[Interactions, Recommender]:
    """Return who took which course, and the model of it: the same for every test of a session."""
    rng = np.random.default_rng(7)
    own = {name: [at for at, field in enumerate(fields) if field == name] for name in FIELDS}
    rows: list[tuple[int, int, float]] = []
    for learner in range(learners):
        taken = rng.choice(own[FIELDS[learner % len(FIELDS)]], size=5, replace=False)
        rows += [(learner, int(at), float(day)) for day, at in enumerate(taken)]
    who, what, when = zip(*rows, strict=True)
    data = Interactions(
        learners=np.array(who, dtype=np.int32),
        courses=np.array(what, dtype=np.int32),
        times=np.array(when),
        weights=np.ones(len(rows), dtype=np.float32),
        n_learners=learners,
        n_courses=len(fields),
    )
    return data, kind().fit(data, rng=rng)


def learner(external_id: str = "", *, enrolled: Sequence[CourseInfo] = ()) -> int:
    """Make a learner who enrolled in these courses, in this order."""
    learner_id = new_learner(external_id)
    for ago, course in enumerate(reversed(enrolled), start=1):
        touch(learner_id, course, enrolled_at=moment(days=ago))
    return learner_id


def touch(learner_id: int, course: CourseInfo, **when: datetime) -> None:
    """Write what a learner did in a course: viewed_at, enrolled_at, completed_at, ..."""
    LearnerCourse.objects.create(
        learner_id=learner_id, course_id=course.course_id, last_at=max(when.values()), **when
    )


def finishes(learner_id: int, course: CourseInfo, *, module: int) -> None:
    """Let a learner have finished one module of a course, by its number from 0."""
    LearnerModule.objects.create(
        learner_id=learner_id,
        module_id=catalogue.modules(course.course_id)[module].module_id,
        course_id=course.course_id,
        started_at=moment(days=1),
        completed_at=moment(days=1),
        progress=1.0,
        last_at=moment(days=1),
    )


def states(learner_id: int, *, goal: str, interests: Sequence[str] = ()) -> None:
    """Let a learner state a goal and interests."""
    Profile.objects.create(
        learner_id=learner_id, goal=goal, interests=list(interests), updated_at=moment()
    )


def says(learner_id: int, course: CourseInfo, action: str, until: datetime | None = None) -> None:
    """Let a learner have spoken about a course."""
    Feedback.objects.create(
        learner_id=learner_id,
        course_id=course.course_id,
        action=action,
        until=until,
        at=moment(days=1),
    )


def curate(*courses: CourseInfo) -> None:
    """Put courses on the edited list, in this order."""
    CuratedCourse.objects.bulk_create(
        CuratedCourse(course_id=course.course_id, position=position)
        for position, course in enumerate(courses)
    )
