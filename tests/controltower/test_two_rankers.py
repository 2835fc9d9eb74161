"""Two rankers in one list, at the controls: the plan is written, sized and read in plain words."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from experiments.api import take_due_looks, write_due_review
from experiments.data import Team
from experiments.models import Experiment, Review
from tests.controltower.looks import text_of
from tests.controltower.test_experiment_plan import NEW, TYPED, learners_of_home
from tests.factories import root, uma
from tests.personalize.decision.duel import KEY, answering, at_look, drafting, of
from tests.personalize.shop import Shop

PAGE = f"/tower/experiments/{KEY}/"
TWO = {**TYPED, "interleaved": "on", "ranker": "popular"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> Client:
    """Return a browser in which an analyst is signed in."""
    client.force_login(uma().account)
    return client


def test_a_plan_names_todays_ranker_and_the_one_that_is_tried(page: Client) -> None:
    answer = page.post(NEW, {**TWO, "do": "save"})
    assert answer.status_code == 302
    kept = Experiment.objects.get().plan
    assert (kept.design, kept.variants) == ("interleaved", ("model", "popular"))
    assert (kept.primary_metric, kept.guardrails) == ("lessons_preferred", ())
    assert (kept.ramp, kept.shares) == ((1.0,), (0.5, 0.5))


def test_a_plan_in_groups_is_written_as_ever_and_may_become_one_in_one_list(page: Client) -> None:
    page.post(NEW, {**TYPED, "interleaved": "", "do": "save"})
    kept = Experiment.objects.get()
    assert (kept.design, kept.ramp) == ("arms", [0.1, 0.25, 0.5, 1.0])
    edit = f"/tower/experiments/{kept.key}/edit/"
    page.post(edit, {**TWO, "do": "save"})
    kept.refresh_from_db()
    assert (kept.design, kept.ramp) == ("interleaved", [1.0])
    assert "checked" in radio(page.get(edit).content.decode(), "on")
    page.post(edit, {**TYPED, "interleaved": "", "do": "save"})
    kept.refresh_from_db()
    assert (kept.design, kept.ramp) == ("arms", [0.1, 0.25, 0.5, 1.0])


def radio(text: str, value: str) -> str:
    """Return what stands in the tag of a choice of the design."""
    return text.split(f'name="interleaved"\n           value="{value}"')[1].split(">")[0]


def test_it_is_sized_by_those_who_complete_lessons(page: Client) -> None:
    done = learners_of_home(60)
    answer = page.post(NEW, {**TWO, "do": "check"})
    sized = answer.context["sized"]
    who_did = sum(count > 0 for count in done)
    assert 0 < sized.baseline.learners <= 5 * round(who_did / 5)
    assert sized.needed == 36
    assert "36 with a vote" in answer.content.decode()


def test_the_page_reads_the_preference_by_track_and_says_what_is_not_asked(
    client: Client, trained: Shop
) -> None:
    drafting()
    answering(trained, 12, lambda _, answer: of(answer, Team.VARIANT)[:1])
    take_due_looks(now=at_look())
    client.force_login(root().account)
    text = client.get(PAGE).content.decode()
    results = text[text.index("Progression track, decides") :]
    lessons, clicks = (
        results.index("Preference by completed"),
        results.index("Preference by clicks"),
    )
    assert lessons < results.index("Engagement track") < clicks
    assert "the share who got more from each" in text
    assert "10 with a vote" in text
    assert "Every list holds both rankers, so nobody is in one arm." in text
    assert "First picks, alike for both" in text
    assert "read again on day 30" not in text
    assert "What happened in each cohort" not in text


def test_the_export_holds_the_preference(client: Client, trained: Shop) -> None:
    drafting()
    answering(trained, 12, lambda _, answer: of(answer, Team.VARIANT)[:1])
    take_due_looks(now=at_look())
    client.force_login(root().account)
    (look,) = client.get(f"{PAGE}report.json").json()["looks"]
    lessons: dict[str, Any] = look["effects"][0]
    assert (lessons["metric"], lessons["n_variant"]) == ("lessons_preferred", 10)
    assert "moments" not in look
    rows = text_of(client.get(f"{PAGE}effects.csv"))
    assert "preference by clicks" in rows


def test_the_weekly_review_and_the_list_of_experiments_hold_it_too(
    client: Client, trained: Shop
) -> None:
    drafting()
    answering(trained, 12, lambda _, answer: of(answer, Team.VARIANT)[:1])
    take_due_looks(now=at_look())
    week = write_due_review(now=at_look() + timedelta(days=7))
    row = Review.objects.get(week=week)
    (told,) = json.loads(row.content)["experiments"]
    assert (told["key"], told["propose"]) == (KEY, "ship")
    assert told["effects"][0]["title"] == "preference by completed lessons"
    client.force_login(root().account)
    assert "Model or popular" in client.get("/tower/experiments/").content.decode()
