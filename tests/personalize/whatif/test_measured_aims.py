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
from signals.data import NewEvent, Purpose
from tests.factories import consents, moment, root
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


EACH = 22  # learners with lists of their own, and as many of the comparison group


@pytest.fixture
def everyone(trained: Shop) -> tuple[list[int], list[int]]:
    """Return who had lists before and under other weights, some of which were opened.

    Before ten of each side opened a pick; under the weights twelve did, and ten beside.
    """
    data = trained.field("Data")
    mine, beside = (
        [learner(f"{side}-{n}", enrolled=data[:4]) for n in range(EACH)]
        for side in ("mine", "beside")
    )
    came = moment(days=SINCE)
    before, during = came - timedelta(days=BEFORE), came + timedelta(days=1)
    for at, opening in ((before, (10, 10)), (during, (12, 10))):
        asks(mine, at)
        asks(beside, at, source=Source.HOLDOUT)
        for side, some in zip((mine, beside), opening, strict=True):
            for one in side[:some]:
                opens(one, at + timedelta(days=1))
    in_force(api.USUAL_OBJECTIVES, at=came)
    return mine, beside


@pytest.fixture
def measured(everyone: tuple[list[int], list[int]]) -> Objective:
    assert measured_aims.measure_aims(now=moment()) == 1
    return Objective.objects.get()


def of_ten(opened: int) -> float:
    """Return the share of picks that were opened where so many learners opened one."""
    return opened / EACH / len(Decision.objects.all()[0].course_ids)


def test_what_the_comparison_group_moved_by_is_taken_off(measured: Objective) -> None:
    found = measured.measured or {}
    opened = found["opened"]
    rates = (opened["before"], opened["during"])
    assert rates == pytest.approx((of_ten(10), of_ten(12)), abs=1e-4)
    assert opened["beside"]["difference"] == pytest.approx(0, abs=1e-4)
    apart = opened["apart"]
    assert apart["difference"] == pytest.approx(of_ten(2), abs=1e-4)
    assert apart["low"] < apart["difference"] < apart["high"]
    assert found["passed"] is None  # their month is not over
    assert (found["lists"], found["over"]) == ([20, 20], False)  # 22, to the nearest five


def test_the_page_says_what_was_measured_and_that_it_is_no_experiment(
    client: Client, measured: Objective
) -> None:
    client.force_login(root().account)
    page = client.get("/tower/objectives/")
    (line,) = page.context["changes"]
    lists, opened, passed, alike = line.came
    assert lists == "20 lists, 20 before."
    assert "Against the comparison group in the same days +" in opened
    assert passed == f"Passed: {TOO_FEW}"
    assert alike.startswith("The ten most shown courses have ")
    assert "no experiment" in page.content.decode()


TOO_FEW = "not shown: before or since, fewer than ten learners did, or fewer than ten did not."


def test_where_one_alone_opened_a_pick_nothing_is_told_of_it_and_the_page_says_why(
    client: Client, trained: Shop
) -> None:
    mine = [learner(f"mine-{n}", enrolled=trained.field("Data")[:4]) for n in range(12)]
    came = moment(days=SINCE)
    for at in (came - timedelta(days=BEFORE), came + timedelta(days=1)):
        asks(mine, at)
    in_force(api.USUAL_OBJECTIVES, at=came)
    opens(mine[0], came + timedelta(days=2))
    measured_aims.measure_aims(now=moment())
    found = Objective.objects.get().measured or {}
    assert (found["lists"], found["opened"]) == ([10, 10], None)
    client.force_login(root().account)
    (line,) = client.get("/tower/objectives/").context["changes"]
    assert line.came[1:3] == (f"Opened: {TOO_FEW}", f"Passed: {TOO_FEW}")


def test_who_withdrew_is_in_no_figure(everyone: tuple[list[int], list[int]]) -> None:
    mine, _beside = everyone
    for one in mine[9:]:
        consents(one, Purpose.PERSONALIZATION, granted=False)
    measured_aims.measure_aims(now=moment())
    found = Objective.objects.get().measured or {}
    assert (found["lists"], found["opened"], found["alike"]) == ([0, 0], None, None)


def test_places_are_those_of_who_allows_it(everyone: tuple[list[int], list[int]]) -> None:
    mine, _beside = everyone
    Decision.objects.filter(learner_id__in=mine[:10]).update(course_ids=[1, 2, 3])
    for n, one in enumerate(mine[10:], 10):
        Decision.objects.filter(learner_id=one).update(course_ids=[n, 100 + n])
        consents(one, Purpose.PERSONALIZATION, granted=False)
    measured_aims.measure_aims(now=moment())
    found = Objective.objects.get().measured or {}
    assert (found["lists"], found["alike"]) == ([10, 10], [1.0, 1.0])


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
