"""A reminder on the first page: true, once, put off, stopped, taken back."""

from typing import Any

import pytest
from django.test import Client

from experiments.models import Flag
from personalize.experience.nudges import policy
from personalize.models import Reminder, ReminderChoice
from signals import catalogue
from signals.data import SYSTEM, Purpose
from signals.models import Event
from tests.factories import consents, moment
from tests.personalize.nudges.conftest import Stopped
from tests.personalize.nudges.world import finishes

pytestmark = pytest.mark.django_db


def line(client: Client) -> Any:
    return client.get("/home/").context["nudge"]


def test_who_stopped_in_the_middle_is_told_how_little_is_next(stopped: Stopped) -> None:
    page = stopped.client.get("/home/")
    words = page.context["nudge"].words
    assert words.heading == "You are 40% through. Module 3 takes 10 minutes."
    assert words.about == "Statistics. Your last step was 6 days ago."
    assert words.after == "After it: 2 modules, 20\u00a0min, to the end of the course."
    assert words.heading in page.content.decode()
    assert "Why this reminder?" in page.content.decode()


def test_nothing_is_said_where_nobody_opened_reminders(stopped: Stopped) -> None:
    Flag.objects.filter(name="surface-nudges-early").delete()
    Flag.objects.create(name="surface-nudges-off", everyone=True).flush()
    assert line(stopped.client) is None
    assert not Reminder.objects.exists()


def test_it_leads_to_the_lesson_and_is_counted_as_followed(stopped: Stopped) -> None:
    href = line(stopped.client).words.href
    assert stopped.client.get(href).status_code == 200
    assert Reminder.objects.get().answer == "opened"
    assert Event.objects.get(kind=1).context == {"referrer": "nudge"}
    assert line(stopped.client) is None


def test_the_same_reminder_stays_and_is_counted_once(stopped: Stopped) -> None:
    first = line(stopped.client)
    assert line(stopped.client).reminder_id == first.reminder_id
    assert Reminder.objects.count() == 1


def test_what_was_done_since_is_not_said_and_the_next_keeps_to_the_cap(stopped: Stopped) -> None:
    line(stopped.client)
    finishes(stopped.learner_id, stopped.course, modules=(2,), at=moment(days=4))
    assert line(stopped.client) is None
    Reminder.objects.update(sent_at=moment(days=8))
    assert line(stopped.client).words.short == "Module 4 takes 10 minutes"


def test_tomorrow_hides_it_for_a_day(stopped: Stopped) -> None:
    number = line(stopped.client).reminder_id
    assert stopped.client.post(f"/nudges/{number}/later/").status_code == 302
    assert line(stopped.client) is None
    Reminder.objects.update(hidden_until=moment(minutes=1))
    assert line(stopped.client).reminder_id == number


def test_one_click_stops_all_and_one_takes_that_back(stopped: Stopped) -> None:
    assert line(stopped.client) is not None
    stopped.client.post("/nudges/switch/", {"on": "0"})
    page = stopped.client.get("/home/")
    assert page.context["nudge"] is None
    assert 'value="1">' in page.content.decode()
    stopped.client.post("/nudges/switch/", {"on": "1"})
    assert line(stopped.client) is not None


def test_nobody_is_reminded_without_personalization_and_no_fact_is_kept(stopped: Stopped) -> None:
    line(stopped.client)
    consents(stopped.learner_id, Purpose.PERSONALIZATION, granted=False)
    assert line(stopped.client) is None
    assert Reminder.objects.get().facts == {}


def test_nobody_under_18_is_reminded_unless_they_switch_it_on(stopped: Stopped) -> None:
    stopped.client.post("/privacy/age/", {"band": "under18"})
    consents(stopped.learner_id, Purpose.PERSONALIZATION)
    assert line(stopped.client) is None
    stopped.client.post("/nudges/switch/", {"on": "1"})
    assert ReminderChoice.objects.get().wanted is True


def test_staff_can_let_nobody_be_reminded(stopped: Stopped) -> None:
    policy.change(SYSTEM, most_a_week=0, mail_after_days=3, reason="exams", now=moment())
    assert line(stopped.client) is None


def test_who_was_here_yesterday_is_not_reminded(stopped: Stopped) -> None:
    finishes(stopped.learner_id, stopped.course, modules=(2,), at=moment(days=1))
    assert line(stopped.client) is None


def test_a_finished_course_is_none_to_be_reminded_of(stopped: Stopped) -> None:
    finishes(stopped.learner_id, stopped.course, modules=(2, 3, 4), at=moment(days=4))
    assert line(stopped.client) is None


def test_another_learners_reminder_cannot_be_put_off(stopped: Stopped) -> None:
    line(stopped.client)
    Reminder.objects.update(learner_id=stopped.learner_id + 1)
    number = Reminder.objects.get().pk
    assert stopped.client.post(f"/nudges/{number}/later/").status_code == 404
    assert Reminder.objects.get().hidden_until is None


def test_the_catalogue_knows_the_lesson_it_speaks_of(stopped: Stopped) -> None:
    module = catalogue.modules(stopped.course.course_id)[2]
    assert line(stopped.client).words.href == (f"/course/stats/{module.module_id}/?referrer=nudge")
