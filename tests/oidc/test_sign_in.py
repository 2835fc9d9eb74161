"""Who comes in by their school, as whom, and who does not? Against a provider of another make."""

from collections.abc import Callable
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.django_client import DjangoOAuth2App
from django.test import Client
from pytest_django import Settings

from personalize.experience import provider
from signals import api as signals
from signals.api import Account
from signals.data import SYSTEM
from tests.factories import cleo, moment, new_learner, root
from tests.oidc.conftest import CLAIMS, School

pytestmark = pytest.mark.django_db

ComeIn = Callable[..., Any]


def account_in(client: Client) -> Account | None:
    number = client.session.get("_auth_user_id")
    return Account.objects.get(pk=number) if number else None


def test_a_learner_is_who_the_claim_says(client: Client, come_in: ComeIn) -> None:
    learner_id = new_learner("u-17")

    answer = come_in("?next=/explore/")

    account = account_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/explore/")
    assert account is not None
    assert (account.learner_id, account.first_name) == (learner_id, "Sam")
    assert not account.has_usable_password()
    assert client.get("/home/").status_code == 200


def test_the_second_time_it_is_the_same_account(client: Client, come_in: ComeIn) -> None:
    come_in()
    first = account_in(client)
    client.logout()
    come_in()
    assert account_in(client) == first


def test_the_question_carries_pkce_state_and_nonce(client: Client, school: School) -> None:
    asked = [parse_qs(urlsplit(client.get("/signin/school/")["Location"]).query) for _ in range(2)]

    assert {one["code_challenge_method"][0] for one in asked} == {"S256"}
    assert asked[0]["response_type"] == ["code"]
    for name in ("code_challenge", "state", "nonce"):
        assert len({one[name][0] for one in asked}) == 2, name
    assert school.address in client.get("/signin/school/")["Location"]


def test_a_code_works_in_the_browser_that_asked_and_once(client: Client, school: School) -> None:
    back = school.visit(client.get("/signin/school/")["Location"])

    stolen = Client()
    assert stolen.get(back).status_code == 400
    assert account_in(stolen) is None
    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 400  # again


def test_a_state_of_nobodys_is_refused(client: Client, school: School) -> None:
    back = school.visit(client.get("/signin/school/")["Location"])
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert client.get(f"/signin/school/back/?code={code}&state=made-up").status_code == 400
    assert account_in(client) is None


@pytest.mark.parametrize(
    "fault",
    [
        {"iss": "https://elsewhere.example/o"},
        {"aud": ["another-client"]},
        {"nonce": "another"},
        {"exp": 1_000_000_000},
        {"iat": int(time()) + 86_400, "nbf": int(time()) + 86_400},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"azp": "another-client"},
    ],
    ids=lambda fault: next(iter(fault)),
)
def test_a_token_with_one_thing_wrong_opens_nothing(
    client: Client, school: School, come_in: ComeIn, fault: dict[str, object]
) -> None:
    school.say(claims=CLAIMS, spoil=fault)
    assert come_in().status_code == 400
    assert account_in(client) is None


def test_a_signature_of_another_key_opens_nothing(
    client: Client, school: School, come_in: ComeIn
) -> None:
    school.say(claims=CLAIMS, forged=True)
    assert come_in().status_code == 400
    assert account_in(client) is None


def test_a_new_key_of_the_provider_is_fetched_when_it_is_used(
    client: Client, school: School, come_in: ComeIn
) -> None:
    come_in()
    client.logout()
    school.say(claims=CLAIMS, rotate=True)
    assert come_in().status_code == 302
    assert account_in(client) is not None


def test_an_algorithm_with_a_shared_secret_is_not_believed(school: School) -> None:
    offered = provider._client().server_metadata["id_token_signing_alg_values_supported"]
    told = requests.get(f"{school.address}/o/.well-known/openid-configuration", timeout=5).json()[
        "id_token_signing_alg_values_supported"
    ]
    assert "HS256" in told
    assert offered == ["RS256"]


def test_a_provider_that_signs_with_shared_secrets_alone_is_not_believed(
    client: Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = DjangoOAuth2App.load_server_metadata

    def offers(app: DjangoOAuth2App) -> dict[str, Any]:
        told: dict[str, Any] = read(app)
        return told | {"id_token_signing_alg_values_supported": ["HS256", "none"]}

    provider.forget()
    monkeypatch.setattr(DjangoOAuth2App, "load_server_metadata", offers)
    assert client.get("/signin/school/").status_code == 503


def test_a_description_of_another_issuer_is_not_believed(
    client: Client, school: School, settings: Settings
) -> None:
    settings.OIDC_ISSUER = f"{school.address.replace('127.0.0.1', 'localhost')}/o"
    provider.forget()
    assert client.get("/signin/school/").status_code == 503


def test_a_provider_that_is_away_is_told_plainly(
    client: Client, school: School, settings: Settings
) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:9/o"
    provider.forget()
    answer = client.get("/signin/school/")
    assert (answer.status_code, b"does not answer" in answer.content) == (503, True)


def test_refusing_at_the_provider_signs_nobody_in(client: Client, school: School) -> None:
    asked = parse_qs(urlsplit(client.get("/signin/school/")["Location"]).query)
    back = f"/signin/school/back/?error=access_denied&state={asked['state'][0]}"
    assert client.get(back).status_code == 400
    assert client.get("/signin/school/back/").status_code == 400


# --- who is let in as whom ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"lms_id": ""},
        {"lms_id": ["u-17"]},
        {"lms_id": True},
        {"lms_id": "x" * 256},
        {"groups": ["students", "admin", "superuser"]},
        {"groups": {"staff-data": True}},
        {"email": "root@demo.invalid", "preferred_username": "root"},
    ],
)
def test_who_is_neither_a_learner_nor_of_the_staff_is_nobody(
    client: Client, school: School, come_in: ComeIn, claims: dict[str, object]
) -> None:
    root()
    school.say(claims=claims)
    before = Account.objects.count()
    assert come_in().status_code == 403
    assert account_in(client) is None
    assert Account.objects.count() == before


