"""Learners' pages in Arabic, and in the languages of long words: accessible, within their width."""

import pytest

from tests.browser.conftest import DESK, PHONE, Open, Product, Scheme, Visit
from tests.browser.test_every_page import (
    GUEST,
    LEARNER,
    LOOKS,
    TWICE,
    findings,
    paths_of_a_learner,
    sideways,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NARROW = 320
PAGES = tuple(path for path in LEARNER if path != "/about/signals/")  # developers read English
MOST_SEEN = ("/home/", "/search/?q=data", "/course/data-0/", "/privacy/")
EDGES = """
selector => {
  const box = document.querySelector(selector).getBoundingClientRect();
  return [box.left, document.documentElement.clientWidth - box.right];
}
"""


def opened(met: Visit, path: str) -> Visit:
    """Open a path; what a script adds later is of no matter here."""
    answer = met.page.goto(met.url + path)
    assert answer is not None, path
    met.status = answer.status
    return met


def problems(met: Visit, paths: tuple[str, ...]) -> list[str]:
    """Return what is wrong with pages: their answer, direction, width, and what axe finds."""
    found = []
    for path in paths:
        opened(met, path).whole()
        found += [f"{path} answered {met.status}"] * (met.status != 200)
        found += [f"{path} runs rightwards"] * (met.page.locator("html[dir=rtl]").count() != 1)
        found += findings(met)
        found += [f"{path} is too wide"] * (sideways(met) > 0)
    return found + met.complaints


def overflows(met: Visit, paths: tuple[str, ...]) -> list[str]:
    """Return the pages that run over at 320 pixels, or at 1280 where text is twice as large."""
    found = []
    for path in paths:
        met.page.set_viewport_size({"width": NARROW, "height": 900})
        found += [f"{path} at {NARROW} pixels"] * (sideways(opened(met, path)) > 0)
        met.page.set_viewport_size({"width": 1280, "height": 900})
        met.page.evaluate(TWICE)
        found += [f"{path} twice as large"] * (sideways(met) > 0)
    return found


def test_the_pages_most_seen_are_sound_in_arabic(visit: Open, product: Product) -> None:
    met = visit(product.ada, width=PHONE, locale="ar")

    assert problems(met, MOST_SEEN) == []
    assert overflows(met, MOST_SEEN) == []


def test_a_page_in_arabic_begins_at_the_right_after_one_click_without_scripts(
    visit: Open,
) -> None:
    met = opened(visit(scripts=False, locale="en-GB"), "/explore/?level=beginner")
    met.page.locator(".langs [lang=ar]").click()
    met.page.wait_for_selector("html[lang=ar][dir=rtl]")
    logo, account = (met.page.evaluate(EDGES, part) for part in (".logo", ".top .btn"))

    assert met.page.url.endswith("/explore/?level=beginner")
    assert logo[0] > DESK / 2 > logo[1]
    assert account[0] < DESK / 2 < account[1]


@pytest.mark.prove
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_page_of_learners_and_guests_has_no_finding_in_arabic(
    visit: Open, product: Product, width: int, scheme: Scheme
) -> None:
    met = visit(product.ada, width=width, scheme=scheme, locale="ar")
    own = tuple(path for path in paths_of_a_learner(met) if path in PAGES or path not in LEARNER)

    assert problems(met, own) == []
    assert problems(visit(width=width, scheme=scheme, locale="ar"), GUEST) == []


@pytest.mark.prove
@pytest.mark.parametrize("language", ["ar", "de", "es"])
def test_nothing_runs_over_in_any_language(visit: Open, product: Product, language: str) -> None:
    assert overflows(visit(product.ada, locale=language), PAGES) == []
