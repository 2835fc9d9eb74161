"""Moments by cohort and by class: each learner in one, as known when they were exposed."""

from collections import defaultdict
from datetime import datetime, timedelta

import pytest

from signals import api
from signals.data import Asked, Exposed, NewEvent
from signals.derive.cohorts import COHORTS, SAID
from signals.models import Learner
from tests.factories import moment, new_course, new_learner
from tests.signals.derive.happened import store

pytestmark = pytest.mark.django_db

KEY = "an-experiment"
ENROLMENTS = Asked("enrolments", 7)
RATINGS = Asked("satisfaction", 7)


def exposed(learner: int, *, at: datetime, arm: str = "model", cluster: str = "") -> None:
    api.expose([Exposed(KEY, learner, arm, at, cluster=cluster)])


def enrols(learner: int, at: datetime, *courses: int) -> None:
    store([NewEvent("course.enrolled", learner, at, course_id=one) for one in courses], now=at)


def apart(cohort: str) -> dict[tuple[str, str], tuple[int, float]]:
    """Return n and sum of enrolments by arm and value of a cohort."""
    found = api.measured(KEY, [ENROLMENTS], surfaces=(), as_of=moment(), cohort=cohort)
    return {(row.arm, row.cohort): (row.n, row.total) for row in found[ENROLMENTS]}


def test_who_came_in_the_week_before_is_new_and_who_came_earlier_returns() -> None:
    course, at = new_course("py").course_id, moment(days=20)
    for days in (None, 6.9, 7.1, 90):
        learner = new_learner()
        if days is not None:
            enrols(learner, at - timedelta(days=days), course)
        enrols(learner, at + timedelta(days=1), course)
        exposed(learner, at=at)
    assert apart("tenure") == {("model", "new"): (2, 2.0), ("model", "returning"): (2, 2.0)}


def test_activity_is_what_was_done_in_the_four_weeks_before() -> None:
    course, at = new_course("py").course_id, moment(days=20)
    for events, arm in ((0, "model"), (1, "model"), (9, "generic"), (10, "model")):
        learner = new_learner()
        for number in range(events):
            enrols(learner, at - timedelta(days=1, minutes=number), course)
        enrols(learner, at - timedelta(days=29), course)
        for number in range(20):  # what came after is of no account
            enrols(learner, at + timedelta(days=1, minutes=number), course)
        exposed(learner, at=at, arm=arm)
    assert {value: row[0] for value, row in apart("activity").items()} == {
        ("model", "none"): 1,
        ("model", "some"): 1,
        ("generic", "some"): 1,
        ("model", "much"): 1,
    }


def test_who_said_no_language_is_in_a_cohort_of_their_own() -> None:
    for language in ("de", "de", ""):
        learner = new_learner()
        Learner.objects.filter(learner_id=learner).update(language=language)
        exposed(learner, at=moment(days=20))
    assert apart("language") == {("model", "de"): (2, 0.0), ("model", "unknown"): (1, 0.0)}


@pytest.mark.parametrize("kind", SAID)
def test_of_what_a_platform_says_later_the_exposure_knows_nothing(kind: str) -> None:
    at = moment(days=20)
    for since in (at - timedelta(days=1), at + timedelta(days=1), None):
        learner = new_learner()
        if since is not None:
            api.set_groups(learner, {kind: "north"}, now=since)
        exposed(learner, at=at)
    assert apart(kind) == {("model", "north"): (1, 0.0), ("model", "unknown"): (2, 0.0)}


@pytest.mark.parametrize("cohort", COHORTS)
def test_a_cohort_takes_nobody_away_and_counts_nobody_twice(cohort: str) -> None:
    course, at = new_course("py").course_id, moment(days=30)
    for number in range(12):
        learner = new_learner()
        for day in range(number):
            enrols(learner, at - timedelta(days=day * 4, hours=1), course)
        enrols(learner, at + timedelta(days=number), course)
        exposed(learner, at=at, arm=("generic", "model")[number % 2])
    whole = api.measured(KEY, [ENROLMENTS], surfaces=(), as_of=moment())[ENROLMENTS]
    sums: dict[str, list[float]] = defaultdict(lambda: [0, 0.0])
    for (arm, _), (n, total) in apart(cohort).items():
        sums[arm][0] += n
        sums[arm][1] += total
    assert {row.arm: [row.n, row.total] for row in whole} == sums


def test_an_unknown_cohort_is_refused() -> None:
    with pytest.raises(KeyError):
        apart("shoe size")


def test_of_classes_each_is_one_observation_of_what_its_learners_did_together() -> None:
    courses = [new_course(name).course_id for name in ("py", "sql", "go")]
    at = moment(days=20)
    classes = {"7a": (3, 1), "7b": (2,), "": (3, 3)}  # how many courses each learner enrolled in
    for name, enrolments in classes.items():
        for number in enrolments:
            learner = new_learner()
            enrols(learner, at + timedelta(days=1), *courses[:number])
            enrols(learner, at - timedelta(days=1), *courses[: number - 1])
            exposed(learner, at=at, cluster=name)
    (row,) = api.cluster_moments(KEY, [ENROLMENTS], surfaces=(), as_of=moment())[ENROLMENTS]
    assert (row.n, row.total, row.squares) == (2, 4.0 + 2.0, 16.0 + 4.0)
    assert (row.before_total, row.products) == (2.0 + 1.0, 4.0 * 2.0 + 2.0 * 1.0)
    assert (row.learners, row.telling) == (3, 3)
    assert row.ratio is not None
    assert row.ratio.totals == (6.0, 3.0, 3.0, 3.0)  # the sizes of the classes are its base
    assert row.ratio.products[0] == (20.0, 4.0 * 2 + 2.0 * 1, 10.0, 10.0)


def test_the_base_of_a_ratio_stays_its_own_where_classes_are_drawn() -> None:
    course, at = new_course("py").course_id, moment(days=20)
    for stars in ((5.0, 1.0), (3.0,), ()):
        learner = new_learner()
        then = at + timedelta(days=1)
        store(
            [NewEvent("course.rated", learner, then, course_id=course, value=one) for one in stars],
            now=then,
        )
        exposed(learner, at=at, cluster="7a")
    (row,) = api.cluster_moments(KEY, [RATINGS], surfaces=(), as_of=moment())[RATINGS]
    assert row.n == 1
    assert row.ratio is not None
    assert row.ratio.totals == (9.0, 3.0, 0.0, 0.0)
    assert (row.learners, row.telling) == (3, 2)


def test_of_any_learners_the_cohorts_at_a_moment_come_in_their_order() -> None:
    course, at = new_course("py").course_id, moment(days=20)
    old, new = new_learner(), new_learner()
    enrols(old, at - timedelta(days=30), course)
    api.set_groups(old, {"region": "DE-BY"}, now=at - timedelta(days=1))
    Learner.objects.filter(learner_id=old).update(language="de")
    found = api.cohorts_of([new, old, 404], at=at)
    assert found.keys() == COHORTS.keys()
    assert found["tenure"] == ("new", "returning", "new")
    assert found["language"] == ("unknown", "de", "unknown")
    assert found["region"] == ("unknown", "DE-BY", "unknown")
    assert api.cohorts_of([], at=at) == dict.fromkeys(COHORTS, ())
