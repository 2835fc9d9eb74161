"""The numbers anybody may see: whole days, whole weeks, at least ten learners, rounded to five."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from signals import aggregates
from signals.api import kind_codes
from signals.data import Demand, KpiTotals
from signals.derive.demand import monday
from signals.models import DemandTerm, LearnerCourse, Rollup
from tests.factories import moment, new_course

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday


def rollup(kind: str, at: datetime, n: int, *, surface: int = 0, values: float = 0.0) -> None:
    Rollup.objects.create(
        step_at=at,
        kind=kind_codes()[kind],
        surface=surface,
        arm=1 if surface else 0,
        count=n,
        total=n * values,
        squares=n * values**2,
    )


def term(name: str, week: date, learners: int, searches: int = 0, without_result: int = 0) -> None:
    DemandTerm.objects.create(
        term=name,
        week=week,
        learners=learners,
        searches=searches or learners,
        without_result=without_result,
    )


def rated(course_id: int, *stars: float) -> None:
    LearnerCourse.objects.bulk_create(
        LearnerCourse(learner_id=number, course_id=course_id, rating=value, last_at=moment())
        for number, value in enumerate(stars)
    )


def test_each_day_has_its_own_sums_from_midnight_to_midnight_in_utc(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    midnight = NOON.replace(hour=0)
    rollup("rec.shown", midnight - timedelta(minutes=5), 70, surface=1)
    rollup("rec.shown", midnight, 30, surface=1)
    rollup("rec.shown", midnight + timedelta(hours=1), 20, surface=2)
    rollup("rec.clicked", midnight, 10, surface=1)
    rollup("rec.shown", midnight, 90)  # names no list of ours
    rollup("rec.clicked", midnight, 90)
    rollup("course.enrolled", midnight, 40)
    rollup("course.enrolled", midnight, 20, surface=1)
    rollup("course.completed", midnight, 50)
    rollup("course.rated", midnight, 60, values=4.0)
    with django_assert_num_queries(1):
        report = aggregates.kpis(days=3, now=NOON)
    today, yesterday = NOON.date(), NOON.date() - timedelta(days=1)
    whole = KpiTotals(
        slates=50,
        clicks=10,
        enrolments=60,
        enrolments_led=20,
        completions=50,
        ratings=60,
        rating_total=240.0,
        rating_squares=960.0,
    )
    assert report.days == (
        (yesterday - timedelta(days=1), KpiTotals()),
        (yesterday, KpiTotals(slates=70)),
        (today, whole),
    )
    assert report.week == replace(whole, slates=120)


def test_a_week_and_the_week_before_are_of_seven_days_each() -> None:
    for ago in range(16):
        rollup("course.enrolled", NOON - timedelta(days=ago, hours=1), 10 if ago < 7 else 20)
    report = aggregates.kpis(days=28, now=NOON)
    assert (report.week.enrolments, report.week_before.enrolments) == (70, 140)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=st.lists(st.integers(0, 60), min_size=14, max_size=14))
def test_no_count_is_of_fewer_than_ten_and_each_is_rounded_after_its_window_was_summed(
    counts: list[int],
) -> None:
    Rollup.objects.all().delete()
    for ago, n in enumerate(counts):
        rollup("course.rated", NOON - timedelta(days=ago, hours=1), n, values=3.0)
        rollup("course.completed", NOON - timedelta(days=ago, hours=1), n)
    report = aggregates.kpis(days=14, now=NOON)
    windows = [(totals, counts[13 - at]) for at, (_, totals) in enumerate(report.days)]
    windows += [(report.week, sum(counts[:7])), (report.week_before, sum(counts[7:]))]
    for totals, n in windows:
        assert (totals.completions is None) == (totals.ratings is None) == (n < 10)
        if totals.completions is not None and totals.ratings is not None:
            assert totals.completions % 5 == 0
            assert abs(totals.completions - n) <= 2.5
            assert totals.rating_total / totals.ratings == pytest.approx(3.0)
            assert totals.rating_squares / totals.ratings == pytest.approx(9.0)


def test_what_lies_outside_the_days_or_is_not_a_key_figure_is_left_out() -> None:
    rollup("rec.shown", NOON - timedelta(days=3), 70, surface=1)
    rollup("rec.shown", NOON + timedelta(minutes=5), 70, surface=1)
    rollup("course.viewed", NOON - timedelta(hours=1), 70)
    report = aggregates.kpis(days=3, now=NOON)
    assert {totals for _, totals in report.days} == {KpiTotals()}


@pytest.mark.parametrize("now", [NOON, datetime(2026, 11, 16, 3, tzinfo=UTC)])
def test_demand_looks_at_exactly_the_closed_weeks_also_on_a_monday(now: datetime) -> None:
    this_week = monday(now.date())
    for back in range(5):
        term(f"week {back}", this_week - timedelta(weeks=back), 20)
    found = aggregates.demand(weeks=3, now=now)
    assert [row.term for row in found] == ["week 1", "week 2", "week 3"]


def test_demand_takes_the_best_week_for_learners_and_adds_searches_rounded() -> None:
    week = monday(NOON.date()) - timedelta(weeks=1)
    term("welding", week, 13, 41, 28)
    term("welding", week - timedelta(weeks=1), 18, 22, 12)
    assert aggregates.demand(weeks=4, now=NOON) == [
        Demand("welding", learners=20, searches=65, without_result=40, last_week=week)
    ]


def test_demand_shows_no_term_of_fewer_than_ten_even_where_one_is_stored() -> None:
    term("welding", monday(NOON.date()) - timedelta(weeks=1), 9)
    assert aggregates.demand(weeks=4, now=NOON) == []


def test_demand_without_result_leaves_out_what_is_found() -> None:
    week = monday(NOON.date()) - timedelta(weeks=1)
    term("sql", week, 30, 40, 0)
    term("welding", week, 15, 20, 20)
    found = aggregates.demand(weeks=4, now=NOON, only_without_result=True)
    assert [row.term for row in found] == ["welding"]


def test_a_rating_is_shown_from_ten_raters_up_with_their_number_rounded() -> None:
    few, many = new_course("few").course_id, new_course("many").course_id
    rated(few, *[5.0] * 9)
    rated(many, *[5.0] * 6, *[2.0] * 6)
    assert aggregates.course_ratings([few, many]) == {many: (3.5, 10)}


def test_nothing_was_counted_before_the_first_count() -> None:
    assert aggregates.rolled_up_at() is None
