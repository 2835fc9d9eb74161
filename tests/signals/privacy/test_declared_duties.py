"""Do erasure and copy do with each table what its declaration says? A row of each, about one."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessAttemptExpiration, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.test import Client

from experiments import api as experiments
from experiments.models import Experiment, Flag
from signals import api, sealing
from signals.capture.xapi import whole
from signals.data import SYSTEM, Copied, Erased, TableUse
from signals.models import (
    Account,
    ErasedLearner,
    LedgerEntry,
    PasswordAsk,
    PrivacyRequest,
    Quarantine,
    Statement,
    StatementFile,
    Tombstone,
)
from signals.models.names import keyed
from tests.factories import PASSWORD, ada, moment, new_course, some_uuid, wire_event
from tests.signals.door import Door
from tests.signals.xapi.lms import Lms, statement

pytestmark = pytest.mark.django_db

MADE_BY_ERASURE = {"signals.Tombstone", "signals.ErasedLearner"}
ABOUT = [table for table in api.field_registry() if table.about_learners]
LISTED: str = "experiments.Flag_users"
FLAG_USERS: Any = apps.get_model(LISTED)


def value_of(field: Any, at: datetime) -> object:
    """Return something that fits a column."""
    by_type: dict[str, object] = {
        "DateTimeField": at,
        "DateField": at.date(),
        "UUIDField": some_uuid(),
        "BinaryField": b"canary",
        "ArrayField": [],
        "JSONField": {},
        "BooleanField": False,
        "CharField": "c",
        "TextField": "c",
        "GenericIPAddressField": "192.0.2.7",
    }
    return by_type.get(field.get_internal_type(), 1)


def plant(name: str, **about: object) -> None:
    """Store a row of a table, filled where it must be."""
    model = apps.get_model(name)
    row = model(**about)
    for field in model._meta.concrete_fields:
        given = {field.name, field.attname} & about.keys()
        if field.column and not (given or field.has_default() or field.null or field.primary_key):
            setattr(row, field.attname, value_of(field, moment()))
    row.save(force_insert=True)


def of_doors(learner_id: int) -> None:
    """Let a learner come in by the doors."""
    Door().send(
        wire_event("course.enrolled", course="c1"),
        wire_event("lesson.completed", course="c1", module="m1"),
        wire_event("search.performed", value=1, context={"query": "canary bread"}),
        wire_event("forum.posted", course="c1", context={"text": "canary cake"}),
        wire_event("no.kind", course="c1"),
    )
    lrs = Lms("lrs", profile="store")
    agent = {"account": {"homePage": "https://lms.example", "name": "ada"}}
    lrs.post(statement(id=str(some_uuid()), actor=agent))
    asked = f"activityId=a:a&stateId=s&agent={json.dumps(agent)}"
    lrs.call("PUT", asked, b"canary state", address="/xapi/activities/state", kind="text/plain")
    keys = sealing.data_keys([learner_id])
    attached = whole.seal(b"canary file", [learner_id], keys)
    plant("signals.StatementFile", statement=Statement.objects.get(), sealed=attached)


def of_account(account: Account) -> None:
    """Let them sign in and fail to, be on a flag's list, and be changed by staff."""
    Client().post("/signin/", {"username": "ada", "password": "wrong"})
    Client().post("/signin/", {"username": "ada", "password": PASSWORD})
    Client().post("/signin/forgotten/", {"username": "ada"})
    for name in ("axes.AccessLog", "axes.AccessFailureLog"):
        plant(name, username=keyed(account.username))
    attempt = AccessAttempt.objects.get()
    AccessAttemptExpiration.objects.create(access_attempt=attempt, expires_at=moment())
    kind = ContentType.objects.get_for_model(Account)
    LogEntry.objects.create(
        user=account, content_type=kind, object_id=str(account.pk), action_flag=2
    )
    flag = Flag.objects.create(name="a flag")
    FLAG_USERS.objects.create(flag=flag, account=account)


@pytest.fixture
def learner_id() -> int:
    """Return ada, about whom every table holds a row."""
    person = ada()
    number = person.learner_id
    new_course("c1", modules=["m1"])
    of_doors(number)
    of_account(person.account)
    api.export_learner(number, actor=SYSTEM, now=moment())
    experiments.ensure_first_experiment(SYSTEM, now=moment())
    held = {"experiment_id": Experiment.objects.values_list("pk", flat=True)[0]}
    for table in ABOUT:
        if table.name not in MADE_BY_ERASURE and not rows(table.name, number):
            theirs = held if table.name == "experiments.Assignment" else {}
            plant(table.name, learner_id=number, **theirs)
    return number


BY_OTHER_MEANS: dict[str, Callable[[int], int]] = {
    "signals.PrivacyRequest": lambda _: PrivacyRequest.objects.count(),
    "signals.LedgerEntry": lambda number: LedgerEntry.objects.filter(
        subject=f"learner:{number}"
    ).count(),
    "signals.Quarantine": lambda _: Quarantine.objects.count(),
    "signals.Statement": lambda number: Statement.objects.filter(
        learner_ids__contains=[number]
    ).count(),
    "signals.StatementFile": lambda _: StatementFile.objects.count(),
    "signals.Tombstone": lambda _: Tombstone.objects.count(),
    "signals.ErasedLearner": lambda number: ErasedLearner.objects.filter(learner_id=number).count(),
    "signals.PasswordAsk": lambda _: PasswordAsk.objects.count(),
    "axes.AccessAttempt": lambda _: AccessAttempt.objects.count(),
    "axes.AccessAttemptExpiration": lambda _: AccessAttemptExpiration.objects.count(),
    "axes.AccessFailureLog": lambda _: AccessFailureLog.objects.count(),
    "axes.AccessLog": lambda _: AccessLog.objects.count(),
    "admin.LogEntry": lambda _: LogEntry.objects.count(),
    "sessions.Session": lambda _: Session.objects.count(),
    LISTED: lambda _: FLAG_USERS.objects.count(),
}


