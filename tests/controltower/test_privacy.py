"""The privacy officer's pages: requests in time, retention kept, the registry, the assessment."""

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from signals import aggregates, api
from signals.data import SYSTEM, Actor, ActorKind
from signals.derive.partitions import DEFAULT, partition_name
from signals.models import Consent, Learner, PrivacyRequest, SearchQuery, Source
from tests.factories import moment, new_learner, pia
from tests.signals.xapi.lms import Lms, statement

pytestmark = pytest.mark.django_db
PAGE = "/tower/privacy/"


@pytest.fixture
def officer(client: Client) -> Client:
    """Return a browser in which a privacy officer is signed in."""
    client.force_login(pia().account)
    return client


def asked(kind: str, *, due_in_days: int, done_at: datetime | None = None) -> PrivacyRequest:
    due = moment(days=-due_in_days)
    return PrivacyRequest.objects.create(
        kind=kind,
        subject=new_learner(),
        actor="learner:1",
        asked_at=due - timedelta(days=30),
        due_at=due,
        done_at=done_at,
    )


def needed(officer: Client) -> dict[str, str]:
    """Return what the front page of the tower says waits, with its level."""
    return {need.title: need.level for need in officer.get("/tower/").context["needs"]}


def test_the_request_due_first_stands_first_and_a_late_one_is_told(officer: Client) -> None:
    soon, late = asked("export", due_in_days=5), asked("erase", due_in_days=-2)
    asked("object", due_in_days=20)
    page = officer.get(PAGE)
    rows = page.context["waiting"]
    assert [row.row.receipt for row in rows[:2]] == [late.receipt, soon.receipt]
    assert [(row.overdue, row.due) for row in rows] == [
        (True, "2 days late"),
        (False, "in 5 days"),
        (False, "in 20 days"),
    ]
    assert "A request is past its deadline" in page.content.decode()
    waits = needed(officer)
    assert waits["A learner's request is late"] == "bad"
    assert waits["A learner's request is due soon"] == "warn"


def test_what_is_done_is_shown_however_much_waits(officer: Client) -> None:
    done = asked("export", due_in_days=1, done_at=moment())
    for _ in range(50):
        asked("erase", due_in_days=20)
    page = officer.get(PAGE)
    assert len(page.context["waiting"]) == 50
    assert [row.row.receipt for row in page.context["done"]] == [done.receipt]


def test_what_is_done_stands_with_its_receipt_and_what_a_query_found_left(officer: Client) -> None:
    learner_id = new_learner("ada")
    actor = Actor(ActorKind.LEARNER, str(learner_id))
    receipt = api.erase_learner(learner_id, actor=actor, now=moment())["receipt"]
    page = officer.get(PAGE)
    done = page.context["done"]
    assert [(row.kind, row.by, str(row.row.receipt)) for row in done] == [
        ("Erasure", "the learner", receipt)
    ]
    assert {step.name for step in done[0].row.steps} >= {"tombstone", "rows", "keys"}
    assert dict(done[0].steps) == dict.fromkeys(
        (
            "Kept out",
            "Refused input",
            "Records",
            "Sign-ins",
            "Waiting room",
            "Memory",
            "Models",
            "Key",
            "Receipt",
        ),
        0,
    )
    assert str(learner_id) not in page.content.decode()
    assert "Nothing waits." in page.content.decode()


def test_events_without_a_month_are_an_alarm_until_they_have_one(officer: Client) -> None:
    assert "Events have no month to go to" not in needed(officer)
    month = moment().replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {partition_name(month)}")
        cursor.execute(
            f"INSERT INTO {DEFAULT} (occurred_at, corrected_at, received_at, source_id, id,"  # noqa: S608  our own names
            " learner_id, kind, flags) VALUES (%s, %s, %s, 1, gen_random_uuid(), 1, 1, 0)",
            [month] * 3,
        )
    assert needed(officer)["Events have no month to go to"] == "bad"
    assert "1 row has no place of its own" in officer.get(PAGE).content.decode()


