"""Is a source that goes silent or sends half its fields found within a beat, and no other?"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from signals import api
from signals.data import Actor, ActorKind, Objective
from signals.models import Source, SourceDay, SourceObjective
from signals.processing.completeness import complete_share
from tests.factories import moment, pages_source
from tests.signals.derive.promises import HOURLY, UMA, promised, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages() -> str:
    """Return the name of a source that promises an event an hour."""
    return promised()


def test_a_source_that_never_sent_is_silent_once_its_time_is_over(pages: str) -> None:
    began = moment(hours=3)
    Source.objects.create(name="lms", title="LMS", created_at=began)
    api.set_objective(UMA, "lms", HOURLY, reason="Agreed", now=began)
    assert not state("lms", at=began + timedelta(minutes=59)).silent
    assert state("lms", at=began + timedelta(minutes=61)).silent


def test_a_source_out_of_use_raises_no_alarm(pages: str) -> None:
    Source.objects.update(active=False)
    assert api.source_states(now=moment()) == ()


def received(*, events: int, refused: Mapping[str, int], days_ago: int) -> None:
    SourceDay.objects.create(
        day=moment(days=days_ago).date(),
        source_id=pages_source(),
        events=events,
        refused=dict(refused),
    )


def test_too_many_events_without_their_fields_are_an_alarm(pages: str) -> None:
    received(events=970, refused={"course_required": 10}, days_ago=1)
    now = moment()
    whole = state(pages, at=now)
    assert (whole.complete_share, whole.incomplete) == (970 / 980, False)
    received(events=0, refused={"value_required": 11, "unknown_course": 500}, days_ago=7)
    received(events=0, refused={"value_required": 9000}, days_ago=8)  # longer ago than seven days
    lacking = state(pages, at=now)
    assert lacking.complete_share == pytest.approx(1470 / 1491)
    assert lacking.incomplete is False
    api.set_objective(UMA, pages, replace(HOURLY, complete_share=0.99), reason="x", now=now)
    assert state(pages, at=now).incomplete


@pytest.mark.parametrize(
    ("stored", "refused", "share"),
    [
        (9, {}, None),
        (10, {}, 1.0),
        (9, {"invalid_field": 1}, 0.9),
        (0, {"course_required": 10}, 0.0),
        (5, {"unknown_course": 4, "module_required": 1}, 0.9),
        (0, {}, None),
    ],
)
def test_completeness_is_the_share_that_carries_its_fields(
    stored: int, refused: dict[str, int], share: float | None
) -> None:
    assert complete_share(stored, refused) == share


def test_a_change_stands_in_the_ledger_with_its_reason(pages: str) -> None:
    now = moment()
    api.set_objective(UMA, pages, replace(HOURLY, every_minutes=30), reason=" Exams ", now=now)
    entry = api.ledger_rows(limit=1)[0]
    assert (entry.actor, entry.action) == ("staff:uma", "source.objective")
    assert entry.subject == f"source:{pages}"
    before, after = entry.detail["before"], entry.detail["after"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert (before["every_minutes"], after["every_minutes"]) == (60, 30)
    assert entry.detail["reason"] == "Exams"
    api.set_objective(UMA, pages, None, reason="Its habit will do", now=now)
    assert not SourceObjective.objects.exists()
    assert api.ledger_rows(limit=1)[0].detail["after"] is None


@pytest.mark.parametrize(
    ("objective", "reason", "field"),
    [
        (replace(HOURLY, every_minutes=4), "x", "every_minutes"),
        (replace(HOURLY, complete_share=1.2), "x", "complete_share"),
        (replace(HOURLY, owner=""), "x", "owner"),
        (replace(HOURLY, next_step="  "), "x", "next_step"),
        (HOURLY, "  ", "reason"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    pages: str, objective: Objective, reason: str, field: str
) -> None:
    with pytest.raises(ValidationError) as error:
        api.set_objective(UMA, pages, objective, reason=reason, now=moment())
    assert set(error.value.message_dict) == {field}
    assert SourceObjective.objects.get().every_minutes == 60


def test_only_those_who_may_say_what_is_expected(pages: str) -> None:
    pia = Actor(ActorKind.STAFF, "pia", frozenset({"privacy"}))
    with pytest.raises(PermissionError):
        api.set_objective(pia, pages, HOURLY, reason="x", now=moment())
    with pytest.raises(LookupError):
        api.set_objective(UMA, "nobody", HOURLY, reason="x", now=moment())
