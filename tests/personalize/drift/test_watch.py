"""The watch for drift: alerts open, are taken and over, and a model is trained for them."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from pytest_django import Settings

from personalize.data import Source
from personalize.engine import training
from personalize.engine.drift import alerts, answered
from personalize.engine.drift.alerts import QUIET_FOR, State
from personalize.engine.drift.answered import STEP, step_of
from personalize.engine.drift.features import Feature, read
from personalize.engine.drift.looks import Look, Moved
from personalize.engine.drift.retraining import COOLDOWN, retrain_for_drift
from personalize.engine.drift.watch import newest, watch_drift
from personalize.engine.training import Ended, Outcome
from personalize.models import AnswerStep, Decision, DriftAlert
from personalize.models.decisions import SOURCE_CODES
from signals import api
from signals.data import Actor, ActorKind, Mix
from signals.models import MixStep
from tests.factories import moment
from tests.personalize.drift.steps import CLICKED, changed, counted, lived
from tests.personalize.engine.models import promoted, settled

pytestmark = pytest.mark.django_db

UMA = Actor(ActorKind.STAFF, "uma", frozenset({"analyst"}))
CLEO = Actor(ActorKind.STAFF, "cleo", frozenset({"creator"}))
HALF_AN_HOUR = timedelta(minutes=30)


def shifted(feature: Feature, part: str, by: float, *, days: float = 15) -> datetime:
    """Let something be otherwise for half an hour, after steady weeks; return the end of it."""
    end = lived(days, until=moment())
    changed(Mix(feature.value), part, by, since=end - HALF_AN_HOUR)
    return end


def alerted(feature: Feature) -> datetime:
    """Open an alert as a look that found a part of a feature beyond its limit; return when."""
    at = step_of(moment())
    moved = Moved(part="any", steps=2, change=0.3, score=9.0, limit=6.0)
    found = Look(feature, 20.0, (moved,), None, mixed=False, parts=(), trend=(), calm=False, at=at)
    assert alerts.settle([found], now=at) == (feature,)
    return at


def open_alerts() -> list[str]:
    """Return the features of alerts that are not over."""
    return [alert.feature for alert in alerts.listed() if alert.state is not State.OVER]


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Note when a model would be trained, instead of training."""
    noted: list[datetime] = []

    def train(*, now: datetime, actor: Actor) -> Outcome:
        noted.append(now)
        return Outcome(Ended.REFUSED, "A gate refused it.")

    monkeypatch.setattr(training, "retrain", train)
    return noted


def test_a_platform_without_any_event_has_nothing_to_look_at() -> None:
    assert "roll_up has never run" in watch_drift(now=moment()).says
    counted(moment())
    assert "Nothing has arrived" in watch_drift(now=moment()).says
    assert newest() == ()


def test_steady_weeks_raise_no_alert_and_stand_on_the_page() -> None:
    end = lived(15, until=moment())
    assert watch_drift(now=end).opened == ()
    by_feature = {look.feature: look for look in newest()}
    assert set(by_feature) == set(Feature)
    field = by_feature[Feature.FIELD]
    assert [(part.part, round(part.now, 3)) for part in field.parts] == [
        ("Care", 0.385),
        ("Data", 0.615),
    ]
    assert (field.calm, field.mixed, field.index) == (True, False, 0.0)
    assert field.trend[-1] == pytest.approx(0, abs=1e-6)
    assert by_feature[Feature.CLICKS].parts[0].now == pytest.approx(0.225)


def test_a_young_platform_says_how_long_it_is_known_and_judges_nothing() -> None:
    end = lived(5, until=moment())
    changed(Mix.FIELD, "Care", 3.0, since=end - HALF_AN_HOUR)
    assert watch_drift(now=end).opened == ()
    assert {look.days for look in newest()} == {5.0}
    assert not any(part.judged for look in newest() for part in look.parts)


def test_a_shift_opens_one_alert_of_its_feature_that_says_what_moved() -> None:
    end = shifted(Feature.FIELD, "Care", 1.5)
    assert set(watch_drift(now=end).opened) == {Feature.FIELD}
    (alert,) = alerts.listed()
    assert (alert.feature, alert.state, alert.owner) == (Feature.FIELD, State.OPEN, "")
    moved = {each.part: each.change for each in alert.moved if each.steps == 2}
    assert moved["Care"] == pytest.approx(0.484 / 0.385 - 1, abs=0.03)
    assert watch_drift(now=end).opened == ()
    assert DriftAlert.objects.count() == 1


def test_an_alert_is_taken_by_name_and_the_ledger_tells() -> None:
    alerted(Feature.FIELD)
    (alert,) = alerts.listed()
    with pytest.raises(PermissionDenied):
        alerts.take(CLEO, alert.number, reason="mine", now=moment())
    assert alerts.take(UMA, alert.number, reason="a campaign for carers", now=moment())
    (taken,) = alerts.listed()
    assert (taken.state, taken.owner) == (State.SEEN, "uma")
    entry = api.ledger_rows(action_prefix="drift.")[0]
    assert (entry.actor, entry.detail["reason"]) == ("staff:uma", "a campaign for carers")
    assert not alerts.take(UMA, alert.number + 1, reason="", now=moment())


def test_an_alert_is_over_once_all_is_as_it_was_and_not_before() -> None:
    later = lived(16, until=moment())
    began = later - timedelta(hours=18)
    MixStep.objects.filter(
        step_at__gte=began, step_at__lt=began + HALF_AN_HOUR, part="Care"
    ).update(count=2_200)
    for at, still in ((began + HALF_AN_HOUR, True), (began + QUIET_FOR, True), (later, False)):
        counted(at)
        watch_drift(now=at)
        assert open_alerts() == [Feature.FIELD] * still
    assert alerts.listed()[0].over_at == later


