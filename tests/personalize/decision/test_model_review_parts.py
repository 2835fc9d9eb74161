"""What a review of models is made of: lessons, times and mistakes, each against a recount."""

from datetime import UTC, timedelta

import numpy as np
import pytest
from django.db import connection

from personalize.data import Source
from personalize.decision import mistakes, partitions
from personalize.decision.partitions import share_to_read
from personalize.decision.since_before import since_before
from personalize.decision.waited import LEAST, waited
from personalize.engine import steps
from signals import api as signals
from signals import catalogue
from signals.api import lately
from signals.data import SYSTEM, NewEvent
from tests.factories import ben, moment, new_course, new_learner
from tests.personalize.engine.lists import clicked, had
from tests.personalize.engine.models import configured, promoted, settled

pytestmark = pytest.mark.django_db

SINCE, UNTIL = moment(days=10), moment(days=1)


def test_ninety_five_of_a_hundred_lists_took_at_most_so_long() -> None:
    at = moment(days=3)
    for ms in np.random.default_rng(5).permutation(np.arange(1.0, 21.0)).tolist():
        had(range(1, 11), "one", at=at, took_ms=ms)
    had([1], None, at=at, source=Source.POPULAR, took_ms=9_000.0)
    found = waited(since=SINCE, until=UNTIL)
    assert found is not None
    assert (found.value, found.base) == (19.0, 200)
    assert found.low is not None
    assert found.high is not None
    assert 18 <= found.low <= 19 < found.high == 20


def test_of_many_lists_only_so_many_pages_are_read_as_hold_enough() -> None:
    at = moment(days=3)
    had([new_learner() for _ in range(60)], "one", at=at)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {partitions.PARENT}_{at.astimezone(UTC):%Y%m%d}")
    assert share_to_read(3, since=at, until=at) == pytest.approx(100 * 5 * 3 / 60)
    assert share_to_read(30, since=at, until=at) == 100


def test_of_days_that_nobody_counted_everything_is_read() -> None:
    assert share_to_read(3, since=moment(days=5_001), until=moment(days=5_000)) == 100


def test_of_few_lists_no_percentile_is_told() -> None:
    had([1], "one", at=moment(days=3))
    assert waited(since=SINCE, until=UNTIL) is None
    assert LEAST == 100


def test_lessons_are_counted_once_in_their_time_and_of_nobody_who_objects() -> None:
    course_id = new_course("c1", modules=["m1", "m2", "m3"]).course_id
    lessons = [module.module_id for module in catalogue.modules(course_id)]
    willing, idle, objecting = new_learner(), new_learner(), ben().learner_id
    staff = new_learner("staff-1", kind="staff")
    done = [
        (learner, module, at)
        for learner in (willing, objecting, staff)
        for module, at in (
            (lessons[0], moment(days=3)),
            (lessons[0], moment(days=2)),
            (lessons[1], moment(days=2)),
            (lessons[2], UNTIL + timedelta(hours=1)),
        )
    ]
    events = [
        NewEvent("lesson.completed", learner, at, course_id=course_id, module_id=module)
        for learner, module, at in done
    ]
    signals.record(events, now=moment())
    asked = [willing, idle, objecting, staff]
    assert lately.lessons(asked, since=SINCE, until=UNTIL) == {willing: 2, idle: 0}


@pytest.mark.parametrize(
    ("days_ago", "changed", "parted"), [(5, True, 5), (2, False, 14), (20, False, 14)]
)
def test_days_are_parted_where_another_model_came(
    days_ago: int, changed: bool, parted: int
) -> None:
    now = moment()
    promoted("one", now=moment(days=60))
    other = configured(revision=2)
    came = now - timedelta(days=days_ago)
    settled("two", now=came, configuration=other)
    assert steps.ship_challenger(other.digest, experiment="x", actor=SYSTEM, now=came)
    found = since_before(until=now)
    assert found["changed"] is changed
    assert found["parted"] == (now - timedelta(days=parted)).isoformat()


def test_what_fell_in_the_comparison_group_as_well_is_not_blamed_on_the_model() -> None:
    """Nobody clicks any more, with a model or without."""
    now = moment()
    promoted("one", now=moment(days=60))
    for model, source in (("one", Source.MODEL), (None, Source.HOLDOUT)):
        learners = [new_learner() for _ in range(50)]
        clicked(had(learners, model, at=moment(days=20), source=source))
        had(learners, model, at=moment(days=6), source=source)
    engagement = since_before(until=now)["tracks"]["engagement"]
    assert (engagement["before"], engagement["now"]) == (1.0, 0.0)
    assert (engagement["beside"], engagement["difference"]) == (-1.0, 0.0)


def test_the_interval_of_wrong_picks_is_over_learners_and_not_over_picks() -> None:
    """Ten picks of one learner that are wrong together say as much as one."""
    whose = np.repeat(np.arange(40), 10)
    together = np.isin(whose, np.arange(10))
    apart = np.tile(np.arange(10) < 2.5, 40)
    wide, narrow = mistakes.interval(whose, together), mistakes.interval(whose, apart)
    half = 1.959964 * np.sqrt(0.25 * 0.75 / 39)
    assert wide == pytest.approx((0.25 - half, 0.25 + half), abs=2e-3)
    assert narrow[1] - narrow[0] < 0.01
