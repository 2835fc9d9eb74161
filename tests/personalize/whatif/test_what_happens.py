"""Is what a preview says of exposure what then happens, over days in which learners go on?

Learners ask, see, open and begin courses for days; a rule is previewed over what they asked for,
put in force, and the days after are played on. Nothing of the days after is known to the preview:
that learners have done more by then, and more of them get lists of their own, moves every figure up
a little. So this holds the points, and tests beside it hold the same lists to the digit.
"""

from datetime import datetime, timedelta

import numpy as np
import pytest

from personalize import api
from personalize.data import Change, NewOverride
from personalize.decision import exploring
from personalize.decision.context import Ask
from personalize.decision.recommend import recommend
from personalize.decision.surfaces import SURFACES
from personalize.decision.whatif import gather
from signals.data import Actor, ActorKind
from signals.models import LearnerCourse
from tests.factories import moment
from tests.personalize.shop import FIELDS, Shop, learner, states
from tests.personalize.whatif.asked import teach_in_schools, tell_chances

pytestmark = [pytest.mark.django_db, pytest.mark.prove]

ROOT = Actor(ActorKind.STAFF, "root", frozenset({"admin"}))
LEARNERS, BEFORE, AFTER = 250, 4, 4
PLACES = 8
ASKS, OPENS, BEGINS = 0.7, 0.04, 0.02  # shares: of learners a day, of picks shown


def did(learner_id: int, course_id: int, at: datetime, **when: datetime) -> None:
    """Write what a learner did in a course."""
    LearnerCourse.objects.update_or_create(
        learner_id=learner_id, course_id=course_id, defaults={"last_at": at, **when}
    )


class World:
    """Learners who ask for a list on most days and begin a course now and then."""

    def __init__(self, shop: Shop) -> None:
        self.rng = np.random.default_rng(17)
        self.shop = shop
        self.asked = 0
        self.learners = []
        for number in range(LEARNERS):
            own = shop.field(FIELDS[number % len(FIELDS)])
            taken = [own[at] for at in self.rng.permutation(len(own))[: number % 6]]
            self.learners.append(learner(f"goes-on-{number}", enrolled=taken))
            if number % 3:
                states(self.learners[-1], goal=FIELDS[int(self.rng.integers(len(FIELDS)))])

    def day(self, days_ago: float) -> list[set[int]]:
        """Let a day pass; return the courses of each list."""
        return [
            self._list(learner_id, days_ago)
            for learner_id in self.learners
            if self.rng.random() < ASKS
        ]

    def _list(self, learner_id: int, days_ago: float) -> set[int]:
        self.asked += 1
        at = moment(days=days_ago) + timedelta(seconds=self.asked)
        found = recommend(
            Ask(
                learner_id=learner_id,
                external_id=None,
                surface=SURFACES["home"],
                unit="course",
                intent=None,
                k=PLACES,
                now=at,
                entropy=self.rng.bytes(8),
            )
        )
        courses = [item.course_id for item in found.items]
        for course_id in courses:
            luck, course = self.rng.random(), self.shop.by_id(course_id)
            if luck < BEGINS:
                did(learner_id, course.course_id, at, enrolled_at=at)
            elif luck < BEGINS + OPENS:
                did(learner_id, course.course_id, at, viewed_at=at)
        return set(courses)


@pytest.mark.parametrize(
    ("change", "strength"),
    [
        (Change.BOOST, 0.2),
        (Change.LOWER, 0.05),
        (Change.LOWER, 0.2),
        (Change.PIN, 0.0),
    ],
)
def test_predicted_exposure_is_within_five_points_of_what_then_happens(
    trained: Shop, change: Change, strength: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exploring, "SHARE", 0.1)
    teach_in_schools(trained)
    tell_chances(trained)
    world = World(trained)
    for days in range(BEFORE):
        world.day(days_ago=BEFORE + AFTER - days)
    gather.prepare(now=moment())
    course = trained.field("Web")[4].course_id
    new = NewOverride(
        course_id=course,
        change=change,
        strength=strength,
        reason="Relaunch",
        starts_at=moment(days=AFTER + 1),
        ends_at=moment(days=-7),
    )
    predicted = api.foresee_override(new, now=moment())
    assert predicted is not None
    assert predicted.held is not None

    api.create_override(ROOT, new, now=moment())
    api.forget_caches()
    lists = [one for days in range(AFTER) for one in world.day(days_ago=AFTER - days)]

    held = float(np.mean([course in one for one in lists]))
    print(change, strength, *predicted.held, held, len(lists))  # noqa: T201  the figures themselves
    assert held == pytest.approx(predicted.held[1], abs=0.05)
