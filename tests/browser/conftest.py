"""What browser tests find: Chromium, a running product with a catalogue, a model and a cast."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Literal

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from experiments import api as experiments
from personalize import api as personalize
from personalize.data import Source
from personalize.experience.desk.nightly import derive_desk
from signals.data import SYSTEM, Actor, ActorKind
from signals.derive.demand import monday
from signals.models import DemandTerm, JobCollection, JobTerm
from tests import factories
from tests.controltower.reviewed import GAP, HEADS, assessed, clicked_more_and_learned_less
from tests.factories import Person, moment
from tests.personalize import shop as shops
from tests.personalize.conftest import _folders  # noqa: F401  an autouse fixture here as well
from tests.personalize.engine.models import on_record
from tests.personalize.shop import Shop

PHONE, DESK = 390, 1440
PATIENCE_MS = 10_000
CATCH_UP_S = 10.0
NAMES = ("chromium", "chromium-browser", "google-chrome")

Open = Callable[..., "Visit"]
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return one Chromium for the session: CHROMIUM=path, else found on PATH."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail("Chromium is missing. Run make test-browser, or set CHROMIUM to its path.")
    # Playwright's loop runs in this thread, where Django would refuse to touch the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass(frozen=True)
class Product:
    """The running product with its world."""

    url: str
    shop: Shop
    ada: Person
    root: Person


@pytest.fixture
def product(live_server: LiveServer, tmp_path: Path) -> Product:
    """Return the product over HTTP: forty courses, a live model, ada with a history, root."""
    shop = shops.open_shop()
    shops.train(shop, tmp_path / "models")
    ada, root = factories.ada(), factories.root()
    factories.pages_source()
    for ago, course in enumerate(shop.field("Data")[:4], start=1):
        shops.touch(ada.learner_id, course, enrolled_at=moment(days=ago))
    shops.finishes(ada.learner_id, shop.field("Data")[0], module=0)
    shops.states(ada.learner_id, goal="Data")
    _caught_up(ada.learner_id)
    return Product(live_server.url, shop, ada, root)


def _caught_up(learner_id: int) -> None:
    """Wait until the serving process has seen this test's catalogue: it looks once a second."""
    until = monotonic() + CATCH_UP_S
    while personalize.recommend(learner_id, now=moment()).source is not Source.MODEL:
        assert monotonic() < until, "the model's list did not come"


@pytest.fixture
def experiment(product: Product) -> None:
    """Start the first experiment; without it every learner gets the model's list.

    Ten days ago, so that there is a week to review.
    """
    experiments.ensure_first_experiment(SYSTEM, now=moment(days=10))


@pytest.fixture
def reviewed(product: Product) -> None:
    """Let a model be on record that was looked at, with two fortnights of lists behind it."""
    on_record("looked-at", published_at=moment(days=40), assessed=assessed(GAP), heads=HEADS)
    clicked_more_and_learned_less("looked-at")


@pytest.fixture
def desk(product: Product) -> str:
    """Let topics be wanted week by week, one brief be written; return the path to the brief."""
    wanted = {
        "kubernetes": (60, 1.0), "kuberntes": (15, 1.0), "excel macros": (45, 0.8),
        "pottery for beginners": (30, 0.9), "data": (80, 0.0), "sign language": (25, 1.0),
        "podcast recording": (20, 0.5),
    }  # fmt: skip
    this_week = monday(moment().date())
    DemandTerm.objects.bulk_create(
        DemandTerm(
            term=term,
            week=this_week - timedelta(weeks=ago),
            learners=max(10, learners - 3 * ago),
            searches=2 * max(10, learners - 3 * ago),
            without_result=round(2 * max(10, learners - 3 * ago) * vain),
        )
        for term, (learners, vain) in wanted.items()
        for ago in range(1, 9)
    )
    kept = JobCollection.objects.create(
        source="posts", origin="posts.csv", as_of=moment().date(), read_at=moment(), posts=350
    )
    asked = {"kubernetes": 120, "excel macros": 60, "data": 210, "sign language": 15}
    JobTerm.objects.bulk_create(
        JobTerm(collection=kept, term=term, posts=posts) for term, posts in asked.items()
    )
    derive_desk(now=moment())
    author = Actor(ActorKind.STAFF, "cleo", frozenset({"creator"}))
    brief = personalize.create_brief(author, "kubernetes", now=moment())
    return f"/create/briefs/{brief.brief_id}/"


@dataclass
class Visit:
    """A page in a browser, with whatever it complained about."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    status: int = 0

    def go(self, path: str) -> "Visit":
        """Open a path and wait until it is quiet."""
        answer = self.page.goto(self.url + path, wait_until="networkidle")
        assert answer is not None, f"{path} gave no answer"
        self.status = answer.status
        return self

    def whole(self) -> "Visit":
        """Make the window as high as the page, so that nothing is behind the tab bar."""
        size = self.page.viewport_size or {"width": DESK, "height": 900}
        height = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": size["width"], "height": max(height, 600)})
        return self


@pytest.fixture
def visit(chromium: Browser, product: Product) -> Iterator[Open]:
    """Return a function that opens a browser: visit(person, width=, scheme=, scripts=)."""
    contexts: list[BrowserContext] = []

    def opened(
        person: Person | None = None,
        *,
        width: int = DESK,
        scheme: Scheme = "light",
        scripts: bool = True,
        **more: Any,
    ) -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            **more,
        )
        contexts.append(context)
        if person is not None:
            client = Client()
            client.force_login(person.account)
            cookie = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": product.url}])
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        met = Visit(page, product.url)
        page.on("console", lambda said: _note(met, said.type, said.text))
        page.on("pageerror", lambda error: met.complaints.append(str(error)))
        return met

    yield opened
    for context in contexts:
        context.close()


def _note(met: Visit, kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        met.complaints.append(text)
