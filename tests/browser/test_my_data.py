"""My data in a browser: switches in place, by keyboard and without scripts; a copy; an end."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from signals import api
from tests.browser.conftest import PHONE, Open, Product, Visit
from tests.browser.test_every_page import findings, sideways

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MINE = "/privacy/"
GPC = {"extra_http_headers": {"Sec-GPC": "1"}}


def switch(met: Visit, name: str) -> Locator:
    return met.page.get_by_role("switch", name=name)


def infers(product: Product) -> bool:
    return api.allowed(product.ada.learner_id).inferred


def test_a_switch_acts_in_place_and_keeps_the_focus(visit: Open, product: Product) -> None:
    met = visit(product.ada).go(MINE)
    met.page.evaluate("window.stayed = true")

    switch(met, "What we infer").click()

    expect(switch(met, "What we infer")).to_have_attribute("aria-checked", "false")
    expect(switch(met, "What we infer")).to_be_focused()
    expect(met.page.get_by_text("Nothing is inferred any more")).to_be_visible()
    assert met.page.evaluate("window.stayed") is True
    assert not infers(product)
    assert met.complaints == []


def test_a_switch_works_by_keyboard(visit: Open, product: Product) -> None:
    met = visit(product.ada).go(MINE)
    switch(met, "What we infer").focus()

    met.page.keyboard.press("Space")

    expect(switch(met, "What we infer")).to_have_attribute("aria-checked", "false")
    assert not infers(product)


def test_every_form_works_without_scripts(visit: Open, product: Product) -> None:
    met = visit(product.ada, scripts=False).go(MINE)
    switch(met, "What we infer").click()
    expect(switch(met, "What we infer")).to_have_attribute("aria-checked", "false")
    met.page.get_by_text("Add interest").click()
    met.page.get_by_label("Which skill?").select_option(index=1)
    met.page.get_by_role("button", name="Add", exact=True).click()
    met.page.get_by_role("button", name="Remove the goal Data").click()
    expect(met.page.get_by_text("Goal: Data")).to_have_count(0)

    for ask, sure, said in (
        ("Reset recommendations", "Yes, reset", "start afresh"),
        ("Delete my history", "Yes, delete my history", "Your history is gone"),
    ):
        met.page.locator("summary", has_text=ask).click()
        met.page.get_by_role("button", name=sure).click()
        expect(met.page.get_by_text(said)).to_be_visible()


@pytest.mark.parametrize("name", ["Download as tables (CSV)", "Download as JSON"])
def test_a_copy_is_one_click_away(visit: Open, product: Product, name: str) -> None:
    met = visit(product.ada).go(MINE)

    with met.page.expect_download() as coming:
        met.page.get_by_role("button", name=name).click()

    assert coming.value.suggested_filename.startswith("northway-")
    assert coming.value.path().stat().st_size > 500


def test_an_account_goes_after_one_question_and_leaves_a_receipt(
    visit: Open, product: Product
) -> None:
    met = visit(product.ada, width=PHONE, scripts=False).go(MINE)
    met.page.get_by_role("link", name="delete your account").click()
    met.page.get_by_label("Yes, delete everything about me").check()
    met.page.get_by_role("button", name="Delete my account").click()

    expect(met.page.get_by_role("heading", name="Everything about you is deleted")).to_be_visible()
    assert api.find_learner("ada") is None
    met.go("/home/")
    assert urlsplit(met.page.url).path == "/signin/"


@pytest.mark.parametrize("width", [PHONE, 1440])
def test_a_receipt_and_switches_that_are_locked_have_no_finding(
    visit: Open, product: Product, width: int
) -> None:
    met = visit(product.ada, width=width, **GPC).go(MINE).whole()
    locked = findings(met) + ["too wide"] * (sideways(met) > 0)
    expect(switch(met, "What we infer")).to_be_disabled()

    met.go("/privacy/erase/").page.get_by_label("Yes, delete everything about me").check()
    met.page.get_by_role("button", name="Delete my account").click()
    expect(met.page.get_by_role("heading", name="Receipt")).to_be_visible()

    assert locked == []
    assert findings(met.whole()) == []
    assert sideways(met) <= 0
