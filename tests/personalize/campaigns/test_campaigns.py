"""A campaign, from a group that stands still to what it brought."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client, TestCase
from django.utils import translation

from experiments import api as experiments
from personalize import api as personalize
from personalize.agents.campaigns import Measured, propose
from personalize.api import CampaignWanted
from personalize.experience.campaigns import deciding, measuring, running
from personalize.experience.nudges import outbox
from personalize.experience.nudges import page as line
from personalize.models import Campaign, CampaignLearner, Reminder, ReminderChoice
from signals import aggregates, catalogue
from signals import api as signals
from signals.clock import now
from signals.data import SYSTEM, Actor, ActorKind, CourseInfo, Purpose, Standing
from signals.models import Learner, LearnerModule, LedgerEntry
from tests.factories import ada, moment, new_course, new_learner
from tests.personalize.nudges.world import enrols, finishes

pytestmark = pytest.mark.django_db

ROOT = Actor(ActorKind.STAFF, "root", frozenset({"admin"}))
UMA = Actor(ActorKind.STAFF, "uma", frozenset({"analyst"}))


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold nobody back for good, and remember nothing."""
    monkeypatch.setattr("experiments.assignment.HOLDOUT_SHARE", 0.0)
    cache.clear()
    yield
    cache.clear()
    translation.deactivate()  # a page read in German leaves its thread in German


@pytest.fixture
def course() -> CourseInfo:
    """Return a course of four modules."""
    return new_course("stats", title="Statistics", modules=["m1", "m2", "m3", "m4"])


def stuck(course: CourseInfo, number: int, *, days: int = 8) -> list[int]:
    """Let learners have finished the first module and stopped so many days ago."""
    found = [new_learner() for _ in range(number)]
    for learner_id in found:
        enrols(learner_id, course, at=moment(days=20))
        finishes(learner_id, course, modules=(0,), at=moment(days=days))
    return found


def wanted(**other: Any) -> CampaignWanted:
    said: dict[str, Any] = {
        "texts": {"en": "Module 2 is short.", "de": "Modul 2 ist kurz."},
        "bundle": (),
        "session": "",
        "by_mail": False,
        "compare_share": 0.5,
        "most": 1000,
        "ends_on": (now() + timedelta(days=10)).date(),
    }
    return CampaignWanted(**said | other)


def approved(**other: Any) -> Campaign:
    """Find, and approve the only proposal."""
    assert deciding.find(now=now()) == 1
    campaign = Campaign.objects.get()
    personalize.approve_campaign(ROOT, campaign.pk, wanted(**other), reason="try it", now=now())
    campaign.refresh_from_db()
    return campaign


def test_a_group_is_told_from_twenty_on_and_never_holds_who_said_no(course: CourseInfo) -> None:
    found = stuck(course, 21)
    signals.set_consent(
        found[0],
        purpose=Purpose.PERSONALIZATION,
        granted=False,
        via="page",
        actor=SYSTEM,
        now=now(),
    )
    (one,) = aggregates.standing_still(now=now())
    assert (one.kind, one.learners, one.under_way) == ("stuck", 20, 20)
    Learner.objects.filter(pk=found[1]).update(age_band="under18")
    assert aggregates.standing_still(now=now()) == ()


def test_each_kind_of_group_is_found_where_it_stands(course: CourseInfo) -> None:
    first = catalogue.modules(course.course_id)[0].module_id
    for _ in range(20):
        enrols(new_learner(), course, at=moment(days=5))
    for learner_id in stuck(course, 20, days=4):
        LearnerModule.objects.filter(learner_id=learner_id).update(score=0.3)
    found = {one.kind: one.module_id for one in aggregates.standing_still(now=now())}
    assert found == {"not_begun": first, "not_passed": first}


def test_who_stopped_just_now_or_long_ago_or_finished_is_in_no_group(course: CourseInfo) -> None:
    stuck(course, 20, days=2)
    stuck(course, 20, days=15)
    for learner_id in stuck(course, 20):
        finishes(learner_id, course, modules=(1, 2, 3), at=moment(days=8))
    assert aggregates.standing_still(now=now()) == ()


