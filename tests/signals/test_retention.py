"""What is past its retention goes, what is not stays: events by month, texts, refused input."""

from datetime import UTC, datetime, timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from personalize.decision import partitions as decisions
from signals.capture.retention import purge_expired
from signals.derive.partitions import ensure_partitions, partition_name
from signals.models import (
    FormatObservation,
    LearnerFeature,
    LearnerSession,
    QualityFinding,
    SearchQuery,
)
from tests.factories import ada, moment, new_learner
from tests.signals.derive.rows import one_of_each

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def tables(like: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname LIKE %s AND relkind = 'r'", [like]
        )
        return {name for (name,) in cursor.fetchall()}


def search(*, days_ago: int) -> None:
    SearchQuery.objects.create(
        learner_id=new_learner(),
        searched_at=NOW - timedelta(days=days_ago),
        results=0,
        sealed=b"sealed",
    )


def test_a_month_that_ended_thirteen_months_ago_is_dropped_and_the_next_is_not() -> None:
    ensure_partitions(NOW)
    purge_expired(now=NOW + timedelta(days=31))
    left = tables("signals_event_2025%")
    assert partition_name(datetime(2025, 10, 1, tzinfo=UTC)) not in left
    assert partition_name(datetime(2025, 11, 1, tzinfo=UTC)) in left


def test_the_default_partition_is_never_dropped() -> None:
    ensure_partitions(NOW)
    purge_expired(now=NOW + timedelta(days=4000))
    assert tables("signals_event%") == {"signals_event_default"}


def test_old_searches_are_deleted_and_new_ones_kept() -> None:
    search(days_ago=500)
    search(days_ago=30)
    assert purge_expired(now=NOW)["texts"] == 1
    assert SearchQuery.objects.count() == 1


def test_days_of_decisions_go_after_half_a_year() -> None:
    decisions.ensure_days([NOW.date() - timedelta(days=days) for days in (181, 180, 1)])
    decisions.drop_old(now=NOW)
    left = tables("personalize_decision_20%")
    assert f"personalize_decision_{NOW.date() - timedelta(days=181):%Y%m%d}" not in left
    assert f"personalize_decision_{NOW.date() - timedelta(days=180):%Y%m%d}" in left


def test_what_was_derived_goes_after_two_years_and_findings_after_two_months() -> None:
    old, idle, active = (new_learner() for _ in range(3))
    for learner_id, days_ago in ((old, 800), (idle, 100), (active, 1)):
        at = NOW - timedelta(days=days_ago)
        one_of_each(learner_id)
        LearnerFeature.objects.filter(learner_id=learner_id).update(last_at=at)
        LearnerSession.objects.filter(learner_id=learner_id).update(ended_at=at)
        QualityFinding.objects.filter(learner_id=learner_id).update(day=at.date())
    assert purge_expired(now=NOW)["derived"] == 2 + 2
    kept = set(LearnerFeature.objects.values_list("learner_id", flat=True))
    assert kept == set(FormatObservation.objects.values_list("learner_id", flat=True))
    assert kept == set(LearnerSession.objects.values_list("learner_id", flat=True))
    assert kept == {idle, active}
    assert [row.learner_id for row in QualityFinding.objects.all()] == [active]


def test_sessions_that_are_over_leave_no_row(client: Client) -> None:
    client.force_login(ada().account)
    assert purge_expired(now=moment())["sessions"] == 0
    assert purge_expired(now=moment(days=-61))["sessions"] == 1
    assert not Session.objects.exists()


def test_failed_sign_ins_that_count_no_more_are_let_go_every_night() -> None:
    for name, hours in (("ada", 1), ("ben", 0)):
        made = AccessAttempt.objects.create(
            username=name, ip_address="10.0.0.1", failures_since_start=1
        )
        AccessAttempt.objects.filter(pk=made.pk).update(attempt_time=moment(hours=hours))
    assert purge_expired(now=moment())["attempts"] == 1
    assert AccessAttempt.objects.get().username == "ben"
