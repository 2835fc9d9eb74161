"""Logs say what happened and where; whatever somebody's data gets into, it does not get there."""

import json
import logging
from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils.log import log_response
from prometheus_client import REGISTRY

from personalize.decision.background import Repeated
from personalize.operations.logs import LONGEST, STRUCK, JsonLines
from signals.capture.spool import watch
from tests.factories import ada

PLANTED = ("ada-lovelace-17", "ada@example.org", "how to leave my husband", "nw_secretsecret")


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def last(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.lines[-1])
        return found


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler, root = Kept(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize("planted", PLANTED)
def test_an_error_of_the_database_keeps_its_values(kept: Kept, db: None, planted: str) -> None:
    with (
        pytest.raises(DatabaseError) as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT %s::int", [planted])
    logging.getLogger("signals.capture").error("It failed: %s", caught.value, exc_info=caught.value)
    logging.getLogger("django.db").error("It failed: %s", caught.value)
    assert [line for line in kept.lines if planted in line] == []
    line = json.loads(kept.lines[-2])
    assert line["error"] == "django.db.utils.DataError (SQLSTATE 22P02)"
    assert any("test_logs.py" in frame for frame in line["frames"])
    assert line["event"] == "It failed: django.db.utils.DataError (SQLSTATE 22P02)"


@pytest.mark.parametrize("planted", PLANTED)
def test_texts_of_others_keep_their_values(kept: Kept, planted: str) -> None:
    foreign = logging.getLogger("axes.attempts")
    foreign.warning("Locking out %s after %d failures.", planted, 10)
    foreign.warning(f"Locking out: {planted} did it")
    celery = logging.getLogger("celery.app.trace")
    celery.error("Task %(name)s raised %(exc)s", {"name": "signals.tasks.x", "exc": planted})
    assert [line for line in kept.lines if planted in line] == []
    assert "Locking out […] after" in kept.lines[0]
    assert "Task signals.tasks.x raised […]" in kept.lines[2]


def test_mailboxes_and_keys_are_struck_out_of_our_own_texts_too(kept: Kept) -> None:
    logging.getLogger("signals.x").warning("For %s with %s", PLANTED[1], PLANTED[3])
    assert kept.last["event"] == "For […] with […]"


def test_a_text_of_ours_says_what_it_says(kept: Kept) -> None:
    logging.getLogger("personalize.x").warning("Model %s failed after %d s", "20261120-1", 4)
    assert kept.last["event"] == "Model 20261120-1 failed after 4 s"
    assert kept.last["level"] == "warning"


def test_a_foreign_exception_is_told_by_class_and_place(kept: Kept) -> None:
    try:
        raise ValidationError(PLANTED[2])
    except ValidationError:
        logging.getLogger("experiments.x").exception("A look cannot be taken")
    assert PLANTED[2] not in kept.lines[-1]
    assert kept.last["error"] == "django.core.exceptions.ValidationError"


def test_a_run_over_every_door_names_nobody(kept: Kept, client: Client) -> None:
    """Pages that fail, are not found, refuse and answer, for a learner whose name is planted."""
    person = ada()
    names = (person.account.username, person.account.first_name, *PLANTED)
    client.force_login(person.account)
    client.raise_request_exception = False
    for planted in PLANTED:
        client.get(f"/course/{planted}/")
        client.get("/search/", {"q": planted})
        client.post("/signin/", {"username": planted, "password": planted})
        client.get(
            "/personalize/v1/recommendations",
            {"learner": planted},
            headers={
                "Authorization": f"Bearer {planted}",
                "X-Request-ID": planted,
            },
        )
        client.post("/signals/v1/batch", f'{{"batch": "{planted}"', content_type="application/json")
        client.get(f"/nudges/stop/{planted}/")
        client.get("/xapi/statements", {"agent": planted})
        client.get("/home/", headers={"Host": f"{planted.replace('@', '.').replace(' ', '')}.test"})
    watch.failed(DatabaseError(f"connection to {PLANTED[0]} failed"))
    nothing: dict[str, str] = {}
    Repeated(lambda: nothing[PLANTED[2]], every_s=1, name="work")._once()
    answered = [json.loads(line) for line in kept.lines if '"answered"' in line]
    assert len(answered) >= 7 * len(PLANTED)
    assert {"kind", "route", "status", "took_ms"} <= set(answered[0])
    assert [line for line in kept.lines for name in names if name and name in line] == []


def turned_away(name: str) -> float:
    told = {"name": name}
    return REGISTRY.get_sample_value("northway_requests_turned_away_total", told) or 0


def test_what_anybody_can_send_without_end_is_counted_not_written(kept: Kept, db: None) -> None:
    before = turned_away("DisallowedHost"), turned_away("csrf")
    strangers = Client(enforce_csrf_checks=True)
    refused = [
        strangers.get("/home/", headers={"Host": "somewhere.else.test"}),
        strangers.post("/signin/", {"username": "x"}),
        strangers.get("/wp-login.php"),
    ]
    assert [answer.status_code for answer in refused] == [400, 403, 404]
    assert {json.loads(line)["level"] for line in kept.lines} == {"info"}  # the product's own
    after = turned_away("DisallowedHost"), turned_away("csrf")
    assert [now - was for now, was in zip(after, before, strict=True)] == [1, 1]


def test_a_session_that_somebody_forged_is_written() -> None:
    def named(logger: str) -> set[str | None]:
        return {handler.name for handler in logging.getLogger(logger).handlers}

    assert "stderr" in named("django.security.SuspiciousSession")
    assert "stderr" not in named("django.security")


def test_what_fails_here_is_still_written(kept: Kept) -> None:
    log_response("%s: %s", "Internal Server Error", "/home/", response=HttpResponse(status=500))
    assert (kept.last["logger"], kept.last["level"]) == ("django.request", "error")


def test_a_long_text_is_cut_before_it_is_searched(kept: Kept) -> None:
    logging.getLogger("gunicorn.error").warning("Invalid header: %s", "a!" * 40_000)
    assert len(str(kept_event(kept))) <= LONGEST
    logging.getLogger("gunicorn.error").warning(
        "Invalid header: %s", "x" * 63 + "@" + "y" * 251 + ".org"
    )
    assert kept_event(kept) == f"Invalid header: {STRUCK}"


def kept_event(kept: Kept) -> object:
    return kept.last["event"]