def proposed(course: CourseInfo, *earlier: Measured, busy: frozenset[Any] = frozenset()) -> Any:
    """Return what the agent proposes for 40 of 100 who stand before the second module."""
    modules = catalogue.modules(course.course_id)
    second = modules[1].module_id
    return propose(
        [Standing("stuck", course.course_id, second, 40, 100, 6, 14)],
        courses={course.course_id: course},
        modules={course.course_id: modules},
        reach={course.course_id: {modules[0].module_id: 200, second: 50}},
        earlier=earlier,
        busy=busy,
    )


def test_reasons_are_shares_of_counts_that_may_be_told(course: CourseInfo) -> None:
    (one,) = proposed(course)
    assert [reason.share for reason in one.reasons] == [0.4, 0.75]
    assert one.session


def test_nothing_is_expected_before_one_of_the_kind_was_measured(course: CourseInfo) -> None:
    other = Measured("not_begun", 100, 50, 100, 10)
    assert proposed(course, other)[0].expected.campaigns == 0
    own = proposed(course, other, Measured("stuck", 300, 90, 100, 20))[0].expected
    assert (own.campaigns, own.learners, round(own.difference, 3)) == (1, 400, 0.1)


def test_a_place_that_was_told_is_not_proposed_again(course: CourseInfo) -> None:
    second = catalogue.modules(course.course_id)[1].module_id
    assert proposed(course, busy=frozenset({("stuck", course.course_id, second)})) == ()


def test_the_agent_proposes_in_every_language_and_sends_nothing(course: CourseInfo) -> None:
    stuck(course, 25)
    assert deciding.find(now=now()) == 1
    campaign = Campaign.objects.get()
    assert campaign.texts.keys() == {"en", "de", "es", "ar"}
    assert len(set(campaign.texts.values())) == 4
    assert running.run(now=now()) == running.Ran(0, 0, 0)
    assert not Reminder.objects.exists()


def test_proposals_are_made_anew_but_what_a_person_edited_stays(course: CourseInfo) -> None:
    stuck(course, 25)
    deciding.find(now=now())
    first = Campaign.objects.get().pk
    deciding.find(now=now())
    second = Campaign.objects.get().pk
    assert second != first
    personalize.edit_campaign(UMA, second, wanted(), now=now())
    deciding.find(now=now())
    assert Campaign.objects.get().pk == second


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("text_en", {"texts": {"en": " "}}),
        ("text_en", {"texts": {"en": "word " * 41}}),
        ("bundle", {"bundle": (4711,)}),
        ("compare", {"compare_share": 0.0}),
        ("most", {"most": 0}),
        ("ends_on", {"ends_on": moment().date()}),
    ],
)
def test_what_may_not_be_is_refused_by_field(
    course: CourseInfo, field: str, other: dict[str, Any]
) -> None:
    stuck(course, 20)
    deciding.find(now=now())
    number = Campaign.objects.get().pk
    with pytest.raises(ValidationError) as refused:
        personalize.approve_campaign(ROOT, number, wanted(**other), reason="x", now=now())
    assert field in refused.value.message_dict
    assert Campaign.objects.get().state == "proposed"


@pytest.mark.parametrize("actor", [UMA, SYSTEM], ids=str)
def test_only_an_administrator_approves(course: CourseInfo, actor: Actor) -> None:
    stuck(course, 20)
    deciding.find(now=now())
    with pytest.raises(PermissionDenied):
        personalize.approve_campaign(
            actor, Campaign.objects.get().pk, wanted(), reason="x", now=now()
        )


def test_it_takes_a_reason_happens_once_and_stands_in_the_ledger(course: CourseInfo) -> None:
    stuck(course, 20)
    deciding.find(now=now())
    number = Campaign.objects.get().pk
    with pytest.raises(ValidationError):
        personalize.approve_campaign(ROOT, number, wanted(), reason=" ", now=now())
    personalize.approve_campaign(ROOT, number, wanted(), reason="x", now=now())
    with pytest.raises(LookupError):
        personalize.approve_campaign(ROOT, number, wanted(), reason="x", now=now())
    assert LedgerEntry.objects.get(action="campaign.approved").actor == "staff:root"


def test_everybody_is_drawn_to_one_side_and_one_side_alone_is_told(course: CourseInfo) -> None:
    found = stuck(course, 40)
    campaign = approved()
    ran = running.run(now=now())
    drawn = dict(CampaignLearner.objects.values_list("learner_id", "compared"))
    assert drawn.keys() == set(found)
    assert (ran.given, ran.compared) == (40 - sum(drawn.values()), sum(drawn.values()))
    assert min(ran.given, ran.compared) > 0
    told = set(Reminder.objects.filter(kind="group").values_list("learner_id", flat=True))
    assert told == {learner_id for learner_id, compared in drawn.items() if not compared}
    assert running.run(now=now()).given == 0  # once
    campaign.refresh_from_db()
    assert campaign.enlisted


