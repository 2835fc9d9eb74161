"""Does a hostile sender get further than a clean refusal, or cost more than a moment?"""

import base64
import hashlib
import json
from time import process_time
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from signals import api
from signals.data import SYSTEM
from signals.models import Event, Quarantine, Statement, UnmappedVerb
from tests.factories import moment, new_course
from tests.signals.xapi.lms import ADDRESS, ADL, Lms, statement

pytestmark = pytest.mark.django_db
ADA = '{"mbox": "mailto:ada@canary.example"}'
STATE = "/xapi/activities/state"
FORM = "application/x-www-form-urlencoded"
SIGNATURE = f"{ADL}/attachments/signature"


def form(lms: Lms, method: str, address: str = ADDRESS, **fields: str) -> HttpResponse:
    """Send a request written into a form, as a page of somebody else's could."""
    named = {"Authorization": lms.basic, "X-Experience-API-Version": "1.0.3"} | fields
    answer = Client().generic("POST", f"{address}?method={method}", urlencode(named), FORM)
    assert isinstance(answer, HttpResponse)
    return answer


def mixed(sent: dict[str, Any], content: bytes, kind: bytes) -> bytes:
    """Return a statement and its one file as multipart/mixed."""
    sha2 = hashlib.sha256(content).hexdigest().encode()
    head = [b"--c", b"Content-Type: application/json", b"", json.dumps(sent).encode(), b"--c"]
    file = [b"Content-Type: " + kind, b"Content-Transfer-Encoding: binary"]
    return b"\r\n".join([*head, *file, b"X-Experience-API-Hash: " + sha2, b"", content, b"--c--"])


def with_file(content: bytes, *, times: int = 1, **parts: Any) -> dict[str, Any]:
    """Return a statement with an attachment."""
    attachment = {
        "usageType": SIGNATURE,
        "display": {},
        "contentType": "application/octet-stream",
        "length": len(content),
        "sha2": hashlib.sha256(content).hexdigest(),
    } | parts
    return statement(attachments=[attachment] * times)


@pytest.mark.parametrize("secret", ["\x00", "nw_\x00" + "a" * 20])
def test_a_credential_with_nul_is_unknown(secret: str) -> None:
    header = "Basic " + base64.b64encode(f"x:{secret}".encode()).decode()
    assert Lms().call("GET", Authorization=header).status_code == 401


@pytest.mark.parametrize("number", ["1" + "0" * 400, "1e308", "-1e308"])
@pytest.mark.parametrize("profile", ["capture", "store"])
def test_numbers_beyond_all_sense_are_no_score(number: str, profile: str) -> None:
    new_course("c1:c1")
    score = {"raw": 77, "min": -1e308, "max": 1e308}
    for result in ({"score": {"raw": 77}}, {"score": score}):
        sent = json.dumps(statement(verb={"id": f"{ADL}/verbs/scored"}, result=result))
        answer = Lms(profile=profile).call("POST", body=sent.replace("77", number))
        assert answer.status_code in (200, 400)
    assert set(Event.objects.values_list("kind", "value")) <= {(80, None)}


@pytest.mark.parametrize("word", ["/course/view.php?", "block-v1:", "/course/view.php?&"])
def test_addresses_made_of_beginnings_are_read_in_a_moment(word: str) -> None:
    lms, started = Lms(), process_time()
    assert lms.post(statement(object={"id": "https://x/" + word * 50_000})).status_code == 200
    assert process_time() - started < 3


def test_a_content_type_of_a_megabyte_is_refused_unread() -> None:
    lms, started = Lms(), process_time()
    kind = {"Content-Type": "multipart/mixed" + ";" * 500_000}
    assert form(lms, "POST", content="x", **kind).status_code == 400
    assert process_time() - started < 3


