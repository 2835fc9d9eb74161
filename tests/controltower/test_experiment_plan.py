"""Writing a plan: measured defaults, what it can see, and a draft that is kept and changed."""

from datetime import timedelta

import numpy as np
import pytest
from django.test import Client

from experiments import lifecycle
from experiments.gates.baseline import Sized
from experiments.models import Experiment
from signals import catalogue
from signals.data import NewEvent
from tests.experiments.plans import plan
from tests.experiments.world import START, UMA, registered
from tests.factories import moment, new_course, new_learner, uma
from tests.signals.derive.happened import answering, store

NEW = "/tower/experiments/new/"
EDIT = f"/tower/experiments/{plan().key}/edit/"
TYPED = {
    "title": "Short lessons first",
    "hypothesis": "If home shows short lessons first, more are finished, because starting is easy.",
    "serves": "Learners who hesitate to begin finish what they began.",
    "control": "generic",
    "variant": "short",
    "primary_metric": "modules_completed",
    "mde_percent": "50",
    "guardrails": ["ctr"],
    "margin_percent": "10",
    "decision_rule": "Ship where modules are better and clicks do not fall by a tenth.",
    "surfaces": ["home"],
    "share_percent": "100",
    "days": "28",
    "looks": "3",
    "unit": "learner",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> Client:
    """Return a browser in which an analyst is signed in."""
    client.force_login(uma().account)
    return client


def learners_of_home(how_many: int, *, lessons: tuple[int, ...] = (0, 1, 2, 3)) -> list[int]:
    """Show everybody a list of home; each finishes so many lessons in the days after."""
    course = new_course("py", modules=["a", "b", "c"])
    modules = [module.module_id for module in catalogue.modules(course.course_id)]
    rng = np.random.default_rng(3)
    at, events, done = moment(days=20), [], []
    for _ in range(how_many):
        learner, finished = new_learner(), int(rng.choice(lessons))
        events.append(NewEvent("rec.shown", learner, at, context=answering(learner, at)))
        for module in modules[:finished]:
            then = at + timedelta(hours=2)
            events.append(NewEvent("lesson.completed", learner, then, course.course_id, module))
        done.append(finished)
    store(events, now=moment())
    return done


def checked(page: Client, **changes: object) -> Sized:
    sized: Sized = page.post(NEW, {**TYPED, **changes, "do": "check"}).context["sized"]
    return sized


def test_the_form_begins_with_what_is_safe(page: Client) -> None:
    answer = page.get(NEW)
    form = answer.context["form"]
    assert (form["primary_metric"].value(), form["guardrails"].value()) == (
        "modules_completed",
        ["ctr"],
    )
    assert (form["days"].value(), form["looks"].value()) == (28, 3)
    assert answer.context["sized"] is None
    assert "Check the plan to see how many learners" in answer.content.decode()


def test_level_and_spread_are_what_learners_did_before(page: Client) -> None:
    done = learners_of_home(40)
    sized = checked(page)
    assert sized.baseline.learners == 40
    assert sized.plan.baseline_mean == pytest.approx(np.mean(done), abs=1e-5)
    assert sized.plan.baseline_sd == pytest.approx(np.std(done, ddof=1), abs=1e-5)


def test_a_platform_that_is_large_enough_plans_what_the_effect_needs(page: Client) -> None:
    learners_of_home(60, lessons=(2, 3))
    sized = checked(page)
    assert sized.enough
    assert sized.plan.planned_per_arm == sized.needed
    assert sized.reached == 30


def test_a_platform_too_small_is_told_what_it_could_see(page: Client) -> None:
    learners_of_home(40)
    answer = page.post(NEW, {**TYPED, "mde_percent": "5", "do": "check"})
    sized = answer.context["sized"]
    assert not sized.enough
    assert sized.plan.planned_per_arm == sized.reached == 20
    assert sized.visible == pytest.approx(0.05 * (sized.needed / 20) ** 0.5)
    text = answer.content.decode()
    assert f"You could see {sized.visible:.1%} in 28 days" in " ".join(text.split())
    assert "mark it exploratory" in text


def test_fewer_than_ten_learners_are_not_shown(page: Client) -> None:
    learners_of_home(9)
    answer = page.post(NEW, {**TYPED, "do": "check"})
    sized = answer.context["sized"]
    assert (sized.baseline.known, sized.baseline.mean, sized.reached) == (False, 0.0, 0)
    assert "Fewer than ten learners" in answer.content.decode()


def test_figures_of_ones_own_stand_before_measured_ones(page: Client) -> None:
    learners_of_home(40)
    sized = checked(page, baseline_mean="4", baseline_sd="2", planned_per_arm="5000")
    assert (sized.plan.baseline_mean, sized.plan.baseline_sd) == (4.0, 2.0)
    assert sized.plan.planned_per_arm == 5000


def test_checking_keeps_nothing(page: Client) -> None:
    checked(page)
    assert not Experiment.objects.exists()


def test_a_kept_draft_has_the_plan_that_was_typed(page: Client) -> None:
    answer = page.post(NEW, {**TYPED, "do": "save"})
    assert answer["Location"] == "/tower/experiments/short-lessons-first/"
    kept = Experiment.objects.get(key="short-lessons-first")
    assert (kept.state, kept.author) == ("draft", "staff:uma")
    assert kept.plan.variants == ("generic", "short")
    assert (kept.plan.shares, kept.plan.look_days) == ((0.5, 0.5), (7, 18, 28))
    assert (kept.plan.mde, kept.plan.margins) == (0.5, (0.1,))
    assert kept.plan.serves == TYPED["serves"]


def test_classes_a_namespace_and_who_opens_it_are_part_of_the_plan(page: Client) -> None:
    page.post(
        NEW,
        {
            **TYPED,
            "unit": "class",
            "cluster_size": "24",
            "icc": "0.1",
            "namespace": "home-lists",
            "namespace_from": "25",
            "namespace_to": "75",
            "do": "save",
        },
    )
    kept = Experiment.objects.get(key="short-lessons-first").plan
    assert (kept.unit, kept.cluster_size, kept.icc) == ("class", 24.0, 0.1)
    part = (kept.namespace, kept.namespace_from, kept.namespace_to)
    assert part == ("home-lists", 0.25, 0.75)
    assert kept.widens_by_itself is False
    assert kept.ramp == (0.1, 0.25, 0.5, 1.0)


def test_what_is_missing_is_said_at_its_field(page: Client) -> None:
    answer = page.post(NEW, {**TYPED, "hypothesis": "", "surfaces": [], "do": "save"})
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"hypothesis", "surfaces"}
    assert 'id="id_hypothesis-error"' in answer.content.decode()
    assert not Experiment.objects.exists()


