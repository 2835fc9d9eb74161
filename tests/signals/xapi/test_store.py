"""Does a source of the profile `store` get back what it sent, whole, and by every filter?"""

import hashlib
import json
from typing import Any
from urllib.parse import quote

import pytest

from signals.capture.xapi.claims import forget_expired
from signals.models import Event, Statement, StatementFile
from tests.factories import moment, new_course
from tests.signals.xapi.lms import ADL, Lms, statement

pytestmark = pytest.mark.django_db
BEN = {"objectType": "Agent", "mbox": "mailto:ben@x.example"}
CLEO = {"objectType": "Agent", "openid": "https://cleo.example/"}


def store() -> Lms:
    """Return a platform whose statements are kept whole."""
    return Lms("lrs", profile="store")


def ids(found: dict[str, Any]) -> list[str]:
    """Return the ids of a page."""
    return [body["id"] for body in found["statements"]]


def query(**parts: object) -> str:
    """Return a query string."""
    texts = {
        name: part if isinstance(part, str) else json.dumps(part) for name, part in parts.items()
    }
    return "&".join(f"{name}={quote(text)}" for name, text in texts.items())


def test_a_statement_comes_back_as_it_was_sent_with_what_a_server_adds() -> None:
    lms, sent = store(), statement(result={"score": {"scaled": 0.1234567890123456}})
    assert lms.post(sent).status_code == 200
    kept = lms.get(f"statementId={sent['id']}")
    added = {name: kept.pop(name) for name in ("stored", "authority", "version")}
    assert kept == sent
    assert added["version"] == "1.0.3"
    assert added["authority"]["account"]["name"] == "lrs"


def test_version_2_hands_out_moments_in_utc() -> None:
    lms, sent = store(), statement(timestamp="2026-01-01T10:00:00+02:00")
    lms.post(sent, X_Experience_API_Version="2.0.0")
    assert lms.get(f"statementId={sent['id']}")["timestamp"] == "2026-01-01T08:00:00.000000Z"


def test_it_becomes_an_event_too() -> None:
    new_course("c1:c1")
    store().post(statement())
    assert Event.objects.count() == 1


def test_nothing_of_it_stands_in_clear() -> None:
    sent = statement(actor={"name": "Ada Canary", "mbox": "mailto:canary@x.example"})
    store().post(sent)
    row = Statement.objects.values().get()
    assert b"anary" not in repr(row).encode()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (query(agent=BEN), [1]),
        (query(agent=CLEO), []),
        (query(agent=CLEO, related_agents=True), [2]),
        (query(verb=f"{ADL}/verbs/completed"), [1]),
        (query(activity="c1:c1"), [2, 0]),
        (query(activity="p:p"), []),
        (query(activity="p:p", related_activities=True), [2]),
        (query(registration="6492b7bf-aac1-4ac5-b043-7079fe7cb82e"), [2]),
        (query(ascending=True), [0, 1, 2]),
        (query(limit=2), [2, 1]),
        (query(since="2012-01-01T00:00:00Z"), [2, 1, 0]),
        (query(until="2012-01-01T00:00:00Z"), []),
        (query(agent=BEN, verb=f"{ADL}/verbs/registered"), []),
    ],
)
def test_filters_find_what_the_specification_says(asked: str, found: list[int]) -> None:
    lms = store()
    sent = [
        statement(),
        statement(actor=BEN, verb={"id": f"{ADL}/verbs/completed"}, object={"id": "c2:c2"}),
        statement(
            context={
                "instructor": CLEO,
                "registration": "6492b7bf-aac1-4ac5-b043-7079fe7cb82e",
                "contextActivities": {"parent": {"id": "p:p"}},
            }
        ),
    ]
    for body in sent:
        lms.post(body)
    assert ids(lms.get(asked)) == [sent[place]["id"] for place in found]


def test_more_leads_through_all_pages_once() -> None:
    lms = store()
    sent = [statement()["id"] for _ in range(7)]
    lms.post(*[statement(id=name) for name in sent])
    seen: list[str] = []
    page = lms.get("limit=3&verb=" + quote(f"{ADL}/verbs/registered"))
    while page["more"]:
        seen += ids(page)
        page = lms.get(page["more"].partition("?")[2])
    assert sorted(seen + ids(page)) == sorted(sent)


def test_since_and_until_cut_between_what_was_stored() -> None:
    lms = store()
    first, second = statement(), statement()
    lms.post(first)
    stored = lms.get(f"statementId={first['id']}")["stored"]
    lms.post(second)
    assert ids(lms.get(query(since=stored))) == [second["id"]]
    assert ids(lms.get(query(until=stored))) == [first["id"]]


def test_a_void_statement_is_found_by_its_own_parameter_alone_and_what_voids_it_too() -> None:
    lms, sent = store(), statement(verb={"id": "x:odd"})
    voiding = statement(
        verb={"id": f"{ADL}/verbs/voided"},
        object={"objectType": "StatementRef", "id": sent["id"]},
    )
    lms.post(sent)
    lms.post(voiding)
    assert lms.call("GET", f"statementId={sent['id']}").status_code == 404
    assert lms.get(f"voidedStatementId={sent['id']}")["id"] == sent["id"]
    assert ids(lms.get("verb=x:odd")) == [voiding["id"]]
    assert lms.call("GET", f"voidedStatementId={voiding['id']}").status_code == 404


