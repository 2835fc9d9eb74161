"""The list of experiments: the phase of each surface with its evidence, and what should go."""

import pytest
from django.test import Client

from experiments import lifecycle
from experiments.models import Flag
from personalize.experience.surfaces import SURFACES
from tests.controltower.looks import look_of, shipped
from tests.experiments.plans import plan
from tests.experiments.world import UMA, day, flag, registered, started
from tests.factories import moment, uma

PAGE = "/tower/experiments/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> Client:
    """Return a browser in which an analyst is signed in."""
    client.force_login(uma().account)
    return client


def phase(page: Client) -> tuple[str, str]:
    shown = page.get(PAGE).context["surfaces"]
    (surface,) = [one for one in shown if one.phase.surface == "home"]
    return surface.word, surface.phase.evidence


def pruned(page: Client) -> list[str]:
    """Return what should go, but for the surfaces nobody planned on in these tests."""
    listed = [one.what for one in page.get(PAGE).context["prunings"]]
    return [what for what in listed if what not in SURFACES]


def test_a_surface_nobody_planned_on_crawls_and_should_come_under_a_plan(page: Client) -> None:
    assert phase(page) == ("Crawl", "No experiment on it was ever read.")
    assert pruned(page) == ["home"]


def test_every_surface_of_the_product_is_listed(page: Client) -> None:
    listed = {one.phase.surface for one in page.get(PAGE).context["surfaces"]}
    assert listed == {"home", *SURFACES}


def test_a_registered_plan_opens_nothing_and_is_a_plan(page: Client) -> None:
    registered()
    assert phase(page)[0] == "Crawl"
    assert pruned(page) == []


def test_a_sound_look_lets_it_walk(page: Client) -> None:
    started()
    assert phase(page)[0] == "Crawl"
    look_of("ctr", low=0.01, high=0.05)
    word, evidence = phase(page)
    assert word == "Walk"
    assert evidence.startswith("Short lessons first has a sound reading, with 100%")


def test_a_trial_with_a_tenth_of_the_learners_goes_on_crawling(page: Client) -> None:
    started(ramp=(0.1, 0.25, 0.5, 1.0))
    look_of("ctr", low=0.01, high=0.05)
    assert phase(page)[0] == "Crawl"


def test_what_was_shipped_and_lasts_lets_it_run(page: Client) -> None:
    shipped(reread="lasting", now=day(30))
    assert phase(page)[0] == "Run"


def test_what_was_shipped_and_faded_should_go(page: Client) -> None:
    shipped(reread="faded", now=day(30))
    assert phase(page)[0] == "Walk"
    assert pruned(page) == ["Short lessons first"]


def test_a_flag_nobody_touched_for_long_should_go(page: Client) -> None:
    registered()
    flag("new-look", everyone=True)
    assert pruned(page) == []
    Flag.objects.filter(name="new-look").update(modified=moment(days=91))
    assert pruned(page) == ["new-look"]


def test_the_off_switch_of_what_is_put_away_should_go(page: Client) -> None:
    wanted = registered()
    lifecycle.archive(UMA, key=wanted.key, reason="not now", now=day(1))
    Flag.objects.filter(name=f"experiment:{plan().key}").update(modified=moment(days=91))
    assert pruned(page) == [f"experiment:{plan().key}"]
