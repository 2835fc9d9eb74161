"""The live session of a campaign: when, where, and how many said they come."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from personalize.experience.campaigns import measuring, running
from personalize.models import CampaignLearner, Reminder
from signals.clock import now
from signals.data import CourseInfo
from signals.models import Account
from tests.personalize.campaigns.test_campaigns import _alone, approved, course, stuck

__all__ = ["_alone", "course"]  # fixtures

pytestmark = pytest.mark.django_db


def test_a_session_has_a_time_and_a_place_or_neither(course: CourseInfo) -> None:
    stuck(course, 20)
    later = now() + timedelta(days=3)
    for wrong in (
        {"session": "Room 4"},
        {"session_at": later},
        {"session": "Room 4", "session_at": now() - timedelta(hours=1)},
        {"session": "Room 4", "session_at": now() + timedelta(days=61)},
        {"session": "Room 4", "session_at": later, "ends_on": now().date() + timedelta(days=2)},
    ):
        with pytest.raises(ValidationError):
            approved(**wrong)


def test_who_is_invited_says_whether_they_come_and_staff_see_how_many(
    course: CourseInfo, client: Client
) -> None:
    found = stuck(course, 40)
    campaign = approved(session="Room 4", session_at=now() + timedelta(days=3))
    running.run(now=now())
    given = CampaignLearner.objects.filter(campaign_id=campaign.pk, compared=False)
    first = given.values_list("learner_id", flat=True)[0]
    client.force_login(Account.objects.create_user("first", learner_id=first))
    page = client.get("/home/").content.decode()
    assert "Room 4" in page
    row = Reminder.objects.get(learner_id=first)

    assert client.post(f"/nudges/{row.pk}/coming/", {"comes": "1"}).status_code == 302

    assert "You come." in client.get("/home/").content.decode()
    assert given.get(learner_id=first).coming is True
    assert measuring.reach(campaign).coming is None  # fewer than ten
    given.update(coming=True)
    assert (measuring.reach(campaign).coming or 0) >= 10
    assert client.post(f"/nudges/{row.pk}/coming/", {"comes": "0"}).status_code == 302
    assert given.get(learner_id=first).coming is False
    assert len(found) == 40


def test_nobody_answers_for_others_or_after_it_began(course: CourseInfo, client: Client) -> None:
    stuck(course, 40)
    campaign = approved(session="Room 4", session_at=now() + timedelta(days=3))
    running.run(now=now())
    sides = CampaignLearner.objects.filter(campaign_id=campaign.pk)
    one, other = sides.filter(compared=False).values_list("learner_id", flat=True)[:2]
    client.force_login(Account.objects.create_user("one", learner_id=one))
    theirs, own = (Reminder.objects.get(learner_id=who) for who in (other, one))
    assert client.post(f"/nudges/{theirs.pk}/coming/", {"comes": "1"}).status_code == 404
    assert client.post(f"/nudges/{own.pk}/coming/", {"comes": "2"}).status_code == 400
    type(campaign).objects.update(session_at=now() - timedelta(minutes=1))
    assert client.post(f"/nudges/{own.pk}/coming/", {"comes": "1"}).status_code == 404
    assert not sides.filter(coming=True).exists()
