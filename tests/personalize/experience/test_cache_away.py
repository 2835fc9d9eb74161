"""The cache away: pages do without it, and only what has to be forgotten fails aloud."""

import socket
from collections.abc import Iterator
from typing import cast

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.test import Client, override_settings

from personalize.decision import memory
from tests.factories import ada, moment
from tests.personalize.shop import Shop, touch

PAGES = (
    "/home/",
    "/explore/",
    "/search/?q=data",
    "/course/data-0/",
    "/start/",
    "/path/",
    "/goal/",
    "/nudges/",
    "/privacy/",
    "/privacy/courses/",
)


@pytest.fixture
def without_cache() -> Iterator[None]:
    """Let the block run with a cache at a port nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listening: connections are refused
        address = f"redis://127.0.0.1:{taken.getsockname()[1]}/0"
        every = cast("dict[str, dict[str, object]]", settings.CACHES)
        away = {**every["default"], "LOCATION": address}
        with override_settings(CACHES={**every, "default": away}):
            memory.wake()
            yield
    memory.wake()


@pytest.fixture
def browser(trained: Shop, client: Client) -> Client:
    """Return a browser in which ada signed in, who began some courses."""
    person = ada()
    for ago, course in enumerate(trained.field("Data")[:4], start=1):
        touch(person.learner_id, course, enrolled_at=moment(days=ago))
    client.post("/signin/", {"username": "ada", "password": "an honest password"})
    return client


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens(browser: Client, without_cache: None, page: str) -> None:
    assert browser.get(page, follow=True).status_code == 200


def test_who_comes_meanwhile_can_sign_in(
    trained: Shop, client: Client, without_cache: None
) -> None:
    ada()
    client.post("/signin/", {"username": "ada", "password": "an honest password"})
    assert client.get("/home/").status_code == 200


def test_nobody_is_told_they_were_signed_out_while_a_copy_may_be_left(
    browser: Client, without_cache: None
) -> None:
    browser.raise_request_exception = False
    assert browser.post("/signout/").status_code == 500


def test_nothing_is_held_and_nothing_is_counted(without_cache: None) -> None:
    cache.set("a", 1, 60)
    assert cache.get("a", "none") == "none"
    assert not cache.add("a", 1, 60)
    assert cache.get_many(["a"]) == {}
    assert "a" not in cache
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
    with pytest.raises(redis.RedisError):
        cache.delete("a")
