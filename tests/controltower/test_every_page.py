"""Every staff page: none reads events, and each figure says what it means, one click away."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.html import Element, parse_html
from django.test.utils import CaptureQueriesContext

from controltower.definitions import DEFINITIONS
from controltower.views.drilldowns.registry import DRILLDOWNS
from experiments import api as experiments
from signals.data import SYSTEM
from tests.controltower.test_access import GET
from tests.controltower.test_overview import EVENTS
from tests.factories import moment, pages_source, root
from tests.personalize.shop import Shop

PAGES = sorted({address for address, allowed, status in GET.values() if allowed and status == 200})
FIGURES = {"kpi", "plot", "spk", "forest", "histogram", "paired"}
# Sizing a plan reads the days behind it: an answer to a question somebody asked, no dashboard. And
# how old the oldest event is, which retention is held to, only the table can say: one look-up.
ASKS = re.compile(r"/tower/experiments/(new|.+/edit)/$|/tower/privacy/(dpia/)?$")


@pytest.fixture
def client_of_root(client: Client, trained: Shop) -> Client:
    """Return a browser with an admin in it, in a world with a model and an experiment."""
    experiments.ensure_first_experiment(SYSTEM, now=moment(days=2))
    pages_source()
    client.force_login(root().account)
    return client


@pytest.mark.django_db
def test_no_page_of_staff_reads_events(client_of_root: Client) -> None:
    found = []
    for address in [*PAGES, *(f"/tower/charts/{key}/" for key in DRILLDOWNS)]:
        client_of_root.get(address, follow=True)  # what the first reader makes is kept from then on
        with CaptureQueriesContext(connection) as asked:
            answer = client_of_root.get(address, follow=True)
            if answer.streaming:
                list(answer)
        assert answer.status_code == 200, address
        if not ASKS.search(address):
            found += [(address, one["sql"][:300]) for one in asked if EVENTS.search(one["sql"])]
    assert found == []


def classes(element: Element) -> set[str]:
    return set((dict(element.attributes).get("class") or "").split())


def within(element: Element) -> list[Element]:
    """Return an element and all below it."""
    below = [
        one for child in element.children if isinstance(child, Element) for one in within(child)
    ]
    return [element, *below]


def says_what_it_means(element: Element) -> bool:
    return any("means" in classes(one) for one in within(element))


def unsaid(page: Element) -> list[str]:
    """Return the figures of a page whose section, or page, does not say what they mean."""
    everything = within(page)
    sections = [one for one in everything if one.name == "section"]
    holding = [one for one in sections if any(classes(below) & FIGURES for below in within(one))]
    silent = [str(one)[:200] for one in holding if not says_what_it_means(one)]
    numbers = any(one.name == "td" and "n" in classes(one) for one in everything)
    headed = [one for one in everything if "titled" in classes(one) and says_what_it_means(one)]
    if headed:  # beside the title of the page: it is about all of it
        return []
    return silent + (["a table of numbers"] if numbers and not says_what_it_means(page) else [])


@pytest.mark.django_db
def test_every_figure_says_what_it_means(client_of_root: Client) -> None:
    found = {}
    for address in PAGES:
        answer = client_of_root.get(address, follow=True)
        if answer["Content-Type"].startswith("text/html") and "/print/" not in address:
            body = answer.content.decode()
            main = body[body.index("<main") :] if "<main" in body else body
            main = main[: main.index("</main>") + 7] if "</main>" in main else f"<div>{main}</div>"
            missing = unsaid(parse_html(main))
            if missing:
                found[address] = missing
    assert found == {}


def test_every_definition_says_all_three() -> None:
    entries = [*DEFINITIONS.values(), *(one.definition for one in DRILLDOWNS.values())]
    assert all(one.says and one.query and one.fresh and one.title for one in entries)
    assert len({one.key for one in entries}) == len(entries)
