"""Every page in light and dark, on a phone and on a desk: accessible, quiet, within its width."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from controltower.views.drilldowns.registry import DRILLDOWNS
from experiments import api as experiments
from personalize.decision.review import last_end
from tests.browser.conftest import DESK, PHONE, Open, Product, Visit
from tests.factories import Person, moment

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LEARNER = (
    "/home/",
    "/home/?intent=short&open=0",
    "/explore/",
    "/explore/?field=Data&level=beginner",
    "/search/",
    "/search/?q=data",
    "/search/?q=kubernetes",
    "/course/data-0/",
    "/course/craft-3/",
    "/goal/",
    "/nudges/",
    "/nudges/mail/",
    "/about/recommendations/",
    "/about/signals/",
    "/privacy/",
    "/privacy/courses/",
    "/privacy/history/",
    "/privacy/log/",
    "/privacy/erase/",
    "/privacy/notice/",
    "/privacy/do-not-sell/",
)
STAFF = (
    "/tower/",
    "/tower/kpi/click-through/",
    "/tower/kpi/ctr/target/",
    "/tower/alerts/",
    "/tower/charts/",
    *(f"/tower/charts/{key}/" for key in DRILLDOWNS),
    "/tower/boosts/",
    "/tower/boosts/?state=ended",
    "/tower/objectives/",
    "/tower/models/?version=v1",
    "/tower/models/better/",
    "/tower/models/drift/",
    "/tower/models/review/",
    f"/tower/models/review/{last_end(moment())}/",
    f"/tower/models/review/{last_end(moment())}/print/",
    "/tower/models/review/figures/ndcg/",
    "/tower/quality/",
    "/tower/sources/",
    "/tower/sources/northway/",
    "/tower/verbs/",
    "/tower/verbs/?q=video",
    "/tower/verbs/rule/?verb=http://adlnet.gov/expapi/verbs/scored&type=",
    "/tower/privacy/",
    "/tower/privacy/fields/",
    "/tower/experiments/",
    "/tower/experiments/model-vs-generic/",
    "/tower/experiments/new/",
    "/tower/experiments/outside/",
    "/tower/lists/",
    "/tower/review/",
    f"/tower/review/{experiments.finished_week(moment())}/print/",
    "/tower/nudges/",
    "/tower/campaigns/",
    "/tower/agents/",
    "/tower/register/",
    "/tower/register/answers/",
    "/tower/fairness/",
    "/tower/you/",
    "/tower/you/password/",
    "/tower/ledger/",
    "/create/gaps/",
    "/create/gaps/terms/",
    "/create/gaps/topics/kubernetes/",
    "/create/briefs/",
    "/create/courses/",
    "/create/courses/data-0/",
    "/create/metadata/",
)
GUEST = (
    "/start/",
    "/signin/",
    "/signin/forgotten/",
    "/explore/",
    "/course/data-1/",
    "/privacy/notice/",
    "/privacy/do-not-sell/",
)
OK, NOT_FOUND = 200, 404
TWICE = """
const sheet = new CSSStyleSheet();
sheet.replaceSync("html { font-size: 200% }");
document.adoptedStyleSheets = [sheet];
"""
LOOKS = [(width, scheme) for width in (PHONE, DESK) for scheme in ("light", "dark")]


def findings(met: Visit) -> list[str]:
    """Return what axe finds: rule and place."""
    answer = Axe().run(met.page).response
    return [
        f"{met.page.url} {violation['id']}: {node['target']}"
        for violation in answer["violations"]
        for node in violation["nodes"]
    ]


def sideways(met: Visit) -> int:
    """Return by how many pixels the page is wider than its window."""
    wide: int = met.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wide


def problems(met: Visit, paths: tuple[str, ...]) -> list[str]:
    found = []
    for path in paths:
        met.go(path).whole()
        found += [f"{path} answered {met.status}"] * (met.status != OK)
        found += findings(met)
        found += [f"{path} is {pixels} px too wide" for pixels in [sideways(met)] if pixels > 0]
    return found + met.complaints


def paths_of_a_learner(met: Visit) -> tuple[str, ...]:
    """Return the fixed pages and two that only a list leads to."""
    why = met.go("/home/?open=0").page.locator("a[id^=why-]").first.get_attribute("href") or ""
    lesson = met.go("/course/data-0/").page.locator(".mods a").first.get_attribute("href") or ""
    return (*LEARNER, why, lesson)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_learners_pages_have_no_finding(
    visit: Open, product: Product, width: int, scheme: str
) -> None:
    met = visit(product.ada, width=width, scheme=scheme)

    assert problems(met, paths_of_a_learner(met)) == []


@pytest.mark.usefixtures("experiment", "reviewed")
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_pages_of_staff_have_no_finding(
    visit: Open, product: Product, desk: str, width: int, scheme: str
) -> None:
    paths = (*STAFF, desk, f"{desk}print/")
    assert problems(visit(product.root, width=width, scheme=scheme), paths) == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_pages_of_guests_have_no_finding(visit: Open, width: int, scheme: str) -> None:
    assert problems(visit(width=width, scheme=scheme), GUEST) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_nothing_has_no_finding(visit: Open, scheme: str) -> None:
    met = visit(scheme=scheme).go("/nowhere/")

    assert (met.status, findings(met)) == (NOT_FOUND, [])


def too_wide(met: Visit, paths: tuple[str, ...]) -> list[str]:
    return [path for path in paths if sideways(met.go(path)) > 0]


def both(product: Product) -> list[tuple[Person, tuple[str, ...]]]:
    return [(product.ada, LEARNER), (product.root, STAFF)]


@pytest.mark.usefixtures("experiment", "reviewed", "desk")
def test_nothing_runs_over_at_320_pixels(visit: Open, product: Product) -> None:
    found = [too_wide(visit(person, width=320), paths) for person, paths in both(product)]

    assert found == [[], []]


@pytest.mark.usefixtures("experiment", "reviewed", "desk")
def test_nothing_runs_over_when_the_text_is_twice_as_large(visit: Open, product: Product) -> None:
    found = []
    for person, paths in both(product):
        met = visit(person, width=1280)
        for path in paths:
            met.go(path).page.evaluate(TWICE)
            found += [path] * (sideways(met) > 0)

    assert found == []
