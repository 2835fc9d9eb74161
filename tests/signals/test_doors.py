"""Who may send events, and for whom? Keys, an hour's tokens, and a learner's own session."""

from datetime import timedelta
from time import monotonic

import msgspec
import pytest
from django.core import signing
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from signals import api
from signals.data import SYSTEM
from signals.models import ApiKey, Event, LedgerEntry
from tests.factories import ada, ben, moment, new_course, wire_event
from tests.signals.door import BATCH, TOKENS, Door, problem

pytestmark = pytest.mark.django_db

LMS = "https://lms.example"


def test_without_a_key_in_force_nothing_comes_in() -> None:
    door = Door()
    for wrong in ("", "Basic abc", "Bearer nw_unknown", f"Bearer {door.key}x"):
        answer = door.post(b"{}", Authorization=wrong)
        assert (answer.status_code, problem(answer)["title"]) == (401, "Not authenticated")
        assert answer["WWW-Authenticate"].startswith("Bearer")
    assert Client().post(BATCH, b"{}", content_type="application/json").status_code == 401


def test_a_key_without_the_scope_is_refused() -> None:
    answer = Door("recommend").post(b'{"batch":[]}')
    assert (answer.status_code, problem(answer)["detail"]) == (
        403,
        "This key lacks the scope capture.",
    )
    assert Door().post(b"{}", TOKENS).status_code == 403


def test_only_post_is_answered() -> None:
    assert Client().get(BATCH).status_code == Client().put(TOKENS).status_code == 405


def test_a_key_is_stored_as_a_digest_and_ends_when_it_expires() -> None:
    clear = api.create_key("lms", scopes=["capture"], days=2, actor=SYSTEM, now=moment())
    row = ApiKey.objects.get()
    assert clear.startswith("nw_")
    assert clear.encode() not in bytes(row.digest)
    assert api.authenticate(clear, scope="capture", now=moment()) is not None
    assert api.authenticate(clear, scope="backfill", now=moment()) is None
    later = moment() + timedelta(days=2, seconds=1)
    assert api.authenticate(clear, scope="capture", now=later) is None
    assert LedgerEntry.objects.get().action == "key.created"


def test_a_revoked_key_works_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    clear = api.create_key("lms", scopes=["capture"], days=2, actor=SYSTEM, now=moment())
    assert api.authenticate(clear, scope="capture", now=moment()) is not None
    ApiKey.objects.update(revoked_at=moment())  # by another process: this one still knows the key
    assert api.authenticate(clear, scope="capture", now=moment()) is not None
    started = monotonic()
    monkeypatch.setattr("signals.capture.keys.monotonic", lambda: started + 5.1)
    assert api.authenticate(clear, scope="capture", now=moment()) is None


def test_revoking_here_acts_at_once() -> None:
    clear = api.create_key("lms", scopes=["capture"], days=2, actor=SYSTEM, now=moment())
    assert api.authenticate(clear, scope="capture", now=moment()) is not None
    assert api.revoke_key(clear[:12], actor=SYSTEM, now=moment())
    assert api.authenticate(clear, scope="capture", now=moment()) is None
    assert not api.revoke_key(clear[:12], actor=SYSTEM, now=moment())


def test_a_key_seen_lately_counts_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clear = api.create_key("lms", scopes=["recommend"], days=2, actor=SYSTEM, now=moment())
    assert api.authenticate(clear, scope="recommend", now=moment()) is not None

    def away(*_args: object, **_named: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(ApiKey.objects, "select_related", away)
    started = monotonic()
    monkeypatch.setattr("signals.capture.keys.monotonic", lambda: started + 300)
    assert api.authenticate(clear, scope="recommend", now=moment()) is not None
    monkeypatch.setattr("signals.capture.keys.monotonic", lambda: started + 601)
    with pytest.raises(OperationalError):
        api.authenticate(clear, scope="recommend", now=moment())


def test_an_unknown_scope_is_refused_when_the_key_is_made() -> None:
    with pytest.raises(ValueError, match="No such scope: admin"):
        api.create_key("lms", scopes=["admin"], days=1, actor=SYSTEM, now=moment())


def _token(door: Door, learner: str = "ada", origin: str = LMS) -> str:
    answer = door.post(msgspec.json.encode({"learner": learner, "origin": origin}), TOKENS)
    assert answer.status_code == 200, answer.content
    return str(msgspec.json.decode(answer.content)["token"])


def _with_token(token: str, *events: dict[str, object], origin: str = LMS) -> HttpResponse:
    door = Door()
    body = msgspec.json.encode({"batch": events})
    return door.post(body, Authorization=f"Bearer {token}", Origin=origin)


def test_a_token_sends_for_its_learner_from_its_origin_alone() -> None:
    new_course("c1")
    token = _token(Door("tokens", origins=[LMS]))
    answer = _with_token(token, wire_event(course="c1"), wire_event(course="c1", learner="ben"))
    counts = msgspec.json.decode(answer.content)
    assert (counts["accepted"], counts["errors"][0]["code"]) == (1, "other_learner")
    assert answer["Access-Control-Allow-Origin"] == LMS
    assert api.find_learner("ben") is None
    assert _with_token(token, origin="https://evil.example").status_code == 403
    assert _with_token(token[:-2] + "xx").status_code == 401


def test_a_token_is_over_after_an_hour(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    token = _token(Door("tokens", origins=[LMS]))
    settings.DEMO_CLOCK = True
    late = (moment() + timedelta(minutes=61)).isoformat()
    answer = Door().post(
        b'{"batch":[]}', Authorization=f"Bearer {token}", Origin=LMS, X_Northway_Now=late
    )
    assert answer.status_code == 401


def test_a_token_ends_with_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door("tokens", origins=[LMS])
    token = _token(door)
    assert _with_token(token).status_code == 200
    ApiKey.objects.update(revoked_at=moment())  # by another process: this one still knows the key
    started = monotonic()
    monkeypatch.setattr("signals.capture.keys.monotonic", lambda: started + 5.1)
    answer = _with_token(token)
    assert answer.status_code == 401
    assert problem(answer)["detail"].startswith("The key this token was minted with is revoked")


def test_a_token_ends_at_once_where_its_key_is_deleted_or_its_source_switched_off() -> None:
    token = _token(Door("tokens", origins=[LMS]))
    api.forget_caches()
    ApiKey.objects.filter(scopes=["tokens"]).delete()
    assert _with_token(token).status_code == 401


def test_a_token_of_an_older_version_asks_for_a_new_one() -> None:
    Door("tokens", origins=[LMS])
    until = int(moment().timestamp()) + 600
    old = signing.dumps([1, 1, LMS, until], salt="signals.capture.token", compress=True)
    assert _with_token(f"nwt_{old}").status_code == 401


def test_a_signed_in_learner_sends_for_themselves_from_our_pages_alone() -> None:
    new_course("c1")
    person = ada()
    ben()
    client = Client()
    client.force_login(person.account, backend="django.contrib.auth.backends.ModelBackend")

    def post(learner: str, **headers: str) -> HttpResponse:
        body = msgspec.json.encode({"batch": [wire_event(course="c1", learner=learner)]})
        answer = client.post(BATCH, body, content_type="application/json", headers=headers)
        assert isinstance(answer, HttpResponse)
        return answer

    own = {"Origin": "http://testserver"}
    assert msgspec.json.decode(post("ada", **own).content)["accepted"] == 1
    assert msgspec.json.decode(post("ben", **own).content)["errors"][0]["code"] == "other_learner"
    assert post("ada").status_code == post("ada", Origin=LMS).status_code == 403
    assert Event.objects.get().learner_id == person.learner_id
