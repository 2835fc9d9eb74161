"""Takes the pictures of README and docs: python -m tests.browser.pictures [address].

Of the demo that runs at the address, else of one started here and stopped afterwards; the pictures
go to docs/pictures, each of at most 256 colours, so that it is small.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Literal
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.browser.fewer_colours import indexed

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
PASSWORD = "northway-demo"  # the demo's own, printed by make demo
WIDTH, HEIGHT, PHONE = 1280, 900, 390
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic"]
READY_WITHIN_S = 45 * 60
PATIENCE_MS = 60_000
Look = Literal["light", "dark"]


def as_it_is(_page: Page) -> None:
    """Take a page as it comes."""


def at_top(selector: str) -> Callable[[Page], None]:
    """Return what scrolls a page until the first such part stands at its top."""

    def scroll(page: Page) -> None:
        place = page.locator(selector).first
        place.evaluate("part => scrollTo(0, part.getBoundingClientRect().top + scrollY - 24)")

    return scroll


def with_answer(page: Page) -> None:
    """Ask about the course of the page."""
    page.fill("#question", "How do I count rows by group?")
    page.press("#question", "Enter")
    page.wait_for_selector(".a1")
    at_top("#ask")(page)


def with_first_answer(page: Page) -> None:
    """Say a goal, so that a path grows beside the questions."""
    page.locator("button[name=pick]").first.click()
    page.wait_for_load_state("networkidle")


def with_preview(page: Page) -> None:
    """Boost a course and look at what that would do, without doing it."""
    course = page.locator("#courses option").nth(3).get_attribute("value") or ""
    page.fill("#id_course", course)
    page.locator("button[name=step][value=preview]").first.click()
    page.wait_for_load_state("networkidle")


def first_of(selector: str) -> Callable[[Page], None]:
    """Return what follows the first such link of a page."""

    def follow(page: Page) -> None:
        page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")

    return follow


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: who looks at which page, how, and what they do first."""

    name: str
    person: str  # "" is a guest
    path: str
    act: Callable[[Page], None] = as_it_is
    look: Look = "light"
    width: int = WIDTH
    height: int = HEIGHT


SHOTS = (
    Shot("home", "ada", "/home/"),
    Shot("home-dark", "ada", "/home/", look="dark"),
    Shot("home-phone", "ada", "/home/", width=PHONE),
    Shot("why", "ada", "/home/", at_top(".rec:has(.why)"), height=720),
    Shot("start", "", "/start/", with_first_answer),
    Shot("path", "ada", "/path/"),
    Shot("course", "ada", "/course/sql-for-analysis/", with_answer),
    Shot("reminders", "ada", "/nudges/"),
    Shot("data", "ada", "/privacy/"),
    Shot("tower", "root", "/tower/", at_top(".track")),
    Shot("tower-dark", "root", "/tower/", at_top(".track"), "dark"),
    Shot("boost", "root", "/tower/boosts/", with_preview),
    Shot("experiments", "root", "/tower/experiments/"),
    Shot("gaps", "cleo", "/create/gaps/"),
    Shot(
        "brief", "cleo", "/create/briefs/", first_of("a[href^='/create/briefs/']:not([href$='s/'])")
    ),
    Shot("register", "root", "/tower/register/"),
)


def take(browser: Browser, address: str, shot: Shot) -> bytes:
    """Sign in as the page's reader and return what they see first, as PNG."""
    page = browser.new_page(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=shot.look,
        locale="en-GB",
    )
    page.set_default_timeout(PATIENCE_MS)
    if shot.person:
        page.goto(f"{address}/signin/?next={shot.path}")
        page.fill("input[name=username]", shot.person)
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(f"{address}{shot.path}")
    else:
        page.goto(f"{address}{shot.path}")
    page.wait_for_load_state("networkidle")
    shot.act(page)
    picture = page.screenshot()
    page.close()
    return picture


@contextmanager
def running(address: str) -> Iterator[None]:
    """Have a demo at an address: the one that runs there, else one of our own until the end."""
    if _answers(address):
        yield
        return
    port = str(urlsplit(address).port or 80)
    command = [sys.executable, "-m", "demo.run", "--port", port]
    demo = subprocess.Popen(command, cwd=ROOT)  # noqa: S603  our own program
    try:
        until = monotonic() + READY_WITHIN_S
        while not _answers(f"{address}/readyz"):
            if demo.poll() is not None or monotonic() > until:
                sys.exit("The demo did not come up. Run make demo to see why.")
            sleep(2)
        yield
    finally:
        demo.terminate()
        demo.wait()


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=10) as answer:  # noqa: S310  an address given by hand
            return bool(answer.status == 200)
    except (URLError, TimeoutError, ConnectionError):
        return False


def main() -> int:
    """Take every picture, or those that are named; say which could not be taken."""
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    wanted = set(sys.argv[2:])
    PICTURES.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    failed = 0
    with running(address), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for shot in SHOTS:
            if wanted and shot.name not in wanted:
                continue
            try:
                picture = indexed(browser, take(browser, address, shot))
            except Error as problem:  # the others are wanted all the same
                failed += 1
                sys.stderr.write(f"{shot.name}: {str(problem).splitlines()[0]}\n")
                continue
            (PICTURES / f"{shot.name}.png").write_bytes(picture)
            sys.stdout.write(f"{shot.name}: {len(picture) // 1024} KB\n")
            sys.stdout.flush()
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
