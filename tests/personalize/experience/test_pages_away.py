"""PostgreSQL away: which pages still open, and what the others say."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client, TestCase
from pytest_django import Settings

from personalize.decision import log, upkeep
from signals.api import sign_in
from signals.capture.pages import pages_source_id
from signals.capture.spool import card
from signals.models import Account
from signals.request_ids import Arm, new_request_id
from tests.factories import ada, ben, cleo, moment, root, wire_event
from tests.personalize.shop import Shop, touch
from tests.signals.door import BATCH

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


def another(name: str = "ada") -> Client:
    """Return another browser in which somebody signed in and looked around."""
    client = Client()
    client.post("/signin/", {"username": name, "password": "an honest password"})
    client.get("/home/")
    return client


def named(client: Client) -> bool:
    """Say whether pages and the door of events still take a browser for a learner's."""
    home = client.get("/home/")
    event = wire_event(course="data-0", learner="ada")
    sent = client.post(
        BATCH,
        msgspec.json.encode({"batch": [event]}),
        content_type="application/json",
        headers={"Origin": "http://testserver"},
    )
    held = client.get("/personalize/v1/recommendations")
    said = (home.status_code, sent.status_code, held.status_code)
    assert said in {(200, 200, 200), (302, 401, 401)}, said
    return home.status_code == 200


def by_themselves(page: Client) -> None:
    page.post("/privacy/elsewhere/")


def by_an_administrator(page: Client) -> None:
    root()
    account = Account.objects.get(username="ada")
    chosen = {"action": "sign_out", "_selected_action": [str(account.pk)]}
    another("root").post("/admin/signals/account/", chosen)


def by_a_new_password(page: Client) -> None:
    account = Account.objects.get(username="ada")
    sign_in.put_password(account, "another honest password", forgotten=True, now=moment())


def by_closing_the_account(page: Client) -> None:
    root()
    account = Account.objects.get(username="ada")
    typed = {"username": "ada", "first_name": "", "last_name": "", "email": ""}
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = another("root").post(f"/admin/signals/account/{account.pk}/change/", typed)
    assert answer.status_code == 302
    assert not Account.objects.get(pk=account.pk).is_active


def by_a_password_of_an_administrator(page: Client) -> None:
    root()
    account = Account.objects.get(username="ada")
    new = "another honest password"
    typed = {"password1": new, "password2": new, "usable_password": "true"}
    answer = another("root").post(f"/admin/signals/account/{account.pk}/password/", typed)
    assert answer.status_code == 302


ENDED: dict[Callable[[Client], None], bool] = {  # does who looks stay?
    by_themselves: True,
    by_an_administrator: False,
    by_a_new_password: False,
    by_a_password_of_an_administrator: False,
    by_closing_the_account: False,
}


@pytest.mark.parametrize("end", ENDED, ids=lambda end: end.__name__)
def test_a_session_that_was_ended_names_nobody_while_the_database_is_away(
    page: Client,
    away: Callable[[], None],
    settings: Settings,
    tmp_path: Path,
    end: Callable[[Client], None],
) -> None:
    settings.SPOOL_DIR = tmp_path / "spool"
    ben()
    there, stranger = another(), another("ben")
    pages_source_id()
    card.write(now=moment())

    end(page)
    away()

    assert not named(there)
    assert named(page) == ENDED[end]
    assert stranger.get("/home/").status_code == 200


def test_who_signs_in_again_is_known_while_the_database_is_away(
    page: Client, away: Callable[[], None]
) -> None:
    by_an_administrator(page)
    again = another()
    away()
    assert again.get("/home/").status_code == 200
    assert page.get("/home/").status_code == 302


def test_a_cache_that_lost_it_is_told_again_when_somebody_comes(
    page: Client, away: Callable[[], None]
) -> None:
    there = another()
    by_themselves(page)
    learner_id = page.session["learner_id"]
    cache.set(f"sessions_ended:{learner_id}", there.session["_auth_user_hash"], 60)
    page.get("/home/")
    away()
    assert page.get("/home/").status_code == 200
    assert there.get("/home/").status_code == 302


def test_nobody_is_told_that_sessions_ended_which_the_cache_was_not_told_of(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("personalize.cache._Client.set_many", lambda *_args, **_named: [])
    page.raise_request_exception = False
    there = another()
    assert page.post("/privacy/elsewhere/").status_code == 500
    assert there.get("/home/").status_code == 302  # they did, wherever the database is asked


def test_a_session_the_cache_no_longer_holds_is_a_guests(
    page: Client, away: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    away()
    monkeypatch.setattr("personalize.cache._Client.get_many", lambda *_args, **_named: {})
    assert page.get("/home/").status_code == 302


def test_a_wrong_statement_is_a_failure_and_not_an_absence(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object, **_kwargs: object) -> None:
        raise ValueError("a mistake")

    monkeypatch.setattr("signals.catalogue.search", fails)
    page.raise_request_exception = False

    assert page.get("/explore/").status_code == 500
