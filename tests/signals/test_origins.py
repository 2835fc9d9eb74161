"""From which pages may a browser send? Registered origins of the token's source, no others."""

from datetime import timedelta
from time import monotonic

import msgspec
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from signals.capture import origins
from signals.capture.buffer import BusyError
from signals.models import LedgerEntry, Source
from tests.factories import moment, new_course, root, wire_event
from tests.signals.door import BATCH, TOKENS, Door, problem

pytestmark = pytest.mark.django_db

LMS, OTHER, EVIL = "https://lms.example", "https://other.example", "https://evil.example"
ALLOWED = "Access-Control-Allow-Origin"


def minted(door: Door, origin: str = LMS) -> HttpResponse:
    return door.post(msgspec.json.encode({"learner": "ada", "origin": origin}), TOKENS)


def token_of(door: Door, origin: str = LMS) -> str:
    return str(msgspec.json.decode(minted(door, origin).content)["token"])


def sent(token: str, origin: str | None = LMS, *, browser: bool = False) -> HttpResponse:
    """Send an event as a page does: with a token, and the origin its browser adds."""
    added = {"Sec-Fetch-Site": "cross-site"} if browser else {}
    answer = Client().post(
        BATCH,
        msgspec.json.encode({"batch": [wire_event(course="c1")]}),
        content_type="application/json",
        headers={
            "Authorization": f"Bearer {token}",
            **({"Origin": origin} if origin else {}),
            **added,
        },
    )
    assert isinstance(answer, HttpResponse)
    return answer


def asked(origin: str) -> HttpResponse:
    """Ask as a browser does before it sends a token across origins."""
    answer = Client().options(
        BATCH,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert isinstance(answer, HttpResponse)
    return answer


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (LMS, 204),
        (OTHER, 204),  # of another source: the browser has shown no token yet
        (EVIL, 403),
        ("http://lms.example", 403),
        ("https://lms.example:8443", 403),
        ("https://sub.lms.example", 403),
        ("https://lms.example.evil.example", 403),
        ("https://LMS.example", 403),
        ("null", 403),
        ("*", 403),
    ],
)
def test_a_preflight_is_answered_for_registered_origins_alone(origin: str, status: int) -> None:
    Door(origins=[LMS])
    Door(source="other", origins=[OTHER])
    answer = asked(origin)
    assert answer.status_code == status
    assert "Origin" in answer["Vary"].split(", ")
    assert (answer.headers.get(ALLOWED) == origin) == (status == 204)
    assert answer.has_header("Access-Control-Max-Age") == (status == 204)
    assert not answer.has_header("Access-Control-Allow-Credentials")


def test_a_preflight_says_what_a_page_may_send_and_for_how_long() -> None:
    Door(origins=[LMS])
    answer = asked(LMS)
    assert answer["Access-Control-Allow-Methods"] == "POST"
    assert {"authorization", "content-type"} <= set(
        answer["Access-Control-Allow-Headers"].split(", ")
    )
    assert int(answer["Access-Control-Max-Age"]) >= 3600


@pytest.mark.parametrize(
    ("origin", "status", "readable"),
    [(LMS, 200, True), (OTHER, 403, False), (EVIL, 403, False), (None, 403, False)],
)
def test_a_token_is_used_from_its_origin_alone(
    origin: str | None, status: int, *, readable: bool
) -> None:
    new_course("c1")
    Door(source="other", origins=[OTHER])
    answer = sent(token_of(Door("tokens", origins=[LMS])), origin)
    assert answer.status_code == status
    assert answer.has_header(ALLOWED) is readable
    assert answer.has_header("Access-Control-Expose-Headers") is readable


def test_two_origins_of_a_source_do_not_share_tokens() -> None:
    door = Door("tokens", origins=[LMS, OTHER])
    assert sent(token_of(door), OTHER).status_code == 403


@pytest.mark.parametrize("origin", [EVIL, OTHER])
def test_no_token_is_minted_for_pages_that_could_not_use_it(origin: str) -> None:
    Door(source="other", origins=[OTHER])
    answer = minted(Door("tokens", origins=[LMS]), origin)
    assert (answer.status_code, problem(answer)["field"]) == (403, "origin")
    assert "--origins" in problem(answer)["detail"]


def test_a_source_that_lists_no_origins_is_told_what_to_do_before_pages_can_send() -> None:
    new_course("c1")
    door = Door("tokens")
    answer = msgspec.json.decode(minted(door).content)
    assert "--origins" in answer["note"]
    assert asked(LMS).status_code == 403  # so no browser sends it
    from_a_program = sent(answer["token"])
    assert (from_a_program.status_code, from_a_program.has_header(ALLOWED)) == (200, False)
    assert sent(answer["token"], EVIL).status_code == 403

    call_command("create_key", "lms", "--origins", LMS)
    assert msgspec.json.decode(minted(door).content)["note"] is None
    assert (asked(LMS).status_code, sent(answer["token"])[ALLOWED]) == (204, LMS)


WRONG = [
    "",
    "null",
    "*",
    "lms.example",
    "http://lms.example",
    "https://lms.example/",
    "https://lms.example/a",
    "https://lms.example?a",
    "https://lms.example#a",
    "https://lms.example:443",
    "https://lms.example:99999",
    "https://lms.example:x",
    "https://LMS.example",
    "https://bücher.example",
    "https://*.example",
    "https://a@b",
    "https://a\x00b",
    "https://[::1",
    "javascript:x",
    "ftp://lms.example",
    "https://" + "a" * 300,
]
RIGHT = [
    LMS,
    "https://lms.example:8443",
    "http://localhost",
    "http://localhost:8080",
    "http://127.0.0.1:5000",
    "http://[::1]:8000",
    "https://xn--bcher-kva.example",
]


