"""Whom do counters answer, which scope does what, and from which address does somebody sign in?"""

from ipaddress import ip_network
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.test import Client, RequestFactory
from pytest_django import Settings

from personalize.experience.address import client_address
from personalize.settings import env_proxies
from signals import api
from signals.data import Objective
from signals.models import Source
from tests.factories import ada, moment, new_key
from tests.signals.derive.promises import UMA

METRICS, LISTS = "/metrics", "/personalize/v1/recommendations?learner=ada"
FEEDBACK = "/personalize/v1/feedback"
ELSEWHERE = "203.0.113.9"


def bearer(*scopes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {new_key('lms', *scopes)}"}


def test_counters_answer_a_key_with_their_scope_alone(client: Client) -> None:
    assert client.get(METRICS).status_code == 401
    assert client.get(METRICS, headers=bearer("recommend")).status_code == 401
    answer = client.get(METRICS, headers=bearer("metrics"))
    assert answer.status_code == 200
    assert b"# TYPE" in answer.content


def test_counters_say_which_source_is_silent(client: Client) -> None:
    key = bearer("metrics")  # of the source lms, of which nothing came yet
    quiet = Objective(every_minutes=60, complete_share=0.9, owner="Us", next_step="Look")
    api.set_objective(UMA, "lms", quiet, reason="Agreed", now=moment())
    Source.objects.update(created_at=moment(hours=2))
    told = client.get(METRICS, headers=key).content.decode()
    assert 'northway_source_silent{source="lms"} 1.0' in told
    assert 'northway_source_incomplete{source="lms"} 0.0' in told
    assert "northway_source_newest_event_age_seconds{" not in told


def test_counters_answer_while_sources_cannot_be_read(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_named: object) -> None:
        raise OperationalError("gone")

    key = bearer("metrics")
    monkeypatch.setattr("signals.derive.objectives.source_states", away)
    answer = client.get(METRICS, headers=key)
    assert answer.status_code == 200
    assert b"northway_source" not in answer.content


def test_a_signed_in_person_without_a_key_reads_no_counters(client: Client) -> None:
    client.force_login(ada().account)
    assert client.get(METRICS).status_code == 401


@pytest.mark.parametrize(
    ("address", "status"), [("127.0.0.1", 200), ("::1", 200), (ELSEWHERE, 401)]
)
def test_in_local_mode_counters_answer_this_machine(
    client: Client, settings: Settings, address: str, status: int
) -> None:
    settings.DEBUG = True
    assert client.get(METRICS, REMOTE_ADDR=address).status_code == status


def test_a_key_for_lists_changes_nothing_and_a_key_for_feedback_reads_nothing(
    client: Client,
) -> None:
    body = {"request_id": str(uuid4()), "course": "c", "action": "more"}

    def said(*scopes: str) -> int:
        headers = bearer(*scopes)
        return client.post(FEEDBACK, body, "application/json", headers=headers).status_code

    assert said("recommend") == 401
    assert said("feedback") == 404  # allowed; nobody was shown this
    assert client.get(LISTS, headers=bearer("feedback")).status_code == 401
    assert client.get(LISTS, headers=bearer("recommend")).status_code == 200


def seen(settings: Settings, said: str, forwarded: str, *, remote: str) -> str | None:
    settings.TRUSTED_PROXIES = (
        int(said) if said.isdecimal() else tuple(map(ip_network, said.split()))
    )
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "address"),
    [
        ("", "203.0.113.9", "10.0.0.1", "10.0.0.1"),
        ("1", "203.0.113.9", "10.0.0.1", "203.0.113.9"),
        ("1", "198.51.100.7, 203.0.113.9", "10.0.0.1", "203.0.113.9"),
        ("2", "198.51.100.7, 203.0.113.9, 10.0.0.2", "10.0.0.1", "203.0.113.9"),
        ("1", "", "203.0.113.9", "203.0.113.9"),
        ("1", "203.0.113.9", "", "203.0.113.9"),
        ("0", "203.0.113.9", "10.0.0.1", "10.0.0.1"),
        ("10.0.0.0/8", "203.0.113.9, 10.0.0.2", "10.0.0.1", "203.0.113.9"),
        ("10.0.0.0/8", "10.9.9.9, 203.0.113.9", "10.0.0.1", "203.0.113.9"),
        ("10.0.0.0/8", "198.51.100.7", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.0/8 2001:db8::/32", "2001:db9::7", "2001:db8::1", "2001:db9::7"),
        ("1", "not-an-address", "10.0.0.1", "10.0.0.1"),
        ("10.0.0.0/8", "'; --, 10.0.0.2", "10.0.0.1", "10.0.0.2"),
        ("", "", "", None),
    ],
)
def test_the_address_is_what_the_nearest_trusted_proxy_saw(
    settings: Settings, proxies: str, forwarded: str, remote: str, address: str | None
) -> None:
    assert seen(settings, proxies, forwarded, remote=remote) == address


def test_behind_a_proxy_one_clients_wrong_passwords_do_not_pause_anothers(
    client: Client, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = 1
    ada()

    def sign_in(password: str, address: str) -> int:
        said = {"username": "ada", "password": password}
        headers = {"X-Forwarded-For": f"{uuid4().hex}, {address}"}
        return client.post("/signin/", said, headers=headers).status_code

    assert [sign_in("wrong", ELSEWHERE) for _ in range(10)][-1] == 429
    assert sign_in("an honest password", ELSEWHERE) == 429
    assert sign_in("an honest password", "198.51.100.7") == 302


@pytest.mark.parametrize(
    ("said", "meant"),
    [("", ()), ("2", 2), ("10.0.0.0/8, ::1", (ip_network("10.0.0.0/8"), ip_network("::1")))],
)
def test_proxies_are_a_number_or_networks(
    monkeypatch: pytest.MonkeyPatch, said: str, meant: object
) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", said)
    assert env_proxies("TRUSTED_PROXIES") == meant


def test_nonsense_about_proxies_stops_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "all")
    with pytest.raises(ImproperlyConfigured, match="how many proxies"):
        env_proxies("TRUSTED_PROXIES")
