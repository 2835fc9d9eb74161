"""PostgreSQL away: which pages still open, and what the others say."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import OperationalError
from django.test import Client

from personalize.decision import log, upkeep
from signals.request_ids import Arm, new_request_id
from tests.factories import ada, cleo, moment
from tests.personalize.shop import Shop, touch

# Of a fixed moment: the addresses name the tests, and every worker has to collect the same ones.
AT = datetime(2026, 11, 20, tzinfo=UTC)
ID = new_request_id(
    at=AT, surface=1, arm=Arm.PERSONAL, learner_id=1, key=bytes(32), entropy=bytes(8)
)
READING = (
    "/explore/",
    "/search/",
    "/course/data-0/",
    "/about/recommendations/",
    "/privacy/notice/",
    "/home/",
)
MINE = ("/privacy/", "/privacy/history/", "/privacy/log/", "/privacy/erase/")
LATER = ("/search/?q=data", f"/why/{ID}/1/", "/goal/", *MINE)
OWN = ("/why/", "/goal/", "/home/", *MINE)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what lets every statement fail from now on."""

    def fails(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    def begin() -> None:
        monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", fails)
        monkeypatch.setattr("signals.models.statements.raw_connection", fails)
        monkeypatch.setattr("signals.hot.HotStatement.rows", fails)
        monkeypatch.setattr("personalize.decision.log._copy", fails)
        monkeypatch.setattr("personalize.decision.background.allowed_here", lambda: True)
        monkeypatch.setattr(upkeep.THREAD, "start", lambda: None)
        monkeypatch.setattr(log.FLUSHER, "start", lambda: None)

    return begin


@pytest.fixture
def page(trained: Shop, client: Client) -> Client:
    """Return a browser in which ada signed in and looked around."""
    person = ada()
    for ago, course in enumerate(trained.field("Data")[:4], start=1):
        touch(person.learner_id, course, enrolled_at=moment(days=ago))
    client.post("/signin/", {"username": "ada", "password": "an honest password"})
    client.get("/home/")
    client.get("/explore/")
    return client


@pytest.mark.parametrize("url", READING)
def test_what_only_reads_the_catalogue_still_opens(
    page: Client, away: Callable[[], None], url: str
) -> None:
    away()

    answer = page.get(url)

    assert answer.status_code == 200
    assert "Signed in as" in answer.content.decode()


@pytest.mark.parametrize("url", LATER)
def test_what_needs_the_database_says_so_and_when_to_come_back(
    page: Client, away: Callable[[], None], url: str
) -> None:
    away()

    answer = page.get(url)

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "We will be back in a moment" in answer.content.decode()


@pytest.mark.parametrize("url", READING + LATER)
@pytest.mark.parametrize("signed_in", [True, False], ids=["staff", "guest"])
def test_nobody_meets_a_broken_page(
    client: Client, trained: Shop, away: Callable[[], None], url: str, *, signed_in: bool
) -> None:
    if signed_in:
        client.force_login(cleo().account)
    client.get("/explore/")
    away()

    status = client.get(url).status_code

    own = url.startswith(OWN) and url not in READING[:-1]
    assert status == (302 if own else 503 if "q=" in url else 200)


def test_a_session_still_gets_its_recommendations(page: Client, away: Callable[[], None]) -> None:
    away()

    answer = page.get("/personalize/v1/recommendations")

    assert answer.status_code == 200
    assert answer.json()["source"] == "last_good"


def test_a_wrong_statement_is_a_failure_and_not_an_absence(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object, **_kwargs: object) -> None:
        raise ValueError("a mistake")

    monkeypatch.setattr("signals.catalogue.search", fails)
    page.raise_request_exception = False

    assert page.get("/explore/").status_code == 500
