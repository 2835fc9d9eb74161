"""Requests are counted by kind and status, added up by the minute, and named after nobody."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils.module_loading import import_string
from prometheus_client import REGISTRY

from controltower.urls import urlpatterns
from personalize import tasks
from personalize.models import AnsweredMinute
from personalize.operations import tallies
from personalize.operations.levels import service_levels
from personalize.operations.requests import IN_TIME_S, Kind, Requests, kind_of
from personalize.web import COUNTS
from tests.factories import moment, new_key, uma


def counted(kind: str, status: str) -> float:
    return (
        REGISTRY.get_sample_value("northway_requests_total", {"kind": kind, "status": status}) or 0
    )


def kept() -> dict[str, list[int]]:
    rows = AnsweredMinute.objects.values_list("kind", "answered", "failed", "late")
    return {kind: counts for kind, *counts in rows}


def answering(status: int) -> Requests:
    def answer(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=status)

    return Requests(answer)


def test_addresses_have_the_kind_they_are_promised_as() -> None:
    expected = {
        "/personalize/v1/recommendations": Kind.RECOMMEND,
        "/signals/v1/batch": Kind.CAPTURE,
        "/xapi/statements": Kind.CAPTURE,
        "/ofrep/v1/evaluate/flags": Kind.FLAGS,
        "/home/": Kind.PAGE,
        "/nowhere/": Kind.PAGE,
        "/admin/": Kind.TOWER,
        "/healthz": None,
        "/readyz": None,
        "/metrics": None,
        "/static/app.css": None,
    }
    assert {path: kind_of(path) for path in expected} == expected


def test_every_page_of_the_tower_counts_as_one() -> None:
    assert {kind_of(f"/{pattern.pattern}") for pattern in urlpatterns} == {Kind.TOWER}
    assert set(IN_TIME_S) == set(Kind)


def test_answers_are_counted_by_kind_and_status(client: Client) -> None:
    before = counted("tower", "200"), counted("tower", "302"), counted("page", "404")
    client.get("/tower/quality/")
    client.force_login(uma().account)
    client.get("/tower/quality/")
    client.get("/no-such-page/of/ada@example.org/")
    after = counted("tower", "200"), counted("tower", "302"), counted("page", "404")
    assert [now - was for now, was in zip(after, before, strict=True)] == [1, 1, 1]


def test_no_label_holds_an_address(client: Client) -> None:
    client.get("/course/bread-of-ada/")
    client.get("/personalize/v1/recommendations?learner=ada")
    key = new_key("lms", "metrics")
    told = client.get("/metrics", headers={"Authorization": f"Bearer {key}"}).content.decode()
    lines = [line for line in told.splitlines() if line.startswith("northway_request")]
    assert lines
    assert [line for line in lines if "ada" in line or "/" in line] == []
    kinds = {found for line in lines for found in re.findall(r'kind="([^"]+)"', line)}
    assert kinds <= set(Kind)


@pytest.mark.django_db
def test_minutes_add_up_over_processes() -> None:
    factory = RequestFactory()
    for status in (200, 404, 500, 503):
        answering(status)(factory.get("/signals/v1/batch"))
    answering(200)(factory.get("/home/"))
    answering(500)(factory.get("/healthz"))
    tallies.flush()
    answering(500)(factory.get("/signals/v1/batch"))  # as another process would
    tallies.flush()
    assert kept() == {"capture": [5, 3, 0], "page": [1, 0, 0]}


@pytest.mark.django_db
def test_what_a_process_refuses_unread_counts_as_failed(client: Client) -> None:
    before = counted("capture", "503")
    refuse = import_string(COUNTS)
    for path in ("/signals/v1/batch", "/xapi/statements", "/personalize/v1/recommendations"):
        refuse(path)
    refuse("/readyz")
    tallies.flush()
    assert kept() == {"capture": [2, 2, 0], "recommend": [1, 1, 0]}
    assert counted("capture", "503") - before == 2
    [learner] = [level for level in service_levels(now=moment()) if level.key == "learner"]
    assert learner.window("5m").bad == 3
    assert learner.window("5m").burn == pytest.approx(1000)
    key = new_key("lms", "metrics")
    told = client.get("/metrics", headers={"Authorization": f"Bearer {key}"}).content.decode()
    assert re.search(r'^northway_requests_refused_total\{kind="capture"\} ', told, re.MULTILINE)


@pytest.mark.django_db
def test_a_late_answer_is_no_good_one_and_a_failed_one_is_not_late_as_well() -> None:
    tallies.note("page", failed=False, late=True)
    tallies.note("page", failed=True, late=True)
    tallies.flush()
    assert kept() == {"page": [2, 1, 1]}


@pytest.mark.django_db
def test_what_cannot_be_added_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    tallies.note("page", failed=True, late=False)
    with monkeypatch.context() as patch:
        patch.setattr(tallies, "_ADD", "SELECT broken")
        with pytest.raises(DatabaseError), transaction.atomic():
            tallies.flush()
    tallies.note("page", failed=False, late=False)
    tallies.flush()
    assert kept() == {"page": [2, 1, 0]}


@pytest.mark.django_db
def test_old_minutes_are_let_go_by_the_clock() -> None:
    now = datetime.now(UTC)  # noqa: TID251  the task asks the clock
    for days in (1, 34, 36):
        AnsweredMinute.objects.create(minute=now - timedelta(days=days), kind="page")
    assert tasks.purge_minutes() == 1
    assert AnsweredMinute.objects.count() == 2