@pytest.mark.parametrize("origin", WRONG)
def test_what_is_no_origin_gets_no_token_and_is_not_registered(origin: str) -> None:
    answer = minted(Door("tokens", origins=[LMS]), origin)
    assert (answer.status_code, problem(answer)["field"]) == (400, "origin")
    with pytest.raises(origins.NoOriginError):
        origins.check(origin)


def test_origins_as_browsers_say_them_are_taken() -> None:
    assert {minted(Door("tokens", origins=RIGHT), origin).status_code for origin in RIGHT} == {200}


def test_taking_an_origin_away_ends_its_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    new_course("c1")
    token = token_of(Door("tokens", origins=[LMS]))
    Source.objects.update(origins=[OTHER])  # by another process: this one still knows the old
    assert sent(token).status_code == 200
    started = monotonic()
    monkeypatch.setattr("signals.capture.origins.monotonic", lambda: started + 5.1)
    answer = sent(token)
    assert (answer.status_code, problem(answer)["field"]) == (403, "Origin")
    assert not answer.has_header(ALLOWED)


def test_taking_the_last_origin_away_stops_browsers_that_remember_they_might() -> None:
    new_course("c1")
    token = token_of(Door("tokens", origins=[LMS]))
    assert sent(token, browser=True).status_code == 200
    Source.objects.update(origins=[])
    origins.forget_cached()
    assert sent(token, browser=True).status_code == 403


def test_switching_a_source_off_ends_its_tokens() -> None:
    token = token_of(Door("tokens", origins=[LMS]))
    Source.objects.update(active=False)
    origins.forget_cached()
    assert (sent(token).status_code, asked(LMS).status_code) == (401, 403)


def test_a_page_reads_that_its_token_is_over(settings: Settings) -> None:
    token = token_of(Door("tokens", origins=[LMS]))
    settings.DEMO_CLOCK = True
    late = (moment() + timedelta(minutes=61)).isoformat()
    answer = Client().post(
        BATCH,
        b'{"batch":[]}',
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Origin": LMS, "X-Northway-Now": late},
    )
    assert (answer.status_code, answer[ALLOWED]) == (401, LMS)


@pytest.mark.parametrize(("origin", "readable"), [(LMS, True), (EVIL, False)])
def test_a_registered_page_reads_that_its_token_is_not_ours(origin: str, *, readable: bool) -> None:
    token = token_of(Door("tokens", origins=[LMS]))
    answer = sent(token[:-2] + "xx", origin)
    assert (answer.status_code, answer.has_header(ALLOWED)) == (401, readable)


def test_a_page_reads_how_long_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise BusyError("Too much at once. Send again later.")

    token = token_of(Door("tokens", origins=[LMS]))
    monkeypatch.setattr("signals.capture.rest.take", busy)
    answer = sent(token)
    assert (answer.status_code, answer[ALLOWED], answer["Retry-After"]) == (429, LMS, "2")
    assert answer["Access-Control-Expose-Headers"] == "Retry-After"


def test_a_key_never_opens_an_answer_to_a_page() -> None:
    answer = Door(origins=[LMS]).post(b'{"batch":[]}', Origin=LMS)
    assert answer.status_code == 200
    assert not answer.has_header(ALLOWED)


def test_while_the_database_is_away_the_origins_read_last_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    token = token_of(Door("tokens", origins=[LMS]))
    monkeypatch.setattr(Source.objects, "filter", away)
    started = monotonic()
    monkeypatch.setattr("signals.capture.origins.monotonic", lambda: started + 60)
    assert asked(LMS).status_code == 204
    origins.forget_cached()
    answer = asked(LMS)
    assert (answer.status_code, answer.has_header(ALLOWED)) == (503, False)
    assert sent(token)[ALLOWED] == LMS  # minted for it, within this hour


def test_origins_are_edited_where_sources_are_and_stand_in_the_ledger() -> None:
    Door(origins=[LMS])
    staff = Client()
    staff.force_login(root().account, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/admin/signals/source/{Source.objects.get().pk}/change/"
    form = {"title": "Campus", "active": "on", "profile": "capture"}
    assert LMS in staff.get(address).content.decode()

    wrong = staff.post(address, {**form, "origins": f"{OTHER}\r\nhttp://lms.example"})
    assert "http://lms.example: An origin begins with https://" in wrong.content.decode()
    assert Source.objects.get().origins == [LMS]

    right = staff.post(address, {**form, "origins": f"{OTHER}\r\n\r\n {LMS}:8443 \r\n"})
    assert right.status_code == 302
    assert (Source.objects.get().title, Source.objects.get().origins) == (
        "Campus",
        [f"{LMS}:8443", OTHER],
    )
    entry = LedgerEntry.objects.filter(action="source.origins").latest("pk")
    assert entry.actor == "staff:root"
    assert msgspec.json.decode(entry.detail) == {"origins": [f"{LMS}:8443", OTHER]}
    assert (asked(OTHER).status_code, asked(LMS).status_code) == (204, 403)


def test_a_key_is_made_with_origins_beside_those_there_are() -> None:
    Door(origins=[LMS])
    call_command("create_key", "lms", "--origins", f"{OTHER}, http://localhost:8080")
    assert Source.objects.get().origins == ["http://localhost:8080", LMS, OTHER]
    with pytest.raises(CommandError, match="begins with https"):
        call_command("create_key", "lms", "--origins", "http://lms.example")
