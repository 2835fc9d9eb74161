"""Reminders and the tour in a real browser: accessible in every look, steered without scripts."""

import pytest

from experiments import api as experiments
from personalize.experience.nudges.message import stop_link
from signals.models import LearnerCourse, LearnerModule
from tests.browser.conftest import DESK, Open, Product
from tests.browser.test_every_page import LOOKS, findings, sideways
from tests.factories import Person, cold, moment

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def away(product: Product) -> Person:
    """Return ada, who stopped in the middle of a course six days ago."""
    at, days = moment(days=6, hours=1), {"learner_id": product.ada.learner_id}
    LearnerCourse.objects.filter(**days).update(enrolled_at=at, last_at=at)
    LearnerModule.objects.filter(**days).update(completed_at=at, last_at=at)
    experiments.list_on_flag("surface-nudges-early", accounts=[product.ada.account.pk])
    return product.ada


@pytest.fixture
def newcomer(product: Product) -> Person:
    """Return somebody who has just come, to whom the tour is open."""
    person = cold()
    experiments.list_on_flag("surface-guidance-early", accounts=[person.account.pk])
    return person


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_reminders_have_no_finding_in_any_look(
    visit: Open, away: Person, width: int, scheme: str
) -> None:
    met = visit(away, width=width, scheme=scheme)
    stop = stop_link(away.learner_id).partition("/nudges/")
    found = []
    for path in ("/home/", "/nudges/", "".join(stop[1:])):
        met.go(path).whole()
        found += findings(met)
        assert sideways(met) <= 0, path
    assert found + met.complaints == []


def test_the_tour_has_no_finding(visit: Open, newcomer: Person) -> None:
    met = visit(newcomer, width=DESK, scheme="light").go("/home/").whole()
    assert met.page.get_by_text("Your first five minutes").is_visible()
    assert findings(met) + met.complaints == []


def test_without_scripts_it_says_why_and_stops_at_one_click(visit: Open, away: Person) -> None:
    page = visit(away, scripts=False).go("/home/").page
    page.get_by_text("Why this reminder?").click()
    assert page.get_by_text("You began this course yourself").is_visible()
    page.get_by_role("button", name="Stop reminders").click()
    assert page.get_by_text("You get no reminders any more.").is_visible()
    page.get_by_role("button", name="Undo").click()
    assert page.get_by_text("Why this reminder?").is_visible()