def test_who_wants_no_reminders_or_is_held_back_is_drawn_to_no_side(
    course: CourseInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = stuck(course, 24)
    ReminderChoice.objects.create(learner_id=found[0], wanted=False, updated_at=now())
    ReminderChoice.objects.create(
        learner_id=found[1], paused_until=now() + timedelta(days=3), updated_at=now()
    )
    monkeypatch.setattr("experiments.api.in_holdout", lambda learner_id: learner_id == found[2])
    campaign = approved()
    running.run(now=now())
    assert CampaignLearner.objects.filter(learner_id__in=found[:3]).count() == 0
    campaign.refresh_from_db()
    assert campaign.left_out == {"off": 1, "paused": 1, "held_back": 1}


def test_it_is_stopped_between_two_batches_and_what_waits_is_never_seen(
    course: CourseInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck(course, 30)
    monkeypatch.setattr(running, "BATCH", 10)
    campaign = approved()
    drew = running._draw

    def draw_and_stop(pk: UUID, *, now: datetime) -> Any:
        drawn = drew(pk, now=now)
        monkeypatch.setattr(running, "_draw", drew)
        personalize.stop_campaign(ROOT, pk, reason="complaints", now=now)
        return drawn

    monkeypatch.setattr(running, "_draw", draw_and_stop)
    running.run(now=now())
    drawn = CampaignLearner.objects.values_list("learner_id", flat=True)
    assert len(drawn) == 10
    assert not Reminder.objects.filter(state=Reminder.State.DUE).exists()
    assert all(line.line(learner_id, now=now()) is None for learner_id in drawn)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.ended_by) == ("stopped", "root")


def test_it_is_given_to_no_more_than_the_most(course: CourseInfo) -> None:
    stuck(course, 40)
    approved(most=5)
    running.run(now=now())
    assert CampaignLearner.objects.filter(compared=False).count() == 5


@pytest.fixture
def told(course: CourseInfo) -> int:
    """Return ada's number: she is in a group of twenty."""
    person = ada()
    person.account.email = "ada@example.org"
    person.account.save()
    enrols(person.learner_id, course, at=moment(days=20))
    finishes(person.learner_id, course, modules=(0,), at=moment(days=8))
    stuck(course, 19)
    return person.learner_id


def give(learner_id: int, **other: Any) -> Campaign:
    """Approve the campaign, and let chance have drawn a learner to be told."""
    campaign = approved(**other)
    choice = ReminderChoice.objects.filter(learner_id=learner_id).first()
    CampaignLearner.objects.create(
        learner_id=learner_id, campaign_id=campaign.pk, compared=False, at=now()
    )
    reached = choice or ReminderChoice(learner_id=learner_id, quiet_from=0, quiet_until=0)
    running._write(campaign, [reached], now=now())
    return campaign


def test_a_learner_reads_it_on_their_page_in_their_language_and_puts_it_off(told: int) -> None:
    give(told)
    browser = Client(headers={"Accept-Language": "de"})
    browser.force_login(signals.Account.objects.get(learner_id=told))
    assert "Modul 2 ist kurz." in browser.get("/home/").content.decode()
    row = Reminder.objects.get(learner_id=told, kind="group")
    assert row.state == "sent"
    browser.post(f"/nudges/{row.pk}/later/")
    assert "Modul 2 ist kurz." not in browser.get("/home/").content.decode()


def test_who_stops_reminders_has_stopped_it(told: int) -> None:
    give(told)
    ReminderChoice.objects.update_or_create(
        learner_id=told, defaults={"wanted": False, "updated_at": now()}
    )
    assert line.line(told, now=now()) is None


def test_who_turns_out_to_be_a_minor_reads_none(told: int) -> None:
    give(told)
    Learner.objects.filter(pk=told).update(age_band="under18")
    shown = line.line(told, now=now())
    assert shown is None or shown.words.heading != "Module 2 is short."
    assert Reminder.objects.get(kind="group").state == Reminder.State.DUE


@pytest.mark.parametrize("flag", ["surface-campaigns-off", "surface-nudges-off"])
def test_either_switch_closes_it_for_everybody(told: int, flag: str) -> None:
    give(told)
    with TestCase.captureOnCommitCallbacks(execute=True):
        experiments.throw_switch(SYSTEM, flag, off=True, reason="harm", now=now())
    assert line.line(told, now=now()) is None
    assert running.run(now=now()).given == 0


def test_the_cap_of_reminders_holds_for_it(told: int) -> None:
    give(told)
    at = moment(days=1)
    Reminder.objects.create(
        learner_id=told,
        channel="page",
        key="next:9:9",
        kind="next",
        facts={},
        state="sent",
        made_at=at,
        due_at=at,
        sent_at=at,
    )
    assert line.line(told, now=now()) is None  # one a week, as is usual
    assert line.line(told, now=now() + timedelta(days=7)) is not None


def mailed(learner_id: int) -> None:
    """Let somebody want e-mails at any hour, and nothing on pages."""
    ReminderChoice.objects.create(
        learner_id=learner_id,
        by_mail=True,
        on_page=False,
        quiet_from=0,
        quiet_until=0,
        updated_at=now(),
    )


def test_it_goes_by_mail_once_with_one_click_to_stop(told: int) -> None:
    mailed(told)
    give(told, by_mail=True)
    assert outbox.run(now=now()).sent == 1
    (message,) = mail.outbox
    assert "Module 2 is short." in message.body
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert outbox.run(now=now()).sent == 0


def test_what_was_stopped_meanwhile_is_not_mailed(told: int) -> None:
    mailed(told)
    campaign = give(told, by_mail=True)
    Campaign.objects.filter(pk=campaign.pk).update(state="stopped")
    ran = outbox.run(now=now())
    assert (ran.sent, ran.dropped) == (0, 1)
    assert mail.outbox == []


def test_consent_withdrawn_takes_them_out_of_it(told: int) -> None:
    give(told)
    signals.set_consent(
        told, purpose=Purpose.PERSONALIZATION, granted=False, via="page", actor=SYSTEM, now=now()
    )
    assert line.line(told, now=now()) is None
    assert not CampaignLearner.objects.filter(learner_id=told).exists()


def over(course: CourseInfo, *, given: int, compared: int, went: int, went_compared: int) -> Any:
    """Let a campaign of so many on each side be eight days old, with so many who went on."""
    campaign = Campaign.objects.create(
        kind="stuck",
        course_id=course.course_id,
        module_id=catalogue.modules(course.course_id)[1].module_id,
        learners=given + compared,
        state="finished",
        reasons=[],
        expected={},
        texts={"en": "x"},
        compare_share=0.5,
        most=1000,
        ends_on=now().date(),
        proposed_at=moment(days=9),
    )
    for compares, number, went_on in ((False, given, went), (True, compared, went_compared)):
        for place in range(number):
            learner_id = new_learner()
            CampaignLearner.objects.create(
                learner_id=learner_id, campaign_id=campaign.pk, compared=compares, at=moment(days=8)
            )
            at = moment(days=7) if place < went_on else moment(hours=1)  # in time, or too late
            finishes(learner_id, course, modules=(1,), at=at)
    return campaign


def test_uplift_is_the_difference_of_those_who_went_on_in_seven_days(course: CourseInfo) -> None:
    campaign = over(course, given=60, compared=60, went=54, went_compared=6)
    found = measuring.uplift(campaign, now=now())
    assert found is not None
    assert (found.with_it, found.without) == (0.9, 0.1)
    assert found.low <= found.difference <= found.high
    assert (found.given, found.compared, found.reading) == (60, 60, "helped")


def test_a_difference_that_may_be_chance_is_not_shown(course: CourseInfo) -> None:
    campaign = over(course, given=20, compared=20, went=10, went_compared=8)
    found = measuring.uplift(campaign, now=now())
    assert found is not None
    assert found.reading == "not shown"


def test_nothing_is_told_of_fewer_than_twenty_on_a_side(course: CourseInfo) -> None:
    campaign = over(course, given=22, compared=19, went=20, went_compared=2)
    assert measuring.uplift(campaign, now=now()) is None


def test_what_is_over_ends_by_itself_and_lets_go_of_what_waits(told: int) -> None:
    campaign = give(told)
    assert running.run(now=now() + timedelta(days=11)).finished == 1
    campaign.refresh_from_db()
    assert campaign.state == "finished"
    assert Reminder.objects.get(learner_id=told, kind="group").state == "dropped"
