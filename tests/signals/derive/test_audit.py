"""The signal audit: what the rules found on closed days, for ten learners or more, and no name."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from signals import aggregates
from signals.data import AuditRule, NewEvent
from signals.derive.quality import count_quality
from signals.models import Learner, LearnerQuality, QualityFinding, QualityMonth, Source, SourceDay
from signals.processing.rules.registry import RULES
from signals.processing.silence import is_silent
from tests.factories import moment, new_course, new_learner, pages_source, wire_event
from tests.signals.derive.caught_up import derive_to_here
from tests.signals.derive.happened import store
from tests.signals.door import Door

CODES = {rule.name: rule.code for rule in RULES}
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)


def a_source(name: str = "lms") -> int:
    return Source.objects.get_or_create(
        name=name, defaults={"title": name.upper(), "created_at": NOW}
    )[0].pk


def received(source_id: int, *, days_ago: int, events: int = 100, **more: Any) -> None:
    """Have a source send events on a day."""
    day = TODAY - timedelta(days=days_ago)
    SourceDay.objects.create(day=day, source_id=source_id, events=events, **more)


def findings(learners: int, *, day: date = YESTERDAY, source_id: int, events: int = 3) -> None:
    """Have a rule find something about so many learners."""
    QualityFinding.objects.bulk_create(
        QualityFinding(
            learner_id=number,
            day=day,
            source_id=source_id,
            rule=CODES["accidental_click"],
            events=events,
            told=f"{events} openings",
        )
        for number in range(learners)
    )


def found(name: str) -> AuditRule:
    audit = aggregates.quality_audit(TODAY, now=NOW)
    return next(rule for rule in audit.rules if rule.name == name)


@pytest.mark.django_db
def test_a_cell_of_ten_learners_is_shown_rounded_with_samples() -> None:
    source = a_source()
    received(source, days_ago=1)
    findings(11, source_id=source)
    assert count_quality(now=NOW) == 1
    cell = found("accidental_click").cells[source]
    assert (cell.events, cell.learners, cell.samples) == (35, 10, ("3 openings",))


@pytest.mark.django_db
def test_nine_learners_are_shown_nowhere_however_much_they_did() -> None:
    findings(9, source_id=a_source(), events=400)
    assert count_quality(now=NOW) == 0
    assert not QualityMonth.objects.exists()


@pytest.mark.django_db
def test_the_day_that_runs_waits_until_it_is_over() -> None:
    findings(20, day=TODAY, source_id=a_source())
    assert count_quality(now=NOW) == 0
    assert count_quality(now=NOW + timedelta(days=1)) == 1


@pytest.mark.django_db
def test_counting_again_changes_nothing() -> None:
    source = a_source()
    received(source, days_ago=1, copies=40)
    findings(11, source_id=source)
    for _ in range(2):
        assert count_quality(now=NOW) == 2
    assert found("duplicate").cells[source].events == 40


@pytest.mark.django_db
def test_what_is_older_than_last_month_stays_as_it_was_counted() -> None:
    source = a_source()
    month = date(2026, 8, 1)
    QualityMonth.objects.create(
        month=month, source_id=source, rule=5, version=1, events=20, learners=10
    )
    count_quality(now=NOW)
    assert QualityMonth.objects.filter(month=month).exists()


@pytest.mark.django_db(transaction=True)
def test_refusals_and_copies_are_counted_by_the_rule_they_belong_to() -> None:
    door = Door()
    new_course("c1")
    unknown = [wire_event("course.viewed", course="nowhere") for _ in range(13)]
    out = [wire_event("course.rated", course="c1", value=9) for _ in range(12)]
    kept = wire_event("course.viewed", course="c1")
    door.send(*unknown, *out, kept)
    for _ in range(3):
        door.send(*[kept] * 5)  # fourteen copies within and over three batches, and the first
    derive_to_here("quality", now=moment())
    tomorrow = moment() + timedelta(days=1)
    count_quality(now=tomorrow)
    audit = aggregates.quality_audit(moment().date(), now=tomorrow)
    lms = Source.objects.get(name="lms").pk
    told = {rule.name: rule.cells[lms].events for rule in audit.rules if lms in rule.cells}
    assert told == {"unknown_course": 15, "score_out_of_range": 10, "duplicate": 15}
    day = SourceDay.objects.get(source_id=lms)
    assert (day.events, day.copies) == (1, 15)
    assert day.refused == {"unknown_course": 13, "value_out_of_range": 12}
    shares = aggregates.quality_shares(now=tomorrow)
    assert (shares.received, shares.refused_share) == (26, 25 / 26)
    assert shares.unknown_share == 13 / 26


@pytest.mark.django_db(transaction=True)
def test_what_was_received_is_counted_once_by_source_and_day() -> None:
    course = new_course("c1").course_id
    people = [new_learner() for _ in range(3)]
    for person in people:
        store([NewEvent("course.enrolled", person, moment(days=9), course_id=course)], now=moment())
        derive_to_here("quality", now=moment())
    row = SourceDay.objects.get(source_id=pages_source())
    assert (row.day, row.events) == (moment().date(), 3)


@pytest.mark.django_db
def test_the_share_of_learners_who_train_nothing_is_of_real_ones() -> None:
    for number in range(8):
        new_learner(f"u-{number}")
    new_learner("test-1")
    assert Learner.objects.filter(kind="test").count() == 1
    robot = Learner.objects.filter(kind="real").values_list("learner_id", flat=True)[0]
    judged_weightless(robot)
    shares = aggregates.quality_shares(now=NOW)
    assert (shares.learners, shares.weightless_share) == (8, 1 / 8)


def judged_weightless(learner_id: int) -> None:
    LearnerQuality.objects.create(learner_id=learner_id, score=0.1, weight=0)


@pytest.mark.django_db
def test_a_source_that_fell_silent_is_named_with_its_share() -> None:
    quiet, busy = a_source("quiet"), a_source("busy")
    for ago in (8, 15):
        received(quiet, days_ago=ago, events=30)
    for ago in (1, 8, 15):
        received(busy, days_ago=ago, events=80)
    shares = aggregates.quality_shares(now=NOW)
    assert (shares.silent, shares.silent_share) == (("quiet",), 60 / 300)
    Source.objects.filter(pk=quiet).update(active=False)
    assert aggregates.quality_shares(now=NOW).silent == ()


@pytest.mark.parametrize(
    ("ago", "silent"),
    [
        ({8: 10, 15: 10}, True),
        ({8: 10, 15: 9}, False),  # too few to tell
        ({8: 10}, False),  # new
        ({0: 1, 8: 50, 15: 50}, False),  # it has begun to send again
        ({1: 1, 8: 50, 15: 50}, False),
        ({2: 50, 3: 50, 9: 50, 10: 50}, False),  # it never sends on that weekday
    ],
)
def test_silence_is_held_against_the_same_weekday(ago: dict[int, int], silent: bool) -> None:
    days = {TODAY - timedelta(days=days_ago): events for days_ago, events in ago.items()}
    assert is_silent(days, today=TODAY) is silent