@pytest.mark.parametrize("key", ["new", "outside", "Short First", "kurz/erst"])
def test_a_short_name_that_makes_no_address_is_refused(page: Client, key: str) -> None:
    answer = page.post(NEW, {**TYPED, "key": key, "do": "save"})
    assert "key" in answer.context["form"].errors


def test_a_short_name_that_is_taken_is_refused_with_what_was_typed(page: Client) -> None:
    page.post(NEW, {**TYPED, "do": "save"})
    answer = page.post(NEW, {**TYPED, "do": "save"})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Choose another key" in text
    assert str(TYPED["decision_rule"]) in text


def test_a_draft_is_changed_and_keeps_what_the_form_does_not_ask_for(page: Client) -> None:
    lifecycle.create_draft(UMA, plan=plan(salt="own-salt", alpha=0.02), now=START)
    form = page.get(EDIT).context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    answer = page.post(EDIT, {**typed, "exploratory": "", "title": "Other", "do": "save"})
    assert answer.status_code == 302
    kept = Experiment.objects.get(key=plan().key).plan
    assert kept == plan(salt="own-salt", alpha=0.02, title="Other", margins=(0.1,))


def test_a_frozen_plan_is_not_changed(page: Client) -> None:
    before = registered()
    answer = page.post(EDIT, {**TYPED, "do": "save"})
    assert answer.status_code == 409
    assert "only one that is draft can take the step" in answer.content.decode()
    assert Experiment.objects.get(key=before.key).plan == before


def test_a_plan_nobody_knows_is_not_found(page: Client) -> None:
    assert page.get("/tower/experiments/none/edit/").status_code == 404


@pytest.mark.parametrize(
    "typed",
    [
        {"title": "Lessons that are short come first on home, and long ones follow " * 3},
        {"mde_percent": "500", "baseline_mean": "5", "baseline_sd": "0.0001"},
        {"mde_percent": "500", "baseline_mean": "5", "baseline_sd": "5"},
        {"unit": "class", "icc": "1", "baseline_mean": "1e9", "baseline_sd": "1"},
    ],
)
def test_a_long_title_and_a_huge_effect_are_kept_as_any(
    page: Client, typed: dict[str, str]
) -> None:
    answer = page.post(
        NEW, {**TYPED, **typed, "title": typed.get("title", "Any")[:200], "do": "save"}
    )
    assert answer.status_code == 302
    assert page.get(answer["Location"]).status_code == 200


