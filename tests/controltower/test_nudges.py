"""The page of reminders: limits with a reason, an off-switch, counts of many, a made example."""

import pytest
from django.test import Client

from personalize.models import Reminder, ReminderPolicy
from signals.models import LedgerEntry
from tests.factories import moment, new_course, root, some_uuid, uma

PAGE = "/tower/nudges/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> Client:
    """Return a browser in which an administrator is signed in."""
    client.force_login(root().account)
    return client


def reminders(number: int, *, opened: int) -> None:
    at = moment(days=1)
    Reminder.objects.bulk_create(
        Reminder(
            id=some_uuid(),
            learner_id=place,
            channel="page",
            key="next:1:1",
            kind="next",
            facts={},
            state=Reminder.State.SENT,
            made_at=at,
            due_at=at,
            sent_at=at,
            answer="opened" if place < opened else "",
        )
        for place in range(number)
    )


def test_counts_are_told_of_ten_and_more(page: Client) -> None:
    reminders(23, opened=9)
    (row,) = page.get(PAGE).context["counted"]
    assert (row["row"].sent, row["row"].opened) == (25, None)
    assert "under 10" in page.get(PAGE).content.decode()


def test_limits_are_set_with_a_reason_that_the_ledger_keeps(page: Client) -> None:
    said = {"most_a_week": 1, "mail_after_days": 5, "reason": "a calm autumn"}
    assert page.post(PAGE, said).status_code == 302
    assert ReminderPolicy.objects.get().most_a_week == 1
    assert LedgerEntry.objects.get(action="reminders.limits").actor == "staff:root"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("most_a_week", 3, "Say 0 to 2"),
        ("mail_after_days", 0, "Say 1 to 30 days"),
        ("reason", "", "Say why"),
    ],
)
def test_what_is_beyond_bounds_is_refused_and_told(
    page: Client, name: str, value: object, told: str
) -> None:
    said = {"most_a_week": 1, "mail_after_days": 5, "reason": "why"} | {name: value}
    assert told in page.post(PAGE, said).content.decode()
    assert not ReminderPolicy.objects.exists()


def test_nought_a_week_stops_them_all_and_the_page_says_so(page: Client) -> None:
    page.post(PAGE, {"most_a_week": 0, "mail_after_days": 3, "reason": "complaints"})
    assert "Nobody is reminded, says root: complaints" in page.get(PAGE).content.decode()


def test_an_example_is_of_nobody(page: Client) -> None:
    new_course("stats", title="Statistics", modules=["a", "b", "c", "d", "e"])
    example = page.get(PAGE).context["example"]
    assert example.heading == "You are 60% through. Module 4 takes 10 minutes."


def test_an_analyst_sees_it_and_sets_nothing(client: Client) -> None:
    client.force_login(uma().account)
    assert b"An administrator sets it." in client.get(PAGE).content
    said = {"most_a_week": 1, "mail_after_days": 5, "reason": "why"}
    assert client.post(PAGE, said).status_code == 403
