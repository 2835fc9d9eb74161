"""Does a password alone open the tower? Codes, recovery, lock-out, and a fresh proof."""

from base64 import b32decode
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from controltower.second_step import FRESH_S
from personalize import api as personalize
from signals import api as signals
from signals.api import sign_in
from signals.data import Actor, ActorKind
from signals.models import RecoveryCode, SecondFactor
from signals.privacy.second_factor import CODES, LOCKED_FOR, WRONG_MOST
from tests.factories import PASSWORD, Person, mia, moment, new_course, pia, root, uma

pytestmark = pytest.mark.django_db

AT = moment()


def code_of(secret: str, at: datetime) -> str:
    """Return what an authenticator of the library's own shows."""
    totp = TOTP(b32decode(secret), 6, SHA1(), 30)  # noqa: S303  what RFC 6238 has
    return totp.generate(int(at.timestamp())).decode()


def enrolled(person: Person, at: datetime = AT) -> tuple[str, tuple[str, ...]]:
    """Set a second step up a day ago; return its secret and recovery codes."""
    before = at - timedelta(days=1)
    secret = sign_in.begin(person.account).secret
    actor = Actor(ActorKind.STAFF, "uma")
    codes = sign_in.confirm(actor, person.account.pk, code_of(secret, before), now=before)
    assert codes is not None
    return secret, codes


def check(person: Person, code: str, at: datetime = AT) -> sign_in.Outcome:
    return sign_in.check(Actor(ActorKind.STAFF, "uma"), person.account.pk, code, now=at)


@pytest.fixture
def all_staff(settings: Settings) -> None:
    settings.STAFF_SECOND_STEP = "all"


# --- codes ---------------------------------------------------------------------------------------


