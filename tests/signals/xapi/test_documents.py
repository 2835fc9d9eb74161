"""Do documents come back as they were written, in turns, and go with their learner?"""

import json
from urllib.parse import quote

import pytest

from signals import api
from signals.capture.retention import purge_expired
from signals.data import SYSTEM
from signals.models import Document
from tests.factories import moment
from tests.signals.test_parallel import at_once
from tests.signals.xapi.lms import Lms, statement

ADA = quote(json.dumps({"mbox": "mailto:lovelace@canary.example"}))
BEN = quote(json.dumps({"mbox": "mailto:ben@canary.example"}))
STATE = "/xapi/activities/state"
PROFILE = "/xapi/agents/profile"
COURSE = "/xapi/activities/profile"
OF_ADA = f"activityId=a:a&agent={ADA}"
TEXT = "text/plain"


def store() -> Lms:
    """Return a platform whose documents are kept."""
    return Lms("lrs", profile="store")


@pytest.mark.django_db
def test_a_document_comes_back_byte_for_byte_with_its_version() -> None:
    lms, body = store(), b"\x00 a canary \xff"
    sent = lms.call("PUT", f"{OF_ADA}&stateId=s", body, address=STATE, kind=TEXT)
    assert sent.status_code == 204
    kept = lms.call("GET", f"{OF_ADA}&stateId=s", address=STATE)
    assert (kept.content, kept["Content-Type"]) == (body, TEXT)
    assert kept["Content-Disposition"] == "attachment"
    assert kept["ETag"].strip('"') == Document.objects.get().etag
    assert b"canary" not in bytes(Document.objects.get().sealed)


@pytest.mark.django_db
def test_a_post_merges_objects_and_nothing_else() -> None:
    lms, query = store(), f"{OF_ADA}&stateId=s"
    lms.call("POST", query, b'{"a": {"x": 1}, "b": 1}', address=STATE)
    lms.call("POST", query, b'{"a": {"y": 2}}', address=STATE)
    assert json.loads(lms.call("GET", query, address=STATE).content) == {"a": {"y": 2}, "b": 1}
    assert lms.call("POST", query, b"[1]", address=STATE).status_code == 400
    assert lms.call("POST", query, b"text", address=STATE, kind=TEXT).status_code == 400
    assert json.loads(lms.call("GET", query, address=STATE).content) == {"a": {"y": 2}, "b": 1}


@pytest.mark.django_db
def test_states_are_apart_by_agent_activity_and_registration() -> None:
    lms = store()
    registration = "6492b7bf-aac1-4ac5-b043-7079fe7cb82e"
    queries = [
        f"{OF_ADA}&stateId=s",
        f"{OF_ADA}&stateId=s&registration={registration}",
        f"activityId=b:b&agent={ADA}&stateId=s",
        f"activityId=a:a&agent={BEN}&stateId=s",
        f"{OF_ADA}&stateId=t",
    ]
    for query in queries:
        lms.call("PUT", query, query.encode(), address=STATE, kind=TEXT)
    for query in queries:
        assert lms.call("GET", query, address=STATE).content == query.encode()
    listed = json.loads(lms.call("GET", OF_ADA, address=STATE).content)
    assert sorted(listed) == ["s", "s", "t"]
    later = f"{OF_ADA}&since={moment(days=-1).strftime('%Y-%m-%dT%H:%M:%SZ')}"
    assert json.loads(lms.call("GET", later, address=STATE).content) == []
    assert lms.call("DELETE", OF_ADA, address=STATE).status_code == 204
    assert Document.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("address", [PROFILE, COURSE])
