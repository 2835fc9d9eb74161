"""The page of reminders: what is usual, what a learner changes, what was sent, and why not."""

import pytest
from django.test import Client

from personalize.agents.nudges import PASSED
from personalize.experience.nudges import facts
from personalize.models import Guide, Reminder, ReminderChoice
from signals import aggregates
from signals import api as signals
from signals.data import SYSTEM, Purpose
from tests.factories import ada, cold, consents, moment, new_course, new_learner
from tests.personalize.nudges.conftest import Stopped
from tests.personalize.nudges.world import enrols, finishes

pytestmark = pytest.mark.django_db
SOUND = {"at_most": "month", "on_page": "on", "quiet_from": 22, "quiet_until": 7}


def browser_of_cold() -> Client:
    client = Client()
    client.force_login(cold().account)
    return client


def test_without_a_word_reminders_are_on_the_page_alone() -> None:
    page = browser_of_cold().get("/nudges/")
    choice = page.context["choice"]
    assert (page.context["on"], choice.on_page, choice.by_mail) == (True, True, False)
    assert not ReminderChoice.objects.exists()


def test_what_is_chosen_is_kept_and_shown(stopped: Stopped) -> None:
    stopped.client.post("/nudges/", SOUND | {"time_zone": "Europe/Berlin"})
    choice = stopped.client.get("/nudges/").context["choice"]
    kept = (choice.at_most, choice.quiet_from, choice.quiet_until, choice.time_zone)
    assert kept == ("month", 22, 7, "Europe/Berlin")


@pytest.mark.parametrize(
    "wrong",
    [{"time_zone": "Nowhere/Else"}, {"at_most": "daily"}, {"quiet_from": 24}, {"quiet_until": ""}],
)
def test_what_is_not_sound_is_not_kept(stopped: Stopped, wrong: dict[str, object]) -> None:
    answer = stopped.client.post("/nudges/", SOUND | {"time_zone": "UTC"} | wrong)
    assert answer.status_code == 200
    assert not ReminderChoice.objects.exists()


def test_the_page_tells_what_was_shown_and_why(stopped: Stopped) -> None:
    stopped.client.get("/home/")
    page = stopped.client.get("/nudges/")
    assert page.context["lately"] == 1
    text = page.content.decode()
    assert "Module 3 takes 10 minutes" in text
    assert "You began this course yourself, and the last step was 6 days ago." in text


def test_without_personalization_the_page_says_that_nothing_is_read(stopped: Stopped) -> None:
    consents(stopped.learner_id, Purpose.PERSONALIZATION, granted=False)
    page = stopped.client.get("/nudges/")
    assert "Personalization is off, so nothing is read to remind you." in page.content.decode()


def test_a_pause_is_shown_and_ended(stopped: Stopped) -> None:
    stopped.client.post("/nudges/pause/", {"days": "30"})
    assert b"Paused until" in stopped.client.get("/nudges/").content
    stopped.client.post("/nudges/pause/", {"days": "0"})
    assert b"Paused until" not in stopped.client.get("/nudges/").content
    assert stopped.client.post("/nudges/pause/", {"days": "9999"}).status_code == 400


def test_guests_sign_in_first() -> None:
    assert Client().get("/nudges/").status_code == 302


def test_under_13_nobody_switches_them_on(stopped: Stopped) -> None:
    signals.set_age_band(stopped.learner_id, "under13", actor=SYSTEM, now=moment())
    stopped.client.post("/nudges/switch/", {"on": "1"})
    assert not ReminderChoice.objects.filter(wanted=True).exists()
    assert stopped.client.get("/home/").context["nudge"] is None


def test_an_erasure_takes_all_of_it(stopped: Stopped) -> None:
    stopped.client.post("/nudges/pause/", {"days": "7"})
    stopped.client.post("/nudges/pause/", {"days": "0"})
    stopped.client.get("/home/")
    assert Reminder.objects.exists()
    signals.erase_learner(stopped.learner_id, actor=SYSTEM, now=moment())
    for model in (Reminder, ReminderChoice, Guide):
        assert not model.objects.exists()


def test_a_reset_forgets_the_facts_and_says_nothing_twice(stopped: Stopped) -> None:
    stopped.client.get("/home/")
    signals.reset_learner(stopped.learner_id, actor=SYSTEM, now=moment())
    assert Reminder.objects.get().facts == {}
    assert stopped.client.get("/nudges/").status_code == 200


def test_where_many_stop_is_counted_of_ten_and_more() -> None:
    course = new_course("c", modules=["a", "b", "c"])
    for number in range(12):
        learner_id = new_learner()
        enrols(learner_id, course, at=moment(days=9))
        finishes(learner_id, course, modules=(0, 1) if number < 4 else (0,), at=moment(days=8))
    reached = aggregates.module_reach()[course.course_id]
    assert list(reached.values()) == [10]
    assert facts.read_reach() == 1
    assert facts.read_reach() == 0  # known for a day


def test_a_quiz_that_was_nearly_passed_is_told_with_what_passes() -> None:
    person = ada()
    course = new_course("q", title="Proofs", modules=["a", "b", "c"])
    enrols(person.learner_id, course, at=moment(days=9))
    finishes(person.learner_id, course, modules=(0,), at=moment(days=5), score=0.55)
    state = signals.learner_state(person.learner_id, now=moment())
    assert state is not None
    found = facts.proposal(state, now=moment())
    assert found is not None
    assert (found.score, round(100 * PASSED)) == (0.55, 60)
