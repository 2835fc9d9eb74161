"""A program with a key skips what serves pages, and nothing that protects it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tests.factories import ada, new_key
from tests.personalize.shop import Shop

URL = "/personalize/v1/recommendations"
pytestmark = pytest.mark.django_db


@pytest.fixture
def key(trained: Shop) -> str:
    """Return a key that may ask for lists."""
    return new_key("lms", "recommend")


def test_the_answer_is_private_plain_and_measured(client: Client, key: str) -> None:
    answer = client.get(URL, {"learner": "eve"}, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Content-Length"] == str(len(answer.content))
    assert not answer.cookies


def test_a_foreign_host_is_refused_before_anything_is_read(
    client: Client, key: str, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["northway.example"]
    headers = {"Authorization": f"Bearer {key}", "Host": "evil.example"}
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(URL, {"learner": "eve"}, headers=headers)
    assert answer.status_code == 400
    assert not queries


def test_plain_http_is_redirected_where_tls_is_asked_for(
    client: Client, key: str, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get(URL, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 301
    assert answer["Location"].startswith("https://")


def test_an_address_that_is_no_door_is_not_found(client: Client, key: str) -> None:
    answer = client.get("/personalize/v1/nothing", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 404


def test_a_key_beside_a_session_does_not_speak_for_the_session(client: Client, key: str) -> None:
    client.force_login(ada().account)
    answer = client.get(URL, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 400  # which learner? the key's request has to say
    assert answer.json()["field"] == "learner"


def test_a_broken_view_is_a_plain_failure(
    client: Client, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("personalize.experience.rest.recommend", broken)
    client.raise_request_exception = False
    headers = {"Authorization": f"Bearer {key}"}
    assert client.get(URL, {"learner": "eve"}, headers=headers).status_code == 500