def test_a_writer_must_know_the_version_it_replaces(address: str) -> None:
    lms = store()
    query = f"{'agent=' + ADA if address == PROFILE else 'activityId=a:a'}&profileId=p"

    def put(body: bytes, **headers: str) -> int:
        return lms.call("PUT", query, body, address=address, kind=TEXT, **headers).status_code

    assert put(b"0") == 400
    assert put(b"0", If_Match='"nothing"') == 412
    assert put(b"1", If_None_Match="*") == 204
    assert put(b"2", If_None_Match="*") == 412
    assert put(b"2") == 409
    etag = lms.call("GET", query, address=address)["ETag"]
    assert put(b"2", If_Match=etag) == 204
    assert put(b"3", If_Match=etag) == 412
    assert lms.call("GET", query, address=address).content == b"2"
    assert lms.call("DELETE", query, address=address).status_code == 204
    assert lms.call("GET", query, address=address).status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_of_writers_at_once_one_is_first() -> None:
    lms = store()
    api.ensure_learner("lovelace@canary.example", now=moment())

    def put(body: bytes) -> int:
        agent = {"name": f"Ada {body.decode()}", "mbox": "mailto:lovelace@canary.example"}
        query = f"agent={quote(json.dumps(agent))}&profileId=p"
        headers = {"If_None_Match": "*"}
        return lms.call("PUT", query, body, address=PROFILE, kind=TEXT, **headers).status_code

    statuses = at_once(*[lambda number=number: put(b"%d" % number) for number in range(5)])
    assert sorted(statuses) == [204, 412, 412, 412, 412]


@pytest.mark.django_db
def test_documents_go_with_their_learner_and_stay_away() -> None:
    lms = store()
    for agent in (ADA, BEN):
        lms.call("POST", f"agent={agent}&profileId=p", b'{"a": 1}', address=PROFILE)
    learner_id = api.find_learner("lovelace@canary.example")
    assert learner_id is not None
    held = api.export_learner(learner_id)["capture.xapi"]
    assert isinstance(held, dict)
    assert [one["content"] for one in held["documents"]] == ['{"a": 1}']
    api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    assert Document.objects.count() == 1
    query = f"agent={ADA}&profileId=p"
    assert lms.call("POST", query, b'{"a": 1}', address=PROFILE).status_code == 204
    assert lms.call("GET", query, address=PROFILE).status_code == 404
    assert Document.objects.count() == 1


@pytest.mark.django_db
def test_documents_go_after_13_months() -> None:
    lms = store()
    lms.call("POST", "activityId=a:a&profileId=p", b"{}", address=COURSE)
    assert purge_expired(now=moment(days=-360))["documents"] == 0
    assert purge_expired(now=moment(days=-430))["documents"] == 1


@pytest.mark.django_db
def test_agents_and_activities_are_as_the_newest_statement_says() -> None:
    lms = store()
    about = {"objectType": "Activity", "id": "a:a", "definition": {"name": {"en": "A"}}}
    actor = {"mbox": "mailto:lovelace@canary.example", "name": "Ada"}
    lms.post(statement(actor=actor, object=about))
    found = lms.call("GET", "activityId=a:a", address="/xapi/activities")
    assert json.loads(found.content) == about
    person = json.loads(lms.call("GET", f"agent={ADA}", address="/xapi/agents").content)
    assert (person["objectType"], person["name"]) == ("Person", ["Ada"])
    assert person["mbox"] == ["mailto:lovelace@canary.example"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "address", "query"),
    [
        ("GET", STATE, f"agent={ADA}"),
        ("GET", STATE, "activityId=a:a"),
        ("PUT", STATE, OF_ADA),
        ("GET", STATE, f"{OF_ADA}&StateId=s"),
        ("GET", STATE, f"{OF_ADA}&since=lately"),
        ("GET", STATE, f"{OF_ADA}&registration=1"),
        ("GET", STATE, "activityId=a:a&agent=ada"),
        ("DELETE", PROFILE, f"agent={ADA}"),
        ("GET", "/xapi/agents", ""),
        ("GET", "/xapi/activities", "activityId=none"),
    ],
)
def test_addresses_that_name_no_document_are_refused(method: str, address: str, query: str) -> None:
    assert store().call(method, query, b"{}", address=address).status_code == 400
