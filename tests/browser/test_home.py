"""The learner's home: what acts at once, what it weighs, and that it needs no JavaScript."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Open, Product, Visit
from tests.browser.measured import over_goals
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HIDDEN_WITHIN_MS = 1000


def cards(met: Visit) -> Locator:
    return met.page.locator(".rec")


def titles(met: Visit) -> list[str]:
    return met.page.locator(".rec h3").all_inner_texts()


def switch(met: Visit) -> Locator:
    return met.page.get_by_role("switch", name="Personalized")


def test_why_this_opens_and_closes_in_place(visit: Open, product: Product) -> None:
    met = visit(product.ada).go("/home/")
    second = cards(met).nth(1)

    second.get_by_role("link", name="Why this?").click()

    expect(second.get_by_role("heading", name="Why you are seeing this")).to_be_visible()
    expect(second.get_by_role("link", name="Close explanation")).to_be_focused()
    assert urlsplit(met.page.url).path == "/home/"
    second.get_by_role("link", name="Close explanation").click()
    expect(second.get_by_role("link", name="Why this?")).to_be_visible()


def test_not_for_me_acts_within_a_second_and_can_be_taken_back(
    visit: Open, product: Product
) -> None:
    met = visit(product.ada).go("/home/")
    hidden = titles(met)[0]

    met.page.get_by_role("button", name="Not for me").click()

    expect(met.page.get_by_text("You will not see")).to_be_visible(timeout=HIDDEN_WITHIN_MS)
    assert hidden not in titles(met)
    met.page.get_by_role("button", name="Undo").click()
    expect(met.page.get_by_role("heading", name=hidden, exact=True)).to_be_visible()


def test_one_click_switches_personalization_off_and_one_back_on(
    visit: Open, product: Product
) -> None:
    met = visit(product.ada).go("/home/")

    switch(met).click()

    expect(switch(met)).to_have_attribute("aria-checked", "false")
    expect(met.page.get_by_text("Personalization is off.")).to_be_visible()
    expect(met.page.locator(".match")).to_have_count(0)
    switch(met).click()
    expect(switch(met)).to_have_attribute("aria-checked", "true")


def test_an_intent_changes_the_list_in_place(visit: Open, product: Product) -> None:
    met = visit(product.ada).go("/home/")

    met.page.get_by_role("button", name="Explore something new").click()

    chosen = met.page.get_by_role("button", name="Explore something new")
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(chosen).to_be_focused()
    assert met.complaints == []


def test_it_is_light_comes_from_here_alone_and_is_painted_soon(
    visit: Open, product: Product
) -> None:
    assert over_goals(visit(product.ada).page, product.url + "/home/") == []


def test_everything_works_without_javascript(visit: Open, product: Product) -> None:
    met = visit(scripts=False).go("/signin/")
    page = met.page
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/home/")
    first = titles(met)[0]

    page.get_by_role("button", name="Not for me").click()
    expect(page.get_by_text("You will not see")).to_be_visible()
    assert first not in titles(met)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name=first, exact=True)).to_be_visible()

    page.get_by_role("button", name="I have 15 minutes").click()
    expect(page).to_have_url(re.compile("intent=short"))
    page.get_by_role("link", name="Why this?").first.click()
    expect(page.get_by_role("heading", name="Why you are seeing this")).to_be_visible()

    page.goto(product.url + "/home/")
    switch(met).click()
    expect(switch(met)).to_have_attribute("aria-checked", "false")
    page.locator(".menu > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