def test_a_voiding_statement_is_never_void() -> None:
    lms, sent = store(), statement()

    def voiding(body: dict[str, Any]) -> dict[str, Any]:
        target = {"objectType": "StatementRef", "id": body["id"]}
        return statement(verb={"id": f"{ADL}/verbs/voided"}, object=target)

    first = voiding(sent)
    for body in (sent, first, voiding(sent), voiding(first)):
        assert lms.post(body).status_code == 200
    assert lms.get(f"statementId={first['id']}")["id"] == first["id"]
    assert lms.get(f"voidedStatementId={sent['id']}")["id"] == sent["id"]


def test_what_says_neither_when_nor_which_is_told_each_time() -> None:
    lms = store()
    for _ in range(2):
        lms.post(statement(id=None, timestamp=None))
        lms.post(statement(id=None, timestamp="2026-01-01T00:00:00Z"))
    assert Statement.objects.count() == 3


@pytest.mark.parametrize("role", ["parent", "grouping", "category", "other"])
def test_activities_around_are_handed_out_in_arrays(role: str) -> None:
    lms = store()
    around = {"contextActivities": {role: {"id": "a:a"}}}
    inner = {
        "objectType": "SubStatement",
        "actor": BEN,
        "verb": {"id": "x:did"},
        "object": {"id": "b:b"},
        "context": around,
    }
    sent = statement(context=around, object=inner)
    lms.post(sent)
    kept = lms.get(f"statementId={sent['id']}")
    for context in (kept["context"], kept["object"]["context"]):
        assert context["contextActivities"] == {role: [{"id": "a:a"}]}


def test_formats_show_ids_or_one_language() -> None:
    lms = store()
    sent = statement(
        object={"id": "a:a", "definition": {"name": {"en-GB": "colour", "de": "Farbe"}}}
    )
    lms.post(sent)
    exact = lms.get(f"statementId={sent['id']}")
    canonical = lms.get(
        f"statementId={sent['id']}&format=canonical", Accept_Language="de, en;q=0.5"
    )
    bare = lms.get(f"statementId={sent['id']}&format=ids")
    assert exact["object"] == sent["object"]
    assert canonical["object"]["definition"]["name"] == {"de": "Farbe"}
    assert (bare["object"], bare["verb"]) == ({"id": "a:a"}, {"id": sent["verb"]["id"]})
    assert "name" not in bare["actor"]


def test_an_attachment_comes_back_byte_for_byte() -> None:
    content = b"\x00\x01 here --cut\r\n is a file \xff"
    sha2 = hashlib.sha256(content).hexdigest()
    sent = statement(
        attachments=[
            {
                "usageType": "http://example.com/use",
                "display": {"en": "a file"},
                "contentType": "application/octet-stream",
                "length": len(content),
                "sha2": sha2,
            }
        ]
    )
    body = b"\r\n".join(
        [
            b"--cut-here",
            b"Content-Type: application/json",
            b"",
            json.dumps(sent).encode(),
            b"--cut-here",
            b"Content-Type: application/octet-stream",
            b"Content-Transfer-Encoding: binary",
            b"X-Experience-API-Hash: " + sha2.encode(),
            b"",
            content,
            b"--cut-here--",
            b"",
        ]
    )
    lms = store()
    answer = lms.call("POST", body=body, kind="multipart/mixed; boundary=cut-here")
    assert answer.status_code == 200, answer.content
    assert content not in bytes(StatementFile.objects.get().sealed)
    shown = lms.call("GET", f"statementId={sent['id']}&attachments=true")
    assert shown["Content-Type"].startswith("multipart/mixed")
    assert b"\r\n\r\n" + content + b"\r\n--" in shown.content
    assert sha2.encode() in shown.content
    without = lms.call("GET", f"statementId={sent['id']}&attachments=false")
    assert without["Content-Type"] == "application/json"


def test_a_head_has_headers_and_no_body() -> None:
    lms = store()
    lms.post(statement())
    answer = lms.call("HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["X-Experience-API-Consistent-Through"]


@pytest.mark.parametrize(("asked", "status"), [("", 200), ("limit=many", 400), ("Agent=x", 400)])
def test_every_answer_to_a_get_says_how_current_it_is(asked: str, status: int) -> None:
    answer = store().call("GET", asked)
    assert answer.status_code == status
    assert answer["X-Experience-API-Consistent-Through"].endswith("Z")
    assert answer["X-Experience-API-Version"] == "1.0.3"
    assert answer["Last-Modified"].endswith("GMT")


def test_a_batch_in_which_an_id_comes_twice_is_refused() -> None:
    sent = statement()
    assert store().post(sent, sent).status_code == 400


def test_an_id_counts_for_as_long_as_its_statement_is_kept() -> None:
    lms, sent = store(), statement()
    lms.post(sent)
    forget_expired(moment(days=-60))
    assert lms.put(sent).status_code == 204
    assert lms.put(sent | {"verb": {"id": "x:other"}}).status_code == 409
    assert Statement.objects.count() == 1