def test_the_codes_are_those_of_rfc_6238(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its appendix B, the last six of its eight digits."""
    secret = b"12345678901234567890"
    monkeypatch.setattr("signals.privacy.second_factor.secrets.token_bytes", lambda _: secret)
    person = uma()
    sign_in.begin(person.account)
    for at, code in ((59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")):
        now = datetime.fromtimestamp(at, tz=AT.tzinfo)
        SecondFactor.objects.update(sealed=b"", last_step=0)
        sign_in.begin(person.account)
        assert sign_in.confirm(Actor(ActorKind.STAFF, "uma"), person.account.pk, code, now=now)


@pytest.mark.parametrize(
    ("off_s", "right"), [(0, True), (-30, True), (30, True), (-60, False), (60, False)]
)
def test_a_clock_may_be_half_a_minute_wrong(off_s: int, right: bool) -> None:
    person = uma()
    secret, _ = enrolled(person)
    code = code_of(secret, AT + timedelta(seconds=off_s))
    assert (check(person, code) is sign_in.Outcome.RIGHT) is right


def test_a_code_is_taken_once_and_none_before_it(client: Client) -> None:
    person = uma()
    secret, _ = enrolled(person)
    code, before = code_of(secret, AT), code_of(secret, AT - timedelta(seconds=30))
    assert check(person, f"{code[:3]} {code[3:]}") is sign_in.Outcome.RIGHT
    assert check(person, code) is sign_in.Outcome.WRONG
    assert check(person, before) is sign_in.Outcome.WRONG
    later = AT + timedelta(seconds=30)
    assert check(person, code_of(secret, later), later) is sign_in.Outcome.RIGHT


@pytest.mark.parametrize("said", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "12345x", "²²²²²²"])
def test_what_is_no_code_is_wrong(said: str) -> None:
    person = uma()
    enrolled(person)
    assert check(person, said) is sign_in.Outcome.WRONG


def test_five_wrong_codes_close_the_step_for_a_quarter_of_an_hour() -> None:
    person = uma()
    secret, codes = enrolled(person)
    outcomes = [check(person, "000000") for _ in range(WRONG_MOST)]
    assert outcomes == [sign_in.Outcome.WRONG] * (WRONG_MOST - 1) + [sign_in.Outcome.LOCKED]
    assert check(person, code_of(secret, AT)) is sign_in.Outcome.LOCKED
    assert check(person, codes[0]) is sign_in.Outcome.LOCKED
    later = AT + LOCKED_FOR
    assert check(person, code_of(secret, later), later) is sign_in.Outcome.RIGHT
    assert "second_factor.locked" in actions()


def test_a_recovery_code_works_once_however_it_is_typed() -> None:
    person = uma()
    _, codes = enrolled(person)
    assert len(set(codes)) == CODES
    assert check(person, codes[0].lower().replace("-", " ")) is sign_in.Outcome.RIGHT
    assert check(person, codes[0]) is sign_in.Outcome.WRONG
    assert sign_in.state(person.account.pk).codes_left == CODES - 1
    assert "second_factor.recovered" in actions()


def test_codes_of_somebody_else_are_wrong() -> None:
    person, other = uma(), mia()
    secret, codes = enrolled(person)
    enrolled(other)
    assert check(other, codes[0]) is sign_in.Outcome.WRONG
    assert check(other, code_of(secret, AT)) is sign_in.Outcome.WRONG


def test_neither_secret_nor_codes_can_be_read_in_the_database() -> None:
    person = uma()
    secret, codes = enrolled(person)
    row = SecondFactor.objects.get()
    kept = bytes(row.sealed) + b"".join(bytes(one.digest) for one in RecoveryCode.objects.all())
    assert b32decode(secret) not in kept
    assert secret.encode() not in kept
    assert not any(code.replace("-", "").encode() in kept for code in codes)


def test_new_codes_void_the_old() -> None:
    person = uma()
    _, codes = enrolled(person)
    new = sign_in.renew_codes(Actor(ActorKind.STAFF, "uma"), person.account.pk, now=AT)
    assert check(person, codes[0]) is sign_in.Outcome.WRONG
    assert check(person, new[0]) is sign_in.Outcome.RIGHT


def test_the_old_device_works_until_the_new_one_is_confirmed() -> None:
    person = uma()
    secret, _ = enrolled(person)
    new = sign_in.begin(person.account).secret
    assert new != secret
    assert check(person, code_of(new, AT)) is sign_in.Outcome.WRONG
    assert check(person, code_of(secret, AT)) is sign_in.Outcome.RIGHT


def actions() -> list[str]:
    return [row.action for row in signals.ledger_rows(action_prefix="second_factor.")]


# --- pages ---------------------------------------------------------------------------------------


def signed_in(client: Client, person: Person) -> Any:
    return client.post("/signin/", {"username": person.account.username, "password": PASSWORD})


@pytest.mark.parametrize(
    ("setting", "make", "asked"),
    [
        ("all", pia, True),
        ("all", uma, True),
        ("changing", pia, False),
        ("changing", mia, True),
        ("changing", root, True),
        ("off", root, False),
    ],
)
def test_who_must_set_one_up(
    client: Client, settings: Settings, setting: str, make: Any, asked: bool
) -> None:
    settings.STAFF_SECOND_STEP = setting
    client.force_login(make().account)
    answer = client.get("/tower/")
    assert (answer.status_code == 302) is asked
    if asked:
        assert answer["Location"] == "/tower/second-step/new/?next=%2Ftower%2F"


def test_who_set_one_up_is_asked_even_where_nobody_must(client: Client) -> None:
    person = uma()
    enrolled(person)
    signed_in(client, person)
    answer = client.get("/tower/boosts/?page=2")
    assert answer["Location"] == "/tower/second-step/?next=%2Ftower%2Fboosts%2F%3Fpage%3D2"
    assert client.post("/tower/boosts/")["Location"].startswith("/tower/second-step/")


@pytest.mark.usefixtures("all_staff")
def test_from_password_to_tower(client: Client) -> None:
    person = uma()
    signed_in(client, person)
    page = client.get("/tower/second-step/new/?next=/tower/boosts/")
    secret = page.context["secret"].replace(" ", "")
    assert client.get("/tower/second-step/new/").context["secret"].replace(" ", "") == secret
    shown = client.post(
        "/tower/second-step/new/", {"code": code_of(secret, moment()), "next": "/tower/boosts/"}
    )
    assert len(shown.context["codes"]) == CODES
    assert shown.context["next"] == "/tower/boosts/"
    assert client.get("/tower/boosts/").status_code == 200

    other = Client()
    signed_in(other, person)
    assert other.get("/tower/boosts/").status_code == 302
    assert other.get("/tower/second-step/new/")["Location"] == "/tower/second-step/"
    before = other.session.session_key
    wrong = other.post("/tower/second-step/", {"code": "000000"})
    assert (wrong.status_code, b"not right" in wrong.content) == (400, True)
    recovery = shown.context["codes"][0]
    right = other.post("/tower/second-step/", {"code": recovery, "next": "//evil.example"})
    assert right["Location"] == "/tower/start/"
    assert other.session.session_key != before
    assert other.get("/tower/boosts/").status_code == 200


def test_a_step_that_is_taken_away_ends_every_session_that_passed_it() -> None:
    person, other = uma(), pia()
    _secret, codes = enrolled(person)
    inside, theirs = Client(), Client()
    signed_in(inside, person)
    signed_in(theirs, other)
    inside.post("/tower/second-step/", {"code": codes[0]})
    assert inside.get("/tower/boosts/").status_code == 200

    call_command("reset_second_step", "uma", "--reason", "lost both", stdout=StringIO())

    assert inside.get("/tower/boosts/")["Location"].startswith("/signin/")
    assert theirs.get("/tower/privacy/").status_code == 200
    assert not SecondFactor.objects.exists()


@pytest.mark.usefixtures("all_staff")
def test_a_wrong_code_sets_nothing_up(client: Client) -> None:
    person = uma()
    signed_in(client, person)
    client.get("/tower/second-step/new/")
    assert client.post("/tower/second-step/new/", {"code": "000000"}).status_code == 400
    assert not sign_in.has_factor(person.account.pk)
    assert client.get("/tower/").status_code == 302


def test_five_wrong_codes_sign_out(client: Client) -> None:
    person = uma()
    enrolled(person)
    signed_in(client, person)
    answers = [client.post("/tower/second-step/", {"code": "000000"}) for _ in range(WRONG_MOST)]
    assert [one.status_code for one in answers] == [400] * (WRONG_MOST - 1) + [429]
    assert client.get("/tower/")["Location"] == "/signin/?next=/tower/"


@pytest.mark.usefixtures("all_staff")
def test_a_part_of_a_page_has_its_page_ask(client: Client) -> None:
    client.force_login(uma().account)
    answer = client.get("/tower/live/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Refresh"]) == (200, "true")


def test_your_sign_in_shows_it_and_makes_codes(client: Client) -> None:
    person = uma()
    secret, codes = enrolled(person)
    signed_in(client, person)
    client.post("/tower/second-step/", {"code": code_of(secret, moment())})
    assert b"10 of 10" in client.get("/tower/you/").content
    new = client.post("/tower/you/codes/").context["codes"]
    assert len(new) == CODES
    assert not set(new) & set(codes)


# --- a fresh proof -------------------------------------------------------------------------------

MIX = {
    "progression": "0.3",
    "engagement": "0.1",
    "reason": "Finishing",
    "ends_on": f"{moment(days=-14):%Y-%m-%d}",
    "step": "publish",
}


@pytest.mark.parametrize("has", [False, True])
def test_what_counts_for_everybody_asks_again_and_keeps_what_was_typed(
    client: Client, has: bool
) -> None:
    person = root()
    secret = enrolled(person)[0] if has else ""
    signed_in(client, person)
    if has:
        client.post("/tower/second-step/", {"code": code_of(secret, moment())})
    later = moment() + timedelta(seconds=FRESH_S + 60)
    with time_machine.travel(later, tick=False):
        asked = client.post("/tower/objectives/", MIX)
        assert asked.status_code == 403
        fields = dict(asked.context["fields"])
        assert fields == MIX
        wrong = client.post("/tower/objectives/", {**fields, "proof": "wrong"})
        assert (wrong.status_code, bool(wrong.context["wrong"])) == (403, True)
        assert "wrong" not in dict(wrong.context["fields"]).values()
        proof = code_of(secret, later) if has else PASSWORD
        done = client.post("/tower/objectives/", {**fields, "proof": proof})
        assert done.status_code == 302
        assert client.post("/tower/objectives/", MIX).status_code != 403  # fresh for a while


def test_playing_through_asks_for_no_proof(client: Client) -> None:
    signed_in(client, uma())
    with time_machine.travel(moment() + timedelta(seconds=FRESH_S + 60), tick=False):
        assert client.post("/tower/objectives/", {**MIX, "step": "preview"}).status_code == 200


# What widens what happens to learners, and what stops it: address, what is sent, whether it waits.
STEPS = [
    ("/tower/agents/answers/switch/", {"on": "1", "reason": "back"}, True),
    ("/tower/agents/answers/switch/", {"reason": "off"}, False),
    ("/tower/register/picks/switch/", {"reason": "back"}, True),
    ("/tower/register/picks/switch/", {"off": "1", "reason": "off"}, False),
    ("/tower/nudges/", {"most_a_week": "7", "mail_after_days": "3", "reason": "more"}, True),
    ("/tower/nudges/", {"most_a_week": "1", "mail_after_days": "1", "reason": "sooner"}, True),
    ("/tower/nudges/", {"most_a_week": "0", "mail_after_days": "3", "reason": "none"}, False),
    ("/tower/nudges/", {"most_a_week": "0", "mail_after_days": "1", "reason": "none"}, False),
    ("/tower/boosts/4711/undo/", {}, False),
    ("/tower/objectives/4711/undo/", {}, False),
    ("/tower/objectives/4711/decide/", {"step": "approve"}, True),
    ("/tower/objectives/4711/decide/", {"step": "refuse", "reason": "no"}, False),
    *(
        (f"/tower/experiments/none/steps/{step}/", {"reason": "x"}, step not in {"pause", "stop"})
        for step in ("start", "widen", "resume", "approve", "approve-shipping", "decide", "pause")
    ),
]


@pytest.mark.parametrize(("address", "sent", "waits"), STEPS)
def test_what_widens_waits_for_a_proof_and_what_stops_does_not(
    client: Client, address: str, sent: dict[str, str], waits: bool
) -> None:
    signed_in(client, root())
    with time_machine.travel(moment() + timedelta(seconds=FRESH_S + 60), tick=False):
        answer = client.post(address, sent)
    assert (answer.status_code == 403) is waits
    assert ("tower/proof.html" in [one.name for one in answer.templates]) is waits


def test_a_boost_waits_for_a_proof_and_looking_at_it_does_not(client: Client) -> None:
    course = new_course("c1")
    signed_in(client, root())
    sent = {
        "course": course.title,
        "change": "boost",
        "strength": "0.2",
        "reason": "Quality review",
        "starts_on": f"{moment(days=-1):%Y-%m-%d}",
        "ends_on": f"{moment(days=-5):%Y-%m-%d}",
    }
    with time_machine.travel(moment() + timedelta(seconds=FRESH_S + 60), tick=False):
        assert client.post("/tower/boosts/", {**sent, "step": "preview"}).status_code == 200
        assert client.post("/tower/boosts/", {**sent, "step": "publish"}).status_code == 403
        assert personalize.overrides_in("open", now=moment(days=-2)) == ()
        proof = {"step": "publish", "proof": PASSWORD}
        assert client.post("/tower/boosts/", {**sent, **proof}).status_code == 302
