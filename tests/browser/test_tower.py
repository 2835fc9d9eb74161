"""The tower in a browser: live numbers that can be paused, a chart under the strict policy."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Open, Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIVE_MS = 10_000


def test_live_numbers_refresh_until_they_are_paused(visit: Open, product: Product) -> None:
    met = visit(product.root)
    asked: list[str] = []
    met.page.on("request", lambda request: asked.append(request.url))
    met.page.clock.install()
    met.go("/tower/")

    met.page.clock.run_for(LIVE_MS + 500)
    met.page.wait_for_load_state("networkidle")
    before = sum(url.endswith("/tower/live/") for url in asked)
    met.page.get_by_role("button", name="Pause live numbers").click()
    met.page.clock.run_for(3 * LIVE_MS)

    assert before == 1
    assert sum(url.endswith("/tower/live/") for url in asked) == before


def test_the_chart_is_drawn_under_the_content_policy(visit: Open, product: Product) -> None:
    met = visit(product.root).go("/tower/kpi/click-through/")

    expect(met.page.locator(".plot .main-svg").first).to_be_visible()
    assert met.complaints == []


def test_the_menu_of_a_phone_leads_to_every_page(visit: Open, product: Product) -> None:
    met = visit(product.root, width=PHONE).go("/tower/")

    met.page.get_by_text("Menu").click()
    met.page.get_by_role("navigation", name="Workspace, mobile").get_by_text("Ledger").click()

    expect(met.page.get_by_role("heading", name="Ledger", level=1)).to_be_visible()


def test_a_boost_is_previewed_published_and_undone(visit: Open, product: Product) -> None:
    page = visit(product.root).go("/tower/boosts/").page
    page.get_by_label("Course").fill("Craft course 9")
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.get_by_role("heading", name="With this change")).to_be_visible()

    page.get_by_role("button", name="Publish change").click()
    row = page.get_by_role("row").filter(has_text="Craft course 9")
    expect(row).to_be_visible()
    row.get_by_role("button", name="Undo").click()

    expect(page.get_by_text("Nothing is boosted, lowered, pinned or hidden.")).to_be_visible()
