"""Takes README's pictures of a running demo: python -m tests.browser.pictures [address].

Start `make demo` first; the pictures go to docs/pictures.
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
SHOTS = {"home": ("ada", "/home/"), "tower": ("root", "/tower/"), "gaps": ("cleo", "/create/gaps/")}
PASSWORD = "northway-demo"  # the demo's own, printed by make demo
WIDTH, HEIGHT = 1440, 1000
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic"]


def take(browser: Browser, address: str, name: str) -> None:
    """Sign in as the page's reader and save what they see first."""
    person, path = SHOTS[name]
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
    page.goto(f"{address}/signin/?next={path}")
    page.fill("input[name=username]", person)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{address}{path}")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png")
    page.close()


def main() -> None:
    """Take every picture."""
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    PICTURES.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name in SHOTS:
            take(browser, address, name)
        browser.close()


if __name__ == "__main__":
    main()
