"""Reminders by e-mail: only where wanted, once, within cap and quiet hours, stopped by a click."""

import re
from dataclasses import replace
from datetime import timedelta
from smtplib import SMTPException
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from personalize.experience.nudges import outbox
from personalize.experience.nudges.speaking import spoken as in_words
from personalize.experience.nudges.words import Words
from personalize.models import Reminder, ReminderChoice
from signals import api as signals
from signals.data import SYSTEM, Purpose
from signals.models import LedgerEntry
from tests.factories import consents, moment, new_course
from tests.personalize.nudges.conftest import Stopped
from tests.personalize.nudges.world import enrols, finishes

pytestmark = pytest.mark.django_db

ALL_DAY: dict[str, object] = {
    "at_most": "week",
    "on_page": "on",
    "by_mail": "on",
    "quiet_from": 0,
    "quiet_until": 0,
    "time_zone": "UTC",
}


@pytest.fixture
def wanting(stopped: Stopped, settings: Settings) -> Stopped:
    """Return ada, who switched e-mail on, with no quiet hours."""
    settings.PUBLIC_URL = "https://learn.example.org"
    settings.SENDS_MAIL = True
    assert stopped.client.post("/nudges/", ALL_DAY).status_code == 302
    return stopped


class Refusing(EmailBackend):
    """A mail server that takes nothing."""

    def send_messages(self, messages: Any) -> int:
        raise SMTPException("mailbox unavailable")


class Killed(BaseException):
    """What happens to a process that is killed: nothing after it runs."""


class Dying(EmailBackend):
    """A mail server during whose answer the sender is killed."""

    def send_messages(self, messages: Any) -> int:
        raise Killed


def refusing(settings: Settings, *, by: type[EmailBackend] = Refusing) -> None:
    settings.EMAIL_BACKEND = f"{by.__module__}.{by.__qualname__}"


def body_of(message: Any, kind: str = "text/plain") -> str:
    return str(message.body if kind == "text/plain" else message.alternatives[0].content)


def test_nobody_gets_e_mail_who_did_not_switch_it_on(stopped: Stopped) -> None:
    assert outbox.run(now=moment()).written == 0
    assert mail.outbox == []


def test_who_switched_it_on_gets_one_message_with_the_facts_and_the_reason(
    wanting: Stopped,
) -> None:
    call_command("send_nudges")
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["ada@example.org"], "Module 3 takes 10 minutes")
    for kind in ("text/plain", "text/html"):
        text = body_of(message, kind)
        assert "You are 40% through. Module 3 takes 10 minutes." in text
        assert "the last step was 6 days ago" in text
        assert "https://learn.example.org/course/stats/" in text
        assert "https://learn.example.org/nudges/stop/" in text
        assert "<img" not in text


def test_it_is_sent_once_however_often_the_clock_strikes(wanting: Stopped) -> None:
    for days in (0, 0, 8, 16):
        outbox.run(now=moment() + timedelta(days=days))
    assert len(mail.outbox) == 1


