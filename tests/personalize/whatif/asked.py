"""Learners of all kinds who asked for lists, and rules drawn for them."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from personalize.data import Aim, Change, Intent, Objectives, Recommendation
from personalize.decision.context import Ask
from personalize.decision.overrides import InForce
from personalize.decision.recommend import recommend
from personalize.decision.surfaces import SURFACES
from signals.models import Course, shelf
from tests.factories import moment
from tests.personalize.decision.test_lists_with_heads import plant
from tests.personalize.shop import FIELDS, Shop, learner, says, states, touch

SCHOOLS = ("North", "South", "")


def teach_in_schools(shop: Shop) -> None:
    """Give courses a school each, and some of them a prerequisite."""
    rows = list(Course.objects.order_by("id"))
    for at, row in enumerate(rows):
        row.provider = SCHOOLS[at % len(SCHOOLS)]
    Course.objects.bulk_update(rows, ["provider"])
    for field in FIELDS:
        own = shop.field(field)
        for needing, needed in ((5, 1), (6, 5), (7, 2)):
            row = Course.objects.get(id=own[needing].course_id)
            row.prerequisites.add(Course.objects.get(id=own[needed].course_id))
    shelf.forget()


def tell_chances(shop: Shop) -> None:
    """Let the live model say how likely each course is opened, and passed."""
    rng = np.random.default_rng(5)
    n = len(shop.courses)
    plant(rng.uniform(0.02, 0.3, n), rng.uniform(0.2, 0.9, n))


def all_kinds(shop: Shop, *, learners: int = 16) -> list[int]:
    """Let learners with much and little history, with and without words and goals, be there."""
    rng = np.random.default_rng(3)
    made = []
    for number in range(learners):
        own = shop.field(FIELDS[number % len(FIELDS)])
        learner_id = learner(f"somebody-{number}", enrolled=own[: number % 5])
        other = shop.field(FIELDS[(number + 1) % len(FIELDS)])
        if number % 3:
            touch(learner_id, other[number % 7], viewed_at=moment(hours=3))
        if number % 4 == 1:
            says(learner_id, other[3], "not_for_me")
            says(learner_id, other[8], "more")
        if number % 2:
            states(learner_id, goal=str(rng.choice(FIELDS)), interests=["Web skill 1"])
        made.append(learner_id)
    return made


def ask_for_lists(learners: list[int], *, k: int = 12, turn: int = 0) -> list[Recommendation]:
    """Let everyone ask for a list, some of them for a reason, and return what they got."""
    return [
        recommend(
            Ask(
                learner_id=learner_id,
                external_id=None,
                surface=SURFACES["home"],
                unit="any" if number % 7 == 6 else "course",
                intent=Intent.SHORT if number % 5 == 4 else None,
                k=k,
                now=moment(),
                entropy=(10_000 + turn * 10_000 + k * 100 + number).to_bytes(8),
            )
        )
        for number, learner_id in enumerate(learners)
    ]


def drawn_rules(shop: Shop, rng: np.random.Generator, *, n: int) -> tuple[InForce, ...]:
    """Return some changes as chance has it: any kind, strength, surface and cohort."""
    return tuple(_drawn(shop, rng) for _ in range(n))


def _drawn(shop: Shop, rng: np.random.Generator) -> InForce:
    change = list(Change)[int(rng.integers(4))]
    cohorts = ("", "", "new", "returning", "goal:Data", "goal:Web")
    return InForce(
        course_id=shop.courses[int(rng.integers(len(shop.courses)))].course_id,
        change=change,
        strength=float(rng.uniform(0.05, 1.0)),
        surface=("", "home", "elsewhere")[int(rng.integers(3))],
        starts_at=moment() - timedelta(days=1),
        ends_at=moment() + timedelta(days=7),
        cohort="" if change is Change.HIDE else cohorts[int(rng.integers(len(cohorts)))],
    )


def drawn_aims(rng: np.random.Generator, *, n: int) -> tuple[Aim, ...]:
    """Return what some lists strive for as chance has it; the last is for everyone."""
    cohorts = ("new", "returning", "goal:Data", "goal:Web")
    scoped = [
        Aim(
            drawn_objectives(rng),
            moment() + timedelta(days=int(rng.choice([-1, 1, 2]))),
            surface=("", "home", "elsewhere")[int(rng.integers(3))],
            cohort=cohorts[int(rng.integers(len(cohorts)))],
        )
        for _ in range(n - 1)
    ]
    return (*scoped, Aim(drawn_objectives(rng), None))


def drawn_objectives(rng: np.random.Generator) -> Objectives:
    """Return some weights and limits as chance has it."""
    plain = Objectives(engagement=float(rng.uniform(0, 0.5)), progression=0.5)
    return replace(
        plain,
        least_chance=float(rng.choice([0.0, 0.05, 0.12])),
        field_share=float(rng.uniform(0.25, 1)),
        provider_share=float(rng.uniform(0.25, 1)),
        well_known=float(rng.uniform(0, 0.5)),
    )