def rows(name: str, learner_id: int) -> int:
    """Return how many rows of a table are about a learner."""
    if name in BY_OTHER_MEANS:
        return BY_OTHER_MEANS[name](learner_id)
    about: Any = apps.get_model(name)._default_manager.filter(learner_id=learner_id)
    return len(about)


def test_an_erasure_does_with_every_table_what_is_declared(learner_id: int) -> None:
    before = {table.name: rows(table.name, learner_id) for table in ABOUT}
    assert {name for name, count in before.items() if not count} == MADE_BY_ERASURE
    receipt = api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    assert receipt["waiting"] == []
    for table in ABOUT:
        deleted = {table.of(name).erase for name in table.names} == {Erased.DELETED}
        left = rows(table.name, learner_id)
        assert (left == 0) == deleted, f"{table.name}: {left} rows are left"
    for name, column in emptied():
        model = apps.get_model(name)
        assert set(model._default_manager.values_list(column, flat=True)) == {None}


def emptied() -> Iterator[tuple[str, str]]:
    """Yield what an erasure is said to empty."""
    for table in ABOUT:
        for name in table.names:
            if table.of(name).erase is Erased.EMPTIED:
                yield table.name, name


# Where a copy holds what is of a table: a path into it.
PLACES = {
    "admin.LogEntry": "signals.account_edits",
    "axes.AccessAttempt": "signals.sign_ins",
    "axes.AccessFailureLog": "signals.sign_ins",
    "axes.AccessLog": "signals.sign_ins",
    "experiments.Exclusion": "experiments.left_out_of",
    "personalize.CampaignLearner": "reminders.campaigns",
    "personalize.Decision": "personalize.recommendations",
    "personalize.Feedback": "personalize.feedback",
    "personalize.InterestChange": "personalize.interest_changes",
    "personalize.LearningPath": "personalize.path",
    "personalize.PathChange": "personalize.path_changes",
    "personalize.Guide": "reminders.guide",
    "personalize.Profile": "personalize.profile",
    "personalize.Reminder": "reminders.sent",
    "personalize.ReminderChoice": "reminders.choice",
    "personalize.UnusedCourse": "personalize.not_to_count",
    "signals.Account": "signals.account",
    "signals.Consent": "signals.consent",
    "signals.ConsentChange": "signals.consent_changes",
    "signals.DoubtfulCourse": "signals.quality_courses",
    "signals.Event": "signals.events",
    "signals.Exposure": "signals.exposures",
    "signals.FormatObservation": "signals.formats",
    "signals.ForumPost": "signals.forum_posts",
    "signals.Learner": "signals.learner",
    "signals.LearnerCourse": "signals.courses",
    "signals.LearnerFeature": "signals.features",
    "signals.LearnerModule": "signals.modules",
    "signals.LearnerQuality": "signals.quality",
    "signals.LearnerSession": "signals.sessions",
    "signals.LedgerEntry": "signals.log",
    "signals.Membership": "signals.groups",
    "signals.PrivacyRequest": "signals.requests",
    "signals.QualityFinding": "signals.quality_findings",
    "signals.SearchQuery": "signals.searches",
}
# What a copy tells in words of its own, not column by column.
IN_OTHER_WORDS = {"experiments.Assignment"}
OPENED = {  # what stands in a copy for what is sealed or hashed
    "signals.Account": '"username": "ada"',
    "signals.SearchQuery": "canary bread",
    "signals.ForumPost": "canary cake",
    "signals.Identity": '"external_id": "ada"',
    "signals.Statement": "https://lms.example",
    "signals.StatementFile": "canary file",
    "signals.Document": "canary state",
    "signals.Quarantine": "no.kind",
}


def test_a_copy_holds_of_every_table_what_is_declared(learner_id: int) -> None:
    copy = json.loads(json.dumps(api.export_learner(learner_id), default=str))
    copied = {table.name for table in ABOUT if has(table, Copied.YES)}
    assert copied - PLACES.keys() == IN_OTHER_WORDS
    assert [row["variant"] for row in copy["experiments"]["experiments"]] == ["c"]
    assert {table.name for table in ABOUT if has(table, Copied.OPENED)} == set(OPENED)
    assert [text for text in OPENED.values() if text not in json.dumps(copy)] == []
    for name, place in PLACES.items():
        app, _, part = place.partition(".")
        held = {key for row in copy[app][part] for key in row}
        table = next(table for table in ABOUT if table.name == name)
        told = columns(table, Copied.YES)
        assert told <= held, f"{name}: {told - held} is declared and not in the copy"
        assert not held & columns(table, Copied.NO), f"{name}: more is copied than declared"


def has(table: TableUse, copied: Copied) -> bool:
    return any(table.of(name).export is copied for name in table.names)


def columns(table: TableUse, copied: Copied) -> set[str]:
    """Return the columns of which a declaration says so."""
    fields = apps.get_model(table.name)._meta.concrete_fields
    return {
        field.attname for field in fields if field.column and table.of(field.name).export is copied
    }
