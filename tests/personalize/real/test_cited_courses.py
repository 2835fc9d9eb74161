"""Does a pick stand on the course that is named as its reason? Taking courses away is the oracle.

The course is deleted from a learner's history and the list is made anew by the whole decision, so
members of the model that are no sums, and the policy, have their say.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from personalize import api as personalize
from personalize.data import Item, Reason
from personalize.decision import upkeep
from personalize.decision.reasons import PERSONAL
from signals.models import LearnerCourse
from tests.factories import moment
from tests.personalize.real.worlds import bring_in, histories, personal_lists, some

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.prove,
    pytest.mark.skipif("NORTHWAY_DATA" not in os.environ, reason="no data"),
]

COURSES_LEAST = 8
LEARNERS = 600


@pytest.fixture(autouse=True)
def _catalogue_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of lists in one open transaction would each read the whole catalogue again."""
    monkeypatch.setattr(upkeep, "forget", lambda: None)
    upkeep.reset()


def names_one_course(reason: Reason) -> bool:
    """Say whether a reason is that the pick is the doing of one named course."""
    return reason.decides and reason.text.startswith("You ") and "together" not in reason.text


def first_without(learner_id: int, course_id: int) -> int:
    """Return the first pick of a learner who never took a course, that course itself left out."""
    with transaction.atomic():
        LearnerCourse.objects.filter(learner_id=learner_id, course_id=course_id).delete()
        answer = personalize.recommend(learner_id, k=12, now=moment())
        transaction.set_rollback(True)
    return next(item.course_id for item in answer.items if item.course_id != course_id)


@dataclass
class Counted:
    """What came of deleting courses."""

    learners: int = 0
    one_named: int = 0
    moved: int = 0  # without the named course
    moved_by_another: int = 0

    def say(self) -> str:
        """Return it in words."""
        return (
            f"{self.learners} learners with {COURSES_LEAST} courses and more; one course is named "
            f"to {self.one_named / self.learners:.1%}; without it another course comes first for "
            f"{self.moved / self.one_named:.1%} of those, {self.moved / self.learners:.1%} of all; "
            f"without another one for {self.moved_by_another / self.learners:.1%}"
        )


def test_the_first_pick_stands_on_the_named_course_and_on_no_other(
    tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    bring_in(
        "mooccubex", "train.parquet", tmp_path, django_capture_on_commit_callbacks, learners=4_000
    )
    taken = {key: courses for key, courses in histories().items() if len(courses) >= COURSES_LEAST}
    rng, counted = np.random.default_rng(7), Counted()
    items: list[Item] = []
    for answer in personal_lists(some(list(taken), LEARNERS), k=12):
        items += answer.items
        first, learner_id = answer.items[0], answer.learner_id or 0
        reason, counted.learners = first.reasons[0], counted.learners + 1

        another = int(
            rng.choice([course for course in taken[learner_id] if course != reason.course_id])
        )
        counted.moved_by_another += first_without(learner_id, another) != first.course_id
        if names_one_course(reason) and reason.course_id is not None:
            counted.one_named += 1
            counted.moved += first_without(learner_id, reason.course_id) != first.course_id
    led = sum(item.reasons[0].kind in PERSONAL for item in items) / len(items)
    print(f"{counted.say()}; {led:.1%} of {len(items):,} picks have a reason of one's own")  # noqa: T201  make prove shows it
    assert counted.moved >= 0.5 * counted.learners
    assert counted.moved >= 0.9 * counted.one_named
    assert counted.moved_by_another <= 0.2 * counted.learners
    assert led >= 0.95
