"""Do Open edX and Moodle connect as they really send, resends and all, with exact counts?"""

import json
from collections.abc import Callable, Sequence

import pytest

from signals.capture.xapi import verbs
from signals.capture.xapi.events import kind_of_body
from signals.data import Purpose
from signals.models import Event, Quarantine, StatementId, UnmappedVerb
from tests.factories import consents, new_course, new_learner
from tests.signals.test_parallel import at_once
from tests.signals.xapi.lms import Lms
from tests.signals.xapi.real import (
    Statement,
    courses_in,
    deed,
    fixtures,
    mooc_week,
    needs_data,
    of_today,
    without_ids,
)

pytestmark = [needs_data, pytest.mark.django_db(transaction=True)]
TIMES = 5
BATCH_OF_MOODLE = 30
BATCH_OF_OPEN_EDX = 100

Send = Callable[[Lms, Sequence[Statement]], set[int]]


def as_arrays(size: int) -> Send:
    """Return a sender of arrays, as both plugins do."""

    def send(lms: Lms, statements: Sequence[Statement]) -> set[int]:
        parts = [statements[start : start + size] for start in range(0, len(statements), size)]
        return {lms.post(*part).status_code for part in parts}

    return send


def one_by_one(lms: Lms, statements: Sequence[Statement]) -> set[int]:
    """Send as Open edX does without batches."""
    return {lms.put(body).status_code for body in statements}


def prepare(statements: Sequence[Statement]) -> None:
    """Import the courses, and have everybody consent to everything."""
    for name in courses_in(statements):
        new_course(name)
    for name in {name_of(body) for body in statements}:
        consents(new_learner(name), *Purpose)


def name_of(body: Statement) -> str:
    """Return the external id of who acts."""
    actor = body["actor"]
    name: str = actor["account"]["name"] if "account" in actor else actor["mbox"][7:]
    return name


def send_often(statements: Sequence[Statement], send: Send) -> list[set[int]]:
    """Send the same five times at once and return each sender's statuses."""
    prepare(statements)
    lms = Lms()
    return at_once(*[lambda: send(lms, statements)] * TIMES)


def check_counts(distinct: Sequence[Statement]) -> None:
    """Hold the tables against a recount of statements each of which is one."""
    rules = verbs.rules()
    mapped = [body for body in distinct if kind_of_body(body, rules)]
    assert StatementId.objects.count() == len(distinct)
    assert Event.objects.count() == len(mapped)
    unmapped = sum(row.statements for row in UnmappedVerb.objects.all())
    assert unmapped == len(distinct) - len(mapped)
    waiting = ["unmapped_verb"] * unmapped  # taken in once there is a rule for them
    assert list(Quarantine.objects.values_list("code", flat=True)) == waiting


def with_ids(statements: Sequence[Statement]) -> list[Statement]:
    """Return those that carry an id, each id once."""
    return list({body["id"]: body for body in statements if "id" in body}.values())


def sample() -> list[Statement]:
    """Return all fixtures and some of the week."""
    return of_today([*fixtures(), *mooc_week()[::600]])


@pytest.mark.slow
def test_a_sample_sent_five_times_at_once_in_arrays_with_ids_counts_once() -> None:
    statements = with_ids(sample())
    assert send_often(statements, as_arrays(BATCH_OF_OPEN_EDX)) == [{200}] * TIMES
    check_counts(statements)


@pytest.mark.slow
def test_a_sample_sent_five_times_at_once_without_ids_counts_each_deed_once() -> None:
    statements = without_ids(sample())
    assert send_often(statements, as_arrays(BATCH_OF_MOODLE)) == [{200}] * TIMES
    check_counts(list({deed(body): body for body in statements}.values()))


@pytest.mark.slow
def test_a_sample_put_one_by_one_five_times_at_once_counts_once() -> None:
    statements = with_ids(sample())[:20]
    assert send_often(statements, one_by_one) == [{204}] * TIMES
    check_counts(statements)


@pytest.mark.prove
def test_every_real_statement_five_times_at_once_counts_once() -> None:
    statements = with_ids(of_today([*fixtures(), *mooc_week()]))
    assert send_often(statements, as_arrays(BATCH_OF_OPEN_EDX)) == [{200}] * TIMES
    check_counts(statements)


@pytest.mark.prove
def test_every_real_statement_five_times_at_once_without_ids_counts_each_deed_once() -> None:
    statements = without_ids(of_today([*fixtures(), *mooc_week()]))
    assert send_often(statements, as_arrays(BATCH_OF_MOODLE)) == [{200}] * TIMES
    check_counts(list({deed(body): body for body in statements}.values()))


@pytest.mark.slow
def test_every_fixture_is_accepted_by_a_source_that_keeps_events() -> None:
    lms = Lms()
    assert {lms.post(body).status_code for body in fixtures()} == {200}


@pytest.mark.slow
def test_a_source_that_keeps_statements_refuses_only_the_one_that_names_no_object() -> None:
    lms = Lms(profile="store")
    refused = [
        json.loads(answer.content)["field"]
        for body in fixtures()
        if (answer := lms.post(body)).status_code != 200
    ]
    assert refused == ["$.object.id"]


def test_at_least_95_percent_of_real_statements_are_a_kind() -> None:
    rules = verbs.rules()
    for statements in (fixtures(), mooc_week()):
        known = [body for body in statements if kind_of_body(body, rules)]
        assert len(known) >= 0.95 * len(statements)