def test_groups_become_roles_and_nothing_else(
    client: Client, school: School, come_in: ComeIn
) -> None:
    school.say(claims={"groups": ["students", "staff-data"]})
    come_in()
    account = account_in(client)
    assert account is not None
    assert [group.name for group in account.groups.all()] == ["analyst"]
    assert (account.is_superuser, account.is_staff, account.username) == (False, False, "sam")
    assert client.get("/tower/").status_code == 200
    entry = signals.ledger_rows(action_prefix="roles.")[0]
    assert (entry.actor, entry.subject) == ("system:northway", f"account:{account.pk}")


def test_a_role_the_provider_takes_away_is_gone_with_the_next_sign_in(
    client: Client, school: School, come_in: ComeIn
) -> None:
    school.say(claims={"groups": ["staff-data", "staff-web"]})
    come_in()
    account = account_in(client)
    assert account is not None
    for groups, left in ((["staff-web"], {"merchandiser"}), ([], set())):
        school.say(claims={"groups": groups})
        answer = come_in()
        assert {group.name for group in account.groups.all()} == left
    assert answer.status_code == 403
    assert len(signals.ledger_rows(action_prefix="roles.")) == 3


def test_a_name_is_no_proof_of_an_account(client: Client, school: School, come_in: ComeIn) -> None:
    local = cleo().account
    school.say(who="cleo", claims={"groups": ["staff-data"]})
    come_in()
    account = account_in(client)
    assert account is not None
    assert account.pk != local.pk
    assert account.username.startswith("cleo-")
    assert {group.name for group in local.groups.all()} == {"creator"}


def test_two_people_of_one_name_are_two_accounts(
    client: Client, school: School, come_in: ComeIn
) -> None:
    found = set()
    for who in ("sam", "eve"):
        school.say(who=who, claims={"groups": ["staff-data"], "preferred_username": "sam"})
        come_in()
        found.add(account_in(client))
        client.logout()
    assert len(found) == 2


def test_an_account_with_power_given_here_is_not_handed_out(
    client: Client, school: School, come_in: ComeIn
) -> None:
    person = root()
    person.account.learner_id = new_learner("u-17")
    person.account.save()
    assert come_in().status_code == 403
    assert account_in(client) is None


def test_an_erased_learner_is_not_taken_in_again(
    client: Client, school: School, come_in: ComeIn
) -> None:
    come_in()
    client.logout()
    learner_id = signals.find_learner("u-17")
    assert learner_id is not None
    signals.erase_learner(learner_id, actor=SYSTEM, now=moment())
    answer = come_in()
    assert (answer.status_code, b"erased" in answer.content) == (403, True)


def test_a_closed_account_stays_closed(client: Client, school: School, come_in: ComeIn) -> None:
    come_in()
    client.logout()
    Account.objects.update(is_active=False)
    assert come_in().status_code == 403
    assert account_in(client) is None


def test_claims_of_userinfo_count_where_the_token_has_none(
    client: Client, school: School, come_in: ComeIn
) -> None:
    learner_id = new_learner("u-18")
    school.say(claims={}, userinfo={"lms_id": "u-18", "groups": []})
    come_in()
    account = account_in(client)
    assert account is not None
    assert account.learner_id == learner_id


def test_userinfo_of_somebody_else_is_not_believed(
    client: Client, school: School, come_in: ComeIn
) -> None:
    school.say(claims={}, userinfo={"sub": "another", "lms_id": "u-18"})
    assert come_in().status_code == 400


# --- around it -----------------------------------------------------------------------------------


def test_nobody_is_led_away_from_the_site(client: Client, school: School, come_in: ComeIn) -> None:
    for place in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        client.logout()
        assert come_in(f"?next={place}")["Location"] == "/"


def test_the_page_offers_the_way_only_where_there_is_one(
    client: Client, school: School, settings: Settings
) -> None:
    assert b"Sign in with Riverside" in client.get("/signin/").content
    settings.OIDC_ISSUER = ""
    assert b"/signin/school/" not in client.get("/signin/").content
    assert client.get("/signin/school/").status_code == 404
    assert client.get("/signin/school/back/?code=1&state=2").status_code == 404


def test_signing_out_says_where_one_is_still_signed_in(
    client: Client, school: School, come_in: ComeIn
) -> None:
    come_in()
    page = client.post("/signout/")
    assert account_in(client) is None
    way_out = page.context["way_out"]
    assert way_out.startswith(f"{school.address}/o/logout/?")
    ended = requests.get(way_out, timeout=5, allow_redirects=False)
    assert ended.headers["Location"].startswith("http://testserver/signin/")
    assert client.post("/signout/").status_code == 302  # who did not come by it