def test_a_baseline_beyond_all_figures_is_refused(page: Client) -> None:
    answer = page.post(NEW, {**TYPED, "baseline_mean": "1e308", "baseline_sd": "1e308"})
    assert {"baseline_mean", "baseline_sd"} <= set(answer.context["form"].errors)


WHOM = {"for_attribute": "courses", "for_how": "at-least", "for_value": "1"}


@pytest.mark.parametrize(
    ("typed", "condition"),
    [
        (("courses", "at-least", "2"), '{"courses": {"$gte": 2}}'),
        (("courses", "is", "2"), '{"courses": 2}'),
        (("age_band", "is-not", "under18"), '{"$not": {"age_band": "under18"}}'),
        (("country", "is", "49"), '{"country": "49"}'),
    ],
)
def test_a_plan_for_some_learners_is_written_in_plain_words(
    page: Client, typed: tuple[str, str, str], condition: str
) -> None:
    asked = dict(zip(WHOM, typed, strict=True))
    page.post(NEW, {**TYPED, **asked, "do": "save"})
    kept = Experiment.objects.get()
    assert kept.targeting == condition
    form = page.get(f"/tower/experiments/{kept.key}/edit/").context["form"]
    assert tuple(form[name].value() for name in WHOM) == typed


@pytest.mark.parametrize(
    "typed",
    [
        {"for_attribute": "courses", "for_value": "many"},
        {"for_attribute": "courses", "for_value": ""},
        {"for_attribute": "", "for_value": "2"},
        {"for_attribute": "$or", "for_value": "2"},
        {"for_attribute": "age", "for_how": "at-most", "for_value": "nan"},
    ],
)
def test_half_a_condition_is_complained_of(page: Client, typed: dict[str, str]) -> None:
    answer = page.post(NEW, {**TYPED, "for_how": "is", **typed, "do": "save"})
    assert {"for_attribute", "for_value"} & set(answer.context["form"].errors)
    assert not Experiment.objects.exists()


def test_how_many_a_plan_is_for_is_told_as_every_number_of_learners(page: Client) -> None:
    learners_of_home(44, lessons=(2, 3))
    sized = checked(page, **WHOM)
    assert (sized.matching, sized.reached) == (45, 22)
    few = page.post(NEW, {**TYPED, **WHOM, "for_value": "2", "do": "check"})
    assert few.context["sized"].matching == 0
    assert "fewer than 10 learners" in few.content.decode()


def test_whom_only_the_platform_knows_nobody_counts_before(page: Client) -> None:
    learners_of_home(40, lessons=(2, 3))
    german = {"for_attribute": "country", "for_how": "is", "for_value": "de"}
    answer = page.post(NEW, {**TYPED, **german, "planned_per_arm": "400", "do": "check"})
    text = " ".join(answer.content.decode().split())
    assert "Only your platform knows this of a learner" in text
    assert "28 days, and the steps of its opening before" in text
    assert "0 per arm" not in text.replace("400 per arm", "")
    assert (
        page.post(NEW, {**TYPED, **german, "planned_per_arm": "400", "do": "save"}).status_code
        == 302
    )


def test_a_condition_that_no_form_can_show_stays_as_it_is(page: Client) -> None:
    own = '{"country": {"$in": ["de", "at"]}}'
    lifecycle.create_draft(UMA, plan=plan(targeting=own), now=START)
    assert "$in" in page.get(EDIT).content.decode()
    page.post(EDIT, {**TYPED, "do": "save"})
    assert Experiment.objects.get().targeting == own


def test_the_days_of_its_opening_are_told_with_those_of_its_looks(page: Client) -> None:
    learners_of_home(60, lessons=(2, 3))
    sized = checked(page)
    assert sized.opening >= 3 * 3 + 14  # three steps, the first after the window of the metric
    assert sized.days == sized.opening + 28
    text = " ".join(page.post(NEW, {**TYPED, "do": "check"}).content.decode().split())
    assert f"{sized.days} days, {sized.opening} of them to open it step by step" in text


def test_a_plan_that_cannot_end_within_a_year_is_not_kept(page: Client) -> None:
    learners_of_home(40)
    answer = page.post(NEW, {**TYPED, "planned_per_arm": "5000", "do": "save"})
    assert answer.status_code == 409
    assert "It would take more than 365 days" in answer.content.decode()
    assert not Experiment.objects.exists()