def test_a_shift_that_stays_keeps_its_alert_open() -> None:
    later = lived(16, until=moment())
    began = later - timedelta(hours=18)
    changed(Mix.FIELD, "Care", 1.5, since=began)
    for at in (began + HALF_AN_HOUR, later):
        counted(at)
        watch_drift(now=at)
        assert open_alerts() == [Feature.FIELD]


def test_a_model_is_trained_once_for_an_alert(trainings: list[datetime]) -> None:
    at = alerted(Feature.KIND)
    done = retrain_for_drift(now=at)
    assert (trainings, done.ended) == ([at], Ended.REFUSED)
    assert alerts.listed()[0].came_of_it == "A gate refused it."
    retrain_for_drift(now=at + 2 * COOLDOWN)
    assert trainings == [at]


def test_two_alerts_soon_after_one_another_train_no_two_models(trainings: list[datetime]) -> None:
    at = alerted(Feature.FIELD)
    retrain_for_drift(now=at)
    alerted(Feature.LANGUAGE)
    assert "at the earliest" in retrain_for_drift(now=at + COOLDOWN / 2).says
    retrain_for_drift(now=at + COOLDOWN)
    assert trainings == [at, at + COOLDOWN]


def test_nothing_is_trained_while_a_canary_is_compared(trainings: list[datetime]) -> None:
    at = alerted(Feature.FIELD)
    promoted("old", now=at - timedelta(days=3))
    settled("new", now=at - timedelta(days=2))
    assert "new is the canary" in retrain_for_drift(now=at).says
    assert trainings == []


def test_nothing_is_trained_soon_after_the_nights_model(trainings: list[datetime]) -> None:
    at = alerted(Feature.FIELD)
    promoted("tonight", now=at - timedelta(hours=1))
    assert "at the earliest" in retrain_for_drift(now=at).says
    assert trainings == []


@pytest.mark.parametrize("feature", [Feature.VOLUME, Feature.SURFACE, Feature.ANSWERS])
def test_no_model_is_trained_where_newer_data_is_no_remedy(
    feature: Feature, trainings: list[datetime]
) -> None:
    at = alerted(feature)
    assert "No alert asks" in retrain_for_drift(now=at).says
    assert trainings == []


def test_fewer_clicks_and_a_sender_that_falls_silent_are_alerts() -> None:
    end = shifted(Feature.KIND, CLICKED, 0.7)
    assert Feature.CLICKS in watch_drift(now=end).opened
    MixStep.objects.filter(step_at__gte=end - HALF_AN_HOUR).update(count=1)
    assert Feature.VOLUME in watch_drift(now=end).opened


def test_lists_are_counted_by_where_they_come_from_once_however_often_one_asks() -> None:
    end = step_of(moment())
    for minutes, source in ((12, Source.MODEL), (11, Source.MODEL), (7, Source.POPULAR)):
        answer(end - timedelta(minutes=minutes), source)
    for _ in range(2):
        assert answered.count_answers(now=end) == end
    first = int((end - 4 * STEP).timestamp()) // 300
    names, table = answered.counts(first=first, steps=4)
    assert names == ("model", "popular")
    assert table.tolist() == [[0, 0], [2, 0], [0, 1], [0, 0]]
    answer(end - timedelta(minutes=1), Source.CURATED)
    assert answered.count_answers(now=end + STEP) == end + STEP
    assert AnswerStep.objects.filter(source=SOURCE_CODES[Source.CURATED]).get().count == 1


def test_a_platform_that_answered_for_weeks_is_caught_up_with_at_once() -> None:
    end = step_of(moment())
    for days in (9, 4, 1):
        answer(end - timedelta(days=days), Source.MODEL)
    assert answered.counted_to() is None
    assert answered.count_answers(now=end) == end == answered.counted_to()
    found = AnswerStep.objects.filter(source=SOURCE_CODES[Source.MODEL])
    assert sum(found.values_list("count", flat=True)) == 3


def test_catching_up_ends_and_goes_on_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answered, "CATCH_UP_S", 0.0)
    end = step_of(moment())
    answer(end - timedelta(days=2), Source.MODEL)
    answer(end - STEP, Source.MODEL)
    first = answered.count_answers(now=end)
    assert first < end
    assert first < answered.count_answers(now=end) < end


def test_the_rarest_parts_of_a_mix_are_watched_together() -> None:
    end = step_of(moment())
    for number in range(20):
        MixStep(step_at=end - STEP, mix=Mix.DEVICE, part=f"d{number}", count=100 - number).save(
            force_insert=True
        )
    series = {each.feature: each for each in read(until=end, answered_to=end)}
    device = series[Feature.DEVICE]
    assert (len(device.parts), device.parts[0], device.parts[-1]) == (12, "d0", "other")
    assert device.counts.sum() == sum(range(81, 101))


def test_the_commands_say_what_they_found(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DEMO_CLOCK = True
    end = shifted(Feature.FIELD, "Care", 1.5)
    call_command("watch_drift", now=end.isoformat())
    assert "field Care: +" in capsys.readouterr().out
    DriftAlert.objects.all().delete()
    call_command("retrain_for_drift")
    assert "No alert asks" in capsys.readouterr().out


def answer(at: datetime, source: Source) -> None:
    """Log an empty answer of one source."""
    Decision.objects.bulk_create(
        [
            Decision(
                served_at=at,
                request_id=uuid4(),
                surface=1,
                source=SOURCE_CODES[source],
                took_ms=1.0,
                course_ids=[],
                scores=[],
                confidences=[],
                slots=[],
            )
        ]
    )
