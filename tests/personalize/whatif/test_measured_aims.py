"""What came of other weights is measured, and what the days themselves brought is taken off."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.test import Client

from personalize import api
from personalize.data import Source
from personalize.decision.whatif import measured_aims
from personalize.models import Decision, Objective
from personalize.models.decisions import SOURCE_CODES
from signals import api as signals
from signals.data import NewEvent
from tests.factories import moment, root
from tests.personalize.aims import in_force
from tests.personalize.shop import Shop, learner

pytestmark = pytest.mark.django_db

SINCE = 13  # days ago the weights came
BEFORE = 10  # days earlier lists were asked for: more than a week before anybody opened


def asks(learners: Sequence[int], at: datetime, *, source: Source | None = None) -> None:
    """Let learners get lists; with a source these are taken to be of it."""
    for one in learners:
        answer = api.recommend(one, now=at)
        if source is not None:
            row = Decision.objects.filter(request_id=answer.request_id)
            row.update(source=SOURCE_CODES[source])


def opens(one: int, at: datetime) -> None:
    """Let a learner look at the first course of the newest list before a moment."""
    row = Decision.objects.filter(learner_id=one, served_at__lte=at).latest("served_at")
    event = NewEvent("course.viewed", one, at, course_id=row.course_ids[0])
    assert signals.record([event], now=moment()).accepted == 1


@pytest.fixture
def measured(trained: Shop) -> Objective:
    """Return weights under which all of twelve opened a pick, and half of the group beside."""
    data = trained.field("Data")
    mine = [learner(f"mine-{n}", enrolled=data[:4]) for n in range(12)]
    beside = [learner(f"beside-{n}", enrolled=data[:4]) for n in range(12)]
    came = moment(days=SINCE)
    for at in (came - timedelta(days=BEFORE), came + timedelta(days=1)):
        asks(mine, at)
        asks(beside, at, source=Source.HOLDOUT)
    in_force(api.USUAL_OBJECTIVES, at=came)
    for one in (*mine, *beside[:6]):
        opens(one, came + timedelta(days=2))
    assert measured_aims.measure_aims(now=moment()) == 1
    return Objective.objects.get()


def test_what_the_comparison_group_moved_by_is_taken_off(measured: Objective) -> None:
    found = measured.measured or {}
    of_all = 1 / len(Decision.objects.all()[0].course_ids)
    opened = found["opened"]
    assert (opened["before"], opened["during"]) == pytest.approx((0, of_all), abs=1e-4)
    assert opened["beside"]["during"] == pytest.approx(of_all / 2, abs=1e-4)
    apart = opened["apart"]
    assert apart["difference"] == pytest.approx(of_all / 2, abs=1e-4)
    assert apart["low"] < apart["difference"] < apart["high"]
    assert found["passed"] is None  # their month is not over
    assert (found["lists"], found["over"]) == ([10, 10], False)  # twelve, to the nearest five


def test_the_page_says_what_was_measured_and_that_it_is_no_experiment(
    client: Client, measured: Objective
) -> None:
    client.force_login(root().account)
    page = client.get("/tower/objectives/")
    (line,) = page.context["changes"]
    lists, opened, passed, alike = line.came
    assert lists == "10 lists, 10 before."
    assert "Against the comparison group in the same days +" in opened
    assert passed == "Passed: not shown, too few yet."
    assert alike.startswith("The ten most shown courses have ")
    assert "no experiment" in page.content.decode()


def test_weights_are_measured_until_something_newer_is_decided(measured: Objective) -> None:
    in_force(api.USUAL_OBJECTIVES, at=moment(days=5))
    rows = list(Objective.objects.order_by("pk"))
    now = moment()
    ends = [measured_aims.acted_until(row, rows, now=now) for row in rows]
    assert ends == [moment(days=5), now]
    elsewhere = Objective(surface="similar", created_at=moment(days=3), pk=rows[-1].pk + 1)
    rows[-1].surface = "home"
    assert measured_aims.acted_until(rows[-1], [*rows, elsewhere], now=now) == now


@pytest.mark.parametrize(
    ("cohort", "newer", "ends"),
    [("new", "goal:python", False), ("new", "new", True), ("", "new", True), ("new", "", True)],
)
def test_newer_weights_of_other_learners_end_no_measuring(
    cohort: str, newer: str, ends: bool
) -> None:
    now = moment()
    row = Objective(pk=1, cohort=cohort, created_at=moment(days=5))
    other = Objective(pk=2, cohort=newer, created_at=moment(days=3))
    until = measured_aims.acted_until(row, [row, other], now=now)
    assert until == (moment(days=3) if ends else now)


def test_of_few_learners_nothing_is_said(trained: Shop) -> None:
    few = [learner(f"few-{n}", enrolled=trained.field("Data")[:4]) for n in range(9)]
    came = moment(days=SINCE)
    for at in (came - timedelta(days=BEFORE), came + timedelta(days=1)):
        asks(few, at)
    in_force(api.USUAL_OBJECTIVES, at=came)
    measured_aims.measure_aims(now=moment())
    found = Objective.objects.get().measured or {}
    assert (found["lists"], found["opened"], found["alike"]) == ([0, 0], None, None)
