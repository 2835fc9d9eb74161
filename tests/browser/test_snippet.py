"""The snippet in a course page of another origin: what arrives, and that it does so once."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from signals.models import Event
from tests.browser.platform import Platform
from tests.factories import new_course

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def platform(live_server: LiveServer) -> Iterator[Platform]:
    """Return a platform of another origin with a course."""
    new_course("c1", modules=("m1",))
    running = Platform(live_server.url)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """Return a browser that was never here."""
    fresh = chromium.new_context()
    yield fresh
    fresh.close()


def opened(context: BrowserContext, platform: Platform, query: str = "") -> Page:
    page = context.new_page()
    page.goto(f"{platform.page}?northway={platform.northway}{query}")
    page.wait_for_function("window.northway")
    return page


def track(page: Page, kind: str = "lesson.started", times: int = 1, more: str = "{}") -> list[str]:
    script = f"Array.from({{length: {times}}}, () => northway.track('{kind}', {more}))"
    found: list[str] = page.evaluate(script)
    return found


def sent(page: Page) -> None:
    page.evaluate("northway.flush()")
    page.wait_for_function("northway.status.queued === 0")


def stored() -> set[str]:
    ids = [str(event) for event in Event.objects.values_list("id", flat=True)]
    assert len(ids) == len(set(ids))
    return set(ids)


def test_a_page_of_another_origin_sends_with_a_token(
    context: BrowserContext, platform: Platform
) -> None:
    page = opened(context, platform)
    made = track(page, times=3)
    sent(page)
    assert stored() == set(made)