def test_a_signature_named_a_thousand_times_is_read_once() -> None:
    body = statement()
    said = base64.urlsafe_b64encode(json.dumps(body).encode() + b" " * 100_000)
    token = b".".join([base64.urlsafe_b64encode(b'{"alg": "RS256"}'), said, b"AAAA"])
    lms, started = Lms(profile="store"), process_time()
    sent = body | {"attachments": with_file(token, times=2_000)["attachments"]}
    content = mixed(sent, token, b"application/octet-stream")
    answer = lms.call("POST", body=content, kind="multipart/mixed; boundary=c")
    assert answer.status_code == 200, answer.content
    assert process_time() - started < 3


@pytest.mark.parametrize(
    "kind", [b"a" * 300, b"text/plain\nX-Evil: 1", b"a\x00b", b"text/\rplain", b"text/\xe9"]
)
def test_the_type_of_a_file_is_one_that_can_be_a_header(kind: bytes) -> None:
    sent = with_file(b"x", usageType="x:y")
    answer = Lms(profile="store").call(
        "POST", body=mixed(sent, b"x", kind), kind="multipart/mixed; boundary=c"
    )
    assert answer.status_code == 400
    assert Statement.objects.count() == 0


@pytest.mark.parametrize("kind", ["text/\rplain", "text/plain\r\nX: y", "t\xe9xt/plain"])
def test_the_type_of_a_document_is_one_that_can_be_a_header(kind: str) -> None:
    fields = {"activityId": "a:a", "agent": ADA, "stateId": "s", "content": "x"}
    answer = form(Lms(profile="store"), "PUT", STATE, **fields, **{"Content-Type": kind})
    assert answer.status_code == 400


def test_what_senders_wrote_never_runs_in_a_browser() -> None:
    lms, page = Lms(profile="store"), b"<script>alert(1)</script>"
    sent = with_file(page, usageType="x:y", contentType="text/html")
    lms.call("POST", body=mixed(sent, page, b"text/html"), kind="multipart/mixed; boundary=c")
    asked = {"statementId": sent["id"], "attachments": "true"}
    query = urlencode(asked)
    for answer in (form(lms, "GET", **asked), lms.call("GET", query)):
        assert page in answer.content
        assert answer["Content-Disposition"] == "attachment"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]


def test_verbs_that_are_equal_as_far_as_they_are_kept_are_counted_as_one() -> None:
    verb = "https://x.example/" + "a" * 300
    answer = Lms().post(statement(verb={"id": f"{verb}1"}), statement(verb={"id": f"{verb}2"}))
    assert answer.status_code == 200
    assert UnmappedVerb.objects.get().statements == 2


def test_a_statement_names_no_more_than_can_be_sealed() -> None:
    members = [{"mbox": f"mailto:{number}@x.example"} for number in range(1_001)]
    sent = statement(actor={"objectType": "Group", "member": members})
    assert Lms(profile="store").post(sent).status_code == 400


def test_an_account_with_an_empty_name_is_nobody_who_could_have_documents() -> None:
    lms, nobody = Lms(profile="store"), {"account": {"homePage": "https://x.example", "name": ""}}
    query = f"activityId=a:a&stateId=s&agent={quote(json.dumps(nobody))}"
    assert lms.call("PUT", query, b"{}", address=STATE).status_code == 400
    assert lms.post(statement(actor=nobody)).status_code == 400


@pytest.mark.parametrize("deep", [200, 400, 600, 800, 950, 985])
@pytest.mark.parametrize("profile", ["capture", "store"])
def test_nesting_is_taken_or_refused_at_every_depth(deep: int, profile: str) -> None:
    new_course("c1:c1")
    lms = Lms(profile=profile)
    speed = "https://w3id.org/xapi/video/extensions/speed"
    played = {"id": "https://w3id.org/xapi/video/verbs/played"}
    group = {"objectType": "Group", "mbox": "mailto:a@x.example"}
    for parts in ({"verb": played}, {"actor": group}):
        sent = statement(id=None, context={"extensions": {speed: 77}}, **parts)
        body = json.dumps(sent).replace("77", "[" * deep + "]" * deep)
        assert lms.call("POST", body=body).status_code in (200, 400)
    assert lms.call("GET").status_code == 200


