"""Does every page of the tower that shows a number say, one click away, what it means?

Read from the templates themselves, so that a page counts whatever the world of a test holds.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
PAGES = sorted(
    page
    for folder in ("tower", "create")
    for page in (TEMPLATES / folder).glob("*.html")
    if '{% extends "tower/base.html" %}' in page.read_text()
)
INCLUDED = re.compile(r"""{% include ["']([\w/.]+)["']""")
NUMBERS = re.compile(r'class="(?:[\w -]* )?(?:n|num|big|kpi|spk)(?: [\w -]*)?"|intcomma|\|percent')
MEANS = "{% means "
WITHOUT = {  # what shows a number and needs no definition, and why
    "brief.html": "each figure leads to its own source below",
    "experiment_outside.html": "shares somebody typed on this page, and whom they hold back",
    "experiment_plan.html": "a plan being written: each number stands beside the hint that asks it",
    "ledger.html": "places in the chain, and how many entries there are",
    "verb.html": "how many statements wait for the rule that is written here",
}


def whole(page: Path) -> str:
    """Return a template with everything it includes."""
    text = page.read_text()
    return text + "".join(whole(TEMPLATES / name) for name in INCLUDED.findall(text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_with_numbers_says_what_they_mean(page: Path) -> None:
    text = whole(page)
    silent = bool(NUMBERS.search(text)) and MEANS not in text
    assert silent is (page.name in WITHOUT)
