"""From nothing to a sensible path: four questions, within a minute, before signing in."""

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from time import monotonic

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from demo import catalogue as demo
from demo.steps import OCCUPATIONS
from personalize.models import LearningPath
from signals import catalogue
from signals.models import shelf
from tests.browser.conftest import DESK, PATIENCE_MS, PHONE
from tests.browser.measured import over_goals
from tests.factories import PASSWORD, Person, ada
from tests.personalize.path.world import let_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PROMISED_S = 60
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LOOKS = [(PHONE, "light"), (PHONE, "dark"), (DESK, "light"), (DESK, "dark")]

Opened = Callable[..., Page]


@pytest.fixture
def learner(live_server: LiveServer, tmp_path: Path) -> Person:
    """Return ada, to whom start and path are open, on a platform with the demo's courses."""
    target = tmp_path / "catalogue.csv"
    demo.write_csv(demo.read_courses(), target)
    call_command("import_catalogue", str(target), stdout=StringIO(), stderr=StringIO())
    call_command("import_occupations", str(OCCUPATIONS), stdout=StringIO())
    shelf.forget()
    person = ada()
    let_in(person, "path", "onboarding", "answers", "nudges")
    return person


@pytest.fixture
def opened(chromium: Browser, live_server: LiveServer) -> Iterator[Opened]:
    """Return a function that opens a page of a guest: opened(width=, scheme=, scripts=)."""
    contexts: list[BrowserContext] = []

    def guest(width: int = DESK, scheme: str = "light", scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context.new_page()

    yield guest
    for context in contexts:
        context.close()


def answers(page: Page) -> int:
    """Answer every question as somebody would, and return how many there were."""
    page.goto("/start/")
    page.get_by_role("textbox", name="What would you like").fill("I want to become a data analyst")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("button", name="Data analyst Reporting").or_(
        page.get_by_role("button", name="Data analyst")
    ).first.click()
    page.get_by_text("Question 2 of 4").wait_for()
    page.get_by_label("Spreadsheets", exact=True).check(force=True)
    page.get_by_role("button", name="These I know").click()
    page.get_by_role("button", name="3 hours").click()
    page.get_by_role("button", name="In 3 months").click()
    page.get_by_text("That is all we ask").wait_for()
    return page.locator(".msg.me").count()


def order_shown(page: Page) -> list[str]:
    """Return the titles of the path in their order."""
    return page.locator(".path .plain").all_inner_texts()


def needs_before(titles: list[str]) -> list[tuple[str, str]]:
    """Return steps that stand before something they need, or without it."""
    by_title = {info.title: info for info in catalogue.courses().values()}
    found = []
    for place, title in enumerate(titles):
        earlier = {by_title[other].course_id for other in titles[:place]}
        for before in by_title[title].prerequisites:
            known = catalogue.courses()[before].title == "Spreadsheets from zero"
            found += [(title, str(before))] * (before not in earlier and not known)
    return found


@pytest.mark.parametrize("scripts", [True, False])
def test_a_guest_has_a_sensible_path_after_four_questions_within_a_minute(
    opened: Opened, learner: Person, scripts: bool
) -> None:
    page = opened(scripts=scripts)
    began = monotonic()
    asked = answers(page)
    assert monotonic() - began < PROMISED_S
    titles = order_shown(page)
    assert asked <= 4
    assert {"SQL for analysis", "Charts that answer a question"} <= set(titles)
    assert needs_before(titles) == []


def test_the_path_comes_along_through_signing_in(opened: Opened, learner: Person) -> None:
    page = opened()
    answers(page)
    titles = order_shown(page)
    page.get_by_role("button", name="Sign in and start with this path").first.click()
    page.fill("input[name=username]", "ada")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Data analyst", level=1).wait_for()
    held = LearningPath.objects.get(learner_id=learner.learner_id)
    known = catalogue.courses(held.steps)
    assert [known[course].title for course in held.steps] == titles


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_start_and_path_have_no_finding(
    opened: Opened, learner: Person, width: int, scheme: str
) -> None:
    page, found = opened(width, scheme), []
    page.goto("/start/")
    found += findings(page)
    answers(page)
    found += findings(page)
    page.get_by_role("button", name="Sign in and start with this path").first.click()
    page.fill("input[name=username]", "ada")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Data analyst", level=1).wait_for()
    found += findings(page)
    page.get_by_role("button", name="I know this").last.click()
    page.get_by_role("button", name="Undo").wait_for()
    found += findings(page)
    assert found == []


def test_its_pages_are_light_and_painted_soon(
    opened: Opened, live_server: LiveServer, learner: Person
) -> None:
    page, url = opened(), live_server.url
    found = over_goals(page, f"{url}/start/")
    page.goto("/signin/")
    page.fill("input[name=username]", "ada")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/home/")
    found += over_goals(page, f"{url}/path/")
    assert page.get_by_text("No goal, no path yet").is_visible()
    answers(page)
    found += over_goals(page, f"{url}/path/")
    assert page.locator(".tl1 li").count() > 2
    for path in ("/start/", "/nudges/", "/course/sql-for-analysis/"):
        found += over_goals(page, url + path)
    assert page.get_by_label("Your question").is_visible()
    assert found == []


def findings(page: Page) -> list[str]:
    """Return what axe finds, and whether the page is wider than its window."""
    violations = Axe().run(page).response["violations"]
    found = [f"{page.url} {v['id']}: {n['target']}" for v in violations for n in v["nodes"]]
    wide = page.evaluate(WIDE)
    return found + [f"{page.url} is {wide} px too wide"] * (wide > 0)
