"""A night judges what is new before it learns from it, whenever the clock last did."""

from datetime import timedelta

import pytest

from personalize.engine.training import retrain
from signals import api
from signals.data import SYSTEM, NewEvent
from tests.factories import moment, new_learner
from tests.personalize.shop import Shop
from tests.rollups import roll_up_to_here

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_program_nobody_has_judged_yet_trains_nothing(shop: Shop) -> None:
    robot, began = new_learner("r-1"), moment(days=2)
    views = [
        NewEvent(
            "course.viewed",
            robot,
            began + timedelta(seconds=5 * step),
            course_id=shop.field("Data")[step % 5].course_id,
        )
        for step in range(30)
    ]
    api.record(views, now=moment())
    assert len(api.training_rows().course_ids) == 5
    roll_up_to_here(now=moment())  # other workers' transactions have passed
    retrain(now=moment(), actor=SYSTEM)
    assert len(api.training_rows().course_ids) == 0