def test_months_that_were_not_made_ahead_are_an_alarm(officer: Client) -> None:
    with connection.cursor() as cursor:
        for days in (35, 65, 95):
            ahead = moment(days=-days).replace(day=1)
            cursor.execute(f"DROP TABLE IF EXISTS {partition_name(ahead)}")
    assert needed(officer)["Events have no month to go to"] == "bad"


def test_what_is_older_than_it_may_be_is_an_alarm(officer: Client) -> None:
    def searched(days_ago: int) -> None:
        SearchQuery.objects.create(
            learner_id=new_learner(), searched_at=moment(days=days_ago), results=0, sealed=b""
        )

    searched(380)
    assert "Something is kept too long" not in needed(officer)
    searched(450)
    assert needed(officer)["Something is kept too long"] == "bad"
    held = {row.what: row for row in officer.get(PAGE).context["held"]}
    assert (held["Searches"].overdue, held["Events"].overdue) == (True, False)


def chose(count: int, **switches: bool) -> None:
    Consent.objects.bulk_create(
        Consent(learner_id=new_learner(), updated_at=moment(), **switches) for _ in range(count)
    )


def test_choices_are_counts_of_ten_and_more_rounded_to_five(officer: Client) -> None:
    chose(13, gpc=True)
    chose(9, personalization=False)
    Learner.objects.filter(learner_id=new_learner()).update(kind=Learner.Kind.TEST)
    choices = aggregates.choices()
    assert (choices.learners, choices.gpc, choices.objected) == (20, 15, None)
    page = officer.get(PAGE).content.decode()
    assert "under 10" in page
    assert ">13<" not in page


def test_the_page_says_plainly_what_a_store_keeps_without_consent(officer: Client) -> None:
    assert "No source keeps whole statements here" in officer.get(PAGE).content.decode()
    Source.objects.create(name="lrs", title="The LRS", profile="store", created_at=moment())
    page = officer.get(PAGE).content.decode()
    assert "statements of learners who switched recommendations off" in page
    assert "The LRS" in page
    assert "fewer than 10 statements" in page


def test_the_registry_shows_every_field_declared(officer: Client) -> None:
    page = officer.get(f"{PAGE}fields/")
    text = page.content.decode()
    for table in api.field_registry():
        assert f">{table.name}<" in text
    shown = [
        f"{table.name}.{name}"
        for part in ("learners", "others")
        for table in page.context[part]
        for use in table.uses
        for name in use.fields
    ]
    declared = {f"{t.name}.{name}" for t in api.field_registry() for name in t.names}
    assert sorted(shown) == sorted(declared)


def test_the_assessment_is_filled_from_the_registry(officer: Client) -> None:
    Source.objects.create(name="lrs", title="The <LRS>", profile="store", created_at=moment())
    answer = officer.get(f"{PAGE}dpia/")
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="dpia-20')
    assert [t.name for t in api.field_registry() if f"{t.name}" not in text] == []
    assert f"contract {api.contract().version}" in text
    assert all(kind.name in text for kind in api.contract().kinds)
    assert "The \\<LRS\\>" in text
    assert "whatever the learner chose" in text
    assert "refused events for 30 days" in text
    assert text.count("**Fill in**") >= 8
    assert "{%" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)


def test_an_erasure_by_the_clock_is_said_to_be_of_the_product(officer: Client) -> None:
    api.erase_learner(new_learner(), actor=SYSTEM, now=moment())
    assert officer.get(PAGE).context["done"][0].by == "the product"


def test_what_people_typed_is_text_in_the_assessment_and_no_markup(officer: Client) -> None:
    Lms("lrs", profile="store").post(*[statement(id=str(uuid4())) for _ in range(12)])
    Source.objects.filter(name="lrs").update(title="<img src=x>\n# **Shelf** [x](y)")
    sheet = officer.get("/tower/privacy/dpia/").content.decode()
    assert "\\<img src=x\\> \\# \\*\\*Shelf\\*\\* \\[x\\]\\(y\\)" in sheet
    assert "<img" not in sheet.replace("\\<img", "")


def test_the_page_speaks_of_what_learners_chose_and_of_no_tier(officer: Client) -> None:
    page = officer.get(PAGE).content.decode()
    assert "to fine details of studying" in page
    assert not re.search(r"\btiers? [0-9]|partition", page)