@pytest.mark.parametrize(
    "parts",
    [
        {"ada@canary.example": 1},
        {"result": {"extensions": {"ada@canary.example": 1}}},
        {"verb": {"id": "x:y", "display": {"ada@canary.example": "x"}}},
        {"context": {"contextActivities": {"ada@canary.example": []}}},
    ],
)
def test_a_name_in_the_wrong_place_stands_in_no_reason_that_is_kept(parts: dict[str, Any]) -> None:
    answer = Lms().post(statement(**parts))
    assert "ada@canary.example" in json.loads(answer.content)["field"]
    assert "canary" not in repr(Quarantine.objects.values().get())


def test_what_is_set_aside_is_not_of_the_erased() -> None:
    new_course("c1:c1")
    lms, sent = Lms(), statement()
    lms.post(sent)
    learner_id = api.find_learner("ada")
    assert learner_id is not None
    api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    for verb in ("x:one", "x:other"):
        assert lms.post(sent | {"verb": {"id": verb}}).status_code == 200
    assert Quarantine.objects.count() == 0


def test_nobody_is_known_under_the_name_of_another() -> None:
    lms, ben = Lms(profile="store"), {"mbox": "mailto:ben@x.example"}
    lms.post(statement(context={"instructor": ben | {"name": "Ben"}}))
    query = f"agent={quote(json.dumps(ben))}"
    person = json.loads(lms.call("GET", query, address="/xapi/agents").content)
    assert person["name"] == ["Ben"]


def test_a_mailbox_hash_is_the_same_in_either_case() -> None:
    lms, sha1 = Lms(profile="store"), "ABCDEF" + "0" * 34
    lms.post(statement(actor={"mbox_sha1sum": sha1}))
    agent = quote(json.dumps({"mbox_sha1sum": sha1.lower()}))
    assert len(lms.get(f"agent={agent}")["statements"]) == 1


def test_one_source_reaches_nothing_of_another() -> None:
    ours, theirs = Lms("ours", profile="store"), Lms("theirs", profile="store")
    sent = statement(actor=json.loads(ADA))
    ours.post(sent)
    place = f"activityId=a:a&stateId=s&agent={quote(ADA)}"
    ours.call("PUT", place, b"x", address=STATE, kind="text/plain")
    target = {"objectType": "StatementRef", "id": sent["id"]}
    theirs.post(statement(verb={"id": f"{ADL}/verbs/voided"}, object=target))
    theirs.call("DELETE", place, address=STATE)
    more = ours.get("limit=1")
    assert theirs.call("GET", f"statementId={sent['id']}").status_code == 404
    assert theirs.call("GET", f"voidedStatementId={sent['id']}").status_code == 404
    assert theirs.call("GET", place, address=STATE).status_code == 404
    person = theirs.call("GET", f"agent={quote(ADA)}", address="/xapi/agents")
    assert json.loads(person.content)["name"] == []
    cursor = quote("2999-01-01T00:00:00Z~99999999")
    assert all(body["id"] != sent["id"] for body in theirs.get(f"cursor={cursor}")["statements"])
    assert [body["id"] for body in more["statements"]] == [sent["id"]]
    assert ours.get(f"statementId={sent['id']}")["id"] == sent["id"]
    assert ours.call("GET", place, address=STATE).content == b"x"


def test_a_learners_token_opens_nothing_here() -> None:
    lms = Lms(scopes="capture tokens")
    asked = json.dumps({"learner": "ada", "origin": "https://lms.example"})
    minted = Client().post(
        "/signals/v1/tokens",
        asked,
        "application/json",
        headers={"Authorization": f"Bearer {lms.key}"},
    )
    token = json.loads(minted.content)["token"]
    assert lms.call("GET", Authorization=f"Bearer {token}").status_code == 401
