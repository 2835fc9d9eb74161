"""A NUL, which PostgreSQL cannot hold, in a filter of Django's admin: refused, and no failure."""

import pytest
from django.test import Client

from tests.factories import root

pytestmark = pytest.mark.django_db

ADMIN = "/admin/signals"


@pytest.fixture
def staff() -> Client:
    """Return the browser of somebody who may see all of the admin."""
    client = Client(raise_request_exception=False)
    client.force_login(root().account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize(
    "query",
    [
        "quarantine/?code=a%00b",
        "quarantine/?code__exact=%00",
        "quarantine/?q=%00",
        "quarantine/?%00=1",
        "source/?profile=%00",
        "group/add/?name=%00",
        "account/?username=%00",
    ],
)
def test_a_query_with_a_nul_is_refused_in_words(staff: Client, query: str) -> None:
    answer = staff.get(f"{ADMIN}/{query}")
    assert (answer.status_code, b"Take it out" in answer.content) == (400, True)


@pytest.mark.parametrize("query", ["quarantine/?code=%2500", "account/?q=100%2500", "quarantine/"])
def test_other_queries_are_answered(staff: Client, query: str) -> None:
    assert staff.get(f"{ADMIN}/{query}").status_code == 200


def test_our_own_pages_read_a_nul_themselves(client: Client) -> None:
    assert client.get("/signin/?next=%00").status_code == 200
