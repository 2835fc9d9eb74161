"""Who gets in at /xapi, in which version, and what is refused cleanly?"""

import base64
import json
from urllib.parse import urlencode

import pytest
from django.test import Client

from signals.models import Event, Statement
from tests.factories import new_course, new_key
from tests.signals.xapi.lms import ADDRESS, Lms, statement

pytestmark = pytest.mark.django_db


def basic(name: str, secret: str) -> str:
    """Return the header of Basic auth."""
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def test_a_keys_id_or_its_sources_name_goes_with_the_key_and_bearer_works_too() -> None:
    lms = Lms()
    for header in (lms.basic, basic("moodle", lms.key), f"Bearer {lms.key}"):
        assert lms.call("GET", Authorization=header).status_code == 200


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !", basic("moodle", "nw_wrong"), "Digest x", "Basic:x"]
)
def test_who_has_no_key_is_told_how_to_ask(header: str) -> None:
    answer = Lms().call("GET", Authorization=header)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Basic")


def test_a_name_that_is_not_the_keys_own_is_refused() -> None:
    lms = Lms()
    assert lms.call("GET", Authorization=basic("openedx", lms.key)).status_code == 401


def test_a_key_without_the_scope_capture_is_refused() -> None:
    header = f"Bearer {new_key('shop', 'recommend')}"
    assert Lms().call("GET", Authorization=header).status_code == 403


@pytest.mark.parametrize(
    ("version", "status", "spoken"),
    [
        ("1.0.3", 200, "1.0.3"),
        ("1.0", 200, "1.0.3"),
        ("1.0.0", 200, "1.0.3"),
        ("2.0.0", 200, "2.0.0"),
        ("2.0", 200, "2.0.0"),
        ("0.95", 400, "1.0.3"),
        ("1.1", 400, "1.0.3"),
        ("3.0.0", 400, "1.0.3"),
        ("", 400, "1.0.3"),
    ],
)
def test_versions_are_spoken_as_announced(version: str, status: int, spoken: str) -> None:
    answer = Lms().call("GET", X_Experience_API_Version=version)
    assert (answer.status_code, answer["X-Experience-API-Version"]) == (status, spoken)


def test_agents_in_roles_belong_to_version_2_alone() -> None:
    agent = {"objectType": "Agent", "mbox": "mailto:a@x.example"}
    sent = statement(context={"contextAgents": [{"objectType": "contextAgent", "agent": agent}]})
    lms = Lms(profile="store")
    assert lms.post(sent).status_code == 400
    assert lms.post(sent, X_Experience_API_Version="2.0.0").status_code == 200


def test_about_asks_for_nothing_and_names_no_later_version_to_the_first() -> None:
    for header, spoken in ((None, ["1.0.3", "2.0.0"]), ("2.0.0", ["1.0.3", "2.0.0"])):
        headers = {"X-Experience-API-Version": header} if header else {}
        assert json.loads(Client().get("/xapi/about", headers=headers).content)["version"] == spoken
    first = Client().get("/xapi/about", headers={"X-Experience-API-Version": "1.0.3"})
    assert json.loads(first.content)["version"] == ["1.0.3"]
    assert Client().get("/xapi/about?foo=bar").status_code == 400


@pytest.mark.parametrize("path", ["activities/state", "agents", "agents/profile", "nothing"])
def test_documents_are_a_clean_404_where_events_alone_are_kept(path: str) -> None:
    answer = Lms().call("GET", address=f"/xapi/{path}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_a_request_may_be_written_into_a_form_in_the_first_version_alone() -> None:
    new_course("c1:c1")
    lms, sent = Lms(), statement()
    fields = {
        "statementId": sent["id"],
        "content": json.dumps(sent),
        "Authorization": lms.basic,
        "X-Experience-API-Version": "1.0.3",
    }
    form = "application/x-www-form-urlencoded"
    answer = Client().generic("POST", f"{ADDRESS}?method=PUT", urlencode(fields), form)
    assert answer.status_code == 204
    assert Event.objects.count() == 1
    fields["X-Experience-API-Version"] = "2.0.0"
    answer = Client().generic("POST", f"{ADDRESS}?method=PUT", urlencode(fields), form)
    assert answer.status_code == 400


def test_a_delete_is_not_allowed() -> None:
    assert Lms().call("DELETE").status_code == 405


DEEP = "[" * 5000 + "]" * 5000
POISON = [
    b"",
    b"{",
    b"null",
    b"1",
    b'"text"',
    b"[null]",
    b"NaN",
    b"\xff\xfe",
    DEEP.encode(),
    json.dumps(statement()).replace('"enrolled onto"', '"a\\u0000b"').encode(),
    json.dumps(statement()).replace('"enrolled onto"', '"\\ud800"').encode(),
    json.dumps(statement(timestamp="infinity")).encode(),
    json.dumps(statement(timestamp="9999-12-31T23:59:60-23:59")).encode(),
    json.dumps(statement(timestamp="0000-00-00T00:00:00Z")).encode(),
    json.dumps(statement(result={"score": {"raw": 1}}))
    .replace('"raw": 1', '"raw": 1e400')
    .encode(),
    json.dumps(statement(context={"extensions": {"x:y": 0}})).replace(": 0", f": {DEEP}").encode(),
]


@pytest.mark.parametrize("body", POISON, ids=range(len(POISON)))
@pytest.mark.parametrize("profile", ["capture", "store"])
def test_poison_is_refused_and_stores_nothing(body: bytes, profile: str) -> None:
    answer = Lms(profile=profile).call("POST", body=body)
    assert answer.status_code == 400, answer.content
    assert Event.objects.count() == Statement.objects.count() == 0


@pytest.mark.parametrize(
    "asked",
    [
        "statementId=%00",
        "limit=-1",
        "limit=%E0%A4%A",
        "agent=%7B",
        f"agent={DEEP[:3000]}",
        "agent=%7B%7D",
        "since=infinity",
        "cursor=x",
        "cursor=2026-01-01T00:00:00Z~99999999999999999999999",
        "statementId=a&statementId=b",
        "format=all",
        "attachments=yes",
    ],
)
def test_nonsense_in_a_query_is_refused(asked: str) -> None:
    for profile in ("capture", "store"):
        assert Lms(profile=profile).call("GET", asked).status_code in (200, 400)
    assert Lms().call("GET", "limit=-1").status_code == 400


def test_a_body_too_large_is_refused() -> None:
    body = b"[" + b" " * (6 * 1024 * 1024) + b"]"
    assert Lms().call("POST", body=body).status_code == 413