def test_a_title_of_two_lines_is_a_subject_of_one(
    wanting: Stopped, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_two_lines(row: Reminder) -> Words | None:
        spoken = in_words(row)
        return spoken and replace(spoken, short="Statistics\nBcc: somebody@example.org")

    monkeypatch.setattr(outbox, "in_words", of_two_lines)
    assert outbox.run(now=moment()).sent == 1
    assert mail.outbox[0].subject == "Statistics Bcc: somebody@example.org"
    assert mail.outbox[0].recipients() == ["ada@example.org"]


def test_an_address_that_is_none_holds_up_nobody_else(wanting: Stopped) -> None:
    account = signals.Account.objects.exclude(learner=None).get()
    account.email = "ada@example.org\nBcc: somebody@example.org"
    account.save()
    assert outbox.run(now=moment()).failed == 1
    assert (mail.outbox, Reminder.objects.get().state) == ([], "failed")


@pytest.mark.parametrize(
    ("language", "why", "stop"),
    [
        ("de", "Warum du das bekommst", "Diese Erinnerungen beenden"),
        ("es", "Por qué recibes esto", "Detener estos recordatorios"),
        ("ar", "لماذا تصلك هذه الرسالة", "إيقاف هذه التذكيرات"),
    ],
)
def test_a_message_is_in_the_language_its_reader_chose(
    wanting: Stopped, language: str, why: str, stop: str
) -> None:
    ReminderChoice.objects.update(language=language)
    outbox.run(now=moment())
    (message,) = mail.outbox
    for kind in ("text/plain", "text/html"):
        text = body_of(message, kind)
        assert why in text
        assert stop in text
        assert not re.search(r"Why you get|Stop these|Used|At most|Continue", text)
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in body_of(message, "text/html")


def test_a_message_says_how_often_at_most(wanting: Stopped) -> None:
    outbox.run(now=moment())
    for kind in ("text/plain", "text/html"):
        assert "At most 1 a week." in body_of(mail.outbox[0], kind)


def test_the_newest_reminder_can_be_read_as_the_e_mail_it_is(wanting: Stopped) -> None:
    assert "Nothing was sent so far." in wanting.client.get("/nudges/mail/").content.decode()
    outbox.run(now=moment())
    page = wanting.client.get("/nudges/mail/")
    assert page.context["sent"].body == mail.outbox[0].body
    assert "<b>Module 3 takes 10 minutes</b>" in page.content.decode()
    assert "/nudges/mail/" in wanting.client.get("/nudges/").content.decode()


def test_nothing_in_a_message_is_loaded_from_anywhere_and_no_link_names_it(
    wanting: Stopped,
) -> None:
    outbox.run(now=moment())
    text = body_of(mail.outbox[0], "text/html")
    assert not re.search(r"<(img|link|script|iframe)|url\(|@import", text)
    assert str(Reminder.objects.get().pk) not in text


def test_quiet_hours_are_kept_by_the_learners_clock(wanting: Stopped) -> None:
    now = moment()
    hour = now.astimezone(ZoneInfo("Asia/Tokyo")).hour
    quiet = {"quiet_from": hour, "quiet_until": (hour + 2) % 24, "time_zone": "Asia/Tokyo"}
    wanting.client.post("/nudges/", ALL_DAY | quiet)
    assert outbox.run(now=now).sent == 0
    ends = Reminder.objects.get().due_at
    assert timedelta(hours=1) < ends - now <= timedelta(hours=2)
    assert outbox.run(now=ends).sent == 1


def test_quiet_hours_chosen_after_it_was_written_down_are_kept_too(wanting: Stopped) -> None:
    now = moment()
    outbox.write_due(now=now)
    hour = now.hour
    wanting.client.post("/nudges/", ALL_DAY | {"quiet_from": hour, "quiet_until": (hour + 2) % 24})
    assert outbox.run(now=now).sent == 0
    assert mail.outbox == []


def test_the_cap_holds_over_both_channels(wanting: Stopped) -> None:
    assert wanting.client.get("/home/").context["nudge"] is not None
    assert outbox.run(now=moment()).sent == 0
    assert outbox.run(now=moment() + timedelta(days=8)).sent == 1


def test_what_is_no_longer_true_is_not_sent(wanting: Stopped) -> None:
    outbox.write_due(now=moment())
    finishes(wanting.learner_id, wanting.course, modules=(2,), at=moment())
    ran = outbox.run(now=moment())
    assert (ran.sent, ran.dropped) == (0, 1)


@pytest.mark.parametrize("purpose", [Purpose.PERSONALIZATION])
def test_a_consent_taken_back_stops_what_waits(wanting: Stopped, purpose: Purpose) -> None:
    outbox.write_due(now=moment())
    consents(wanting.learner_id, purpose, granted=False)
    assert outbox.run(now=moment()).sent == 0
    assert Reminder.objects.get().state == Reminder.State.DROPPED


def test_global_privacy_control_keeps_e_mail_from_leaving(wanting: Stopped) -> None:
    outbox.write_due(now=moment())
    wanting.client.get("/home/", headers={"Sec-GPC": "1"})
    assert outbox.run(now=moment()).sent == 0
    assert b"Global Privacy Control is honoured" in wanting.client.get("/nudges/").content


def test_under_18_no_e_mail_is_sent_even_where_it_was_on(wanting: Stopped) -> None:
    wanting.client.post("/privacy/age/", {"band": "under18"})
    assert outbox.run(now=moment()).written == 0


def test_who_pauses_is_left_alone_until_then(wanting: Stopped) -> None:
    wanting.client.post("/nudges/pause/", {"days": "7"})
    assert outbox.run(now=moment()).written == 0
    assert outbox.run(now=moment() + timedelta(days=8)).sent == 1


def test_a_mail_server_that_refuses_is_tried_again_ever_later_and_then_no_more(
    wanting: Stopped, settings: Settings
) -> None:
    refusing(settings)
    now, waits = moment(), []
    for _ in range(outbox.ATTEMPTS):
        outbox.run(now=now)
        row = Reminder.objects.get()
        waits.append((row.due_at - now) // timedelta(minutes=1))
        now = row.due_at
    assert waits[:-1] == [5, 20, 80, 320]
    assert row.state == Reminder.State.FAILED
    assert outbox.run(now=now + timedelta(days=1)).sent == 0


def test_one_that_comes_back_after_a_refusal_is_sent_once(
    wanting: Stopped, settings: Settings
) -> None:
    kept = settings.EMAIL_BACKEND
    refusing(settings)
    outbox.run(now=moment())
    settings.EMAIL_BACKEND = kept
    assert outbox.run(now=moment() + timedelta(minutes=6)).sent == 1
    assert len(mail.outbox) == 1


def test_a_sender_killed_after_writing_down_leaves_it_to_the_next(wanting: Stopped) -> None:
    assert outbox.write_due(now=moment()) == 1  # and then it was killed
    assert outbox.run(now=moment()).sent == 1


def test_a_sender_killed_while_sending_leaves_nothing_that_is_sent_twice(
    wanting: Stopped, settings: Settings
) -> None:
    kept = settings.EMAIL_BACKEND
    refusing(settings, by=Dying)
    with pytest.raises(Killed):
        outbox.run(now=moment())
    settings.EMAIL_BACKEND = kept
    assert outbox.run(now=moment()).sent == 0
    assert outbox.run(now=moment() + timedelta(hours=2)).failed == 1
    assert mail.outbox == []


def test_mail_programs_stop_it_by_one_click_without_signing_in(wanting: Stopped) -> None:
    outbox.run(now=moment())
    headers = mail.outbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = headers["List-Unsubscribe"].strip("<>").removeprefix("https://learn.example.org")
    program = Client(enforce_csrf_checks=True)
    assert program.get(link).status_code == 200
    assert ReminderChoice.objects.get().wanted is not False
    assert program.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert ReminderChoice.objects.get().wanted is False
    assert wanting.client.get("/home/").context["nudge"] is None


@pytest.mark.parametrize("token", ["x", "1:2:3", "a" * 300])
def test_a_link_that_was_not_made_here_stops_nobody(wanting: Stopped, token: str) -> None:
    assert Client().post(f"/nudges/stop/{token}/").status_code == 404
    assert ReminderChoice.objects.get().wanted is not False


def test_the_link_of_somebody_who_is_gone_stops_quietly(wanting: Stopped) -> None:
    outbox.run(now=moment())
    link = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>")
    signals.erase_learner(wanting.learner_id, actor=SYSTEM, now=moment())
    assert Client().post(link.removeprefix("https://learn.example.org")).status_code == 200
    assert not ReminderChoice.objects.exists()


def test_switching_e_mail_on_and_off_is_written_down(wanting: Stopped) -> None:
    wanting.client.post("/nudges/", {**ALL_DAY, "by_mail": ""})
    found = LedgerEntry.objects.filter(action__startswith="reminders.").order_by("sequence")
    assert [entry.action for entry in found] == ["reminders.mail_on", "reminders.mail_off"]


def test_an_account_without_an_address_cannot_switch_it_on(wanting: Stopped) -> None:
    wanting.person.account.email = ""
    wanting.person.account.save()
    wanting.client.post("/nudges/", ALL_DAY)
    assert ReminderChoice.objects.get().by_mail is False
    assert outbox.run(now=moment()).written == 0


def test_one_reminder_of_several_courses_goes_out_a_week(wanting: Stopped) -> None:
    other = new_course("other", modules=["a", "b"])
    enrols(wanting.learner_id, other, at=moment(days=5))
    assert [outbox.run(now=moment() + timedelta(days=d)).sent for d in (0, 1, 8)] == [1, 0, 1]
    assert mail.outbox[0].subject == "Module 1 takes 10 minutes"


def test_old_reminders_are_let_go_of(wanting: Stopped) -> None:
    outbox.run(now=moment())
    assert outbox.run(now=moment() + timedelta(days=outbox.KEPT_DAYS + 1)).gone == 1
