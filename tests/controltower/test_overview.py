"""The overview: every figure is a recount of what happened, and says what it is counted over."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from controltower.views import kpis
from experiments import api as experiments
from personalize import api as personalize
from personalize.data import Change, NewOverride
from personalize.engine import steps
from personalize.models import ModelVersion, SpeedStep
from signals import api as signals
from signals import catalogue
from signals.data import SYSTEM, KpiTotals
from signals.models import Rollup, Watermark
from signals.processing.disclosure import rounded_mean
from tests.factories import (
    PASSWORD,
    Person,
    ada,
    cleo,
    moment,
    new_course,
    new_learner,
    pia,
    root,
    uma,
)
from tests.personalize.engine.models import card, configured, settled
from tests.personalize.shop import Shop, learner
from tests.rollups import roll_up_to_here
from tests.signals.derive.happened import a_busy_fortnight, store

TILES = ["completion", "satisfaction", "click-through", "enrolment"]
STATEMENTS_MOST = 15
OF_ALL_SORTS = {"/tower/": 30, "/tower/live/": 20}  # a few rows of counts of each
EVENTS = re.compile(r"FROM \"?signals_event(?!_default)")  # what is in the default has no month


@pytest.fixture
def page(client: Client, db: None) -> Client:
    """Return a browser in which an analyst is signed in."""
    client.force_login(uma().account)
    return client


def rollup(kind: str, n: int, *, days_ago: int = 0, surface: int = 1) -> None:
    midnight = moment(days=days_ago).replace(hour=0, minute=0, second=0)
    Rollup.objects.create(
        step_at=midnight, kind=signals.kind_codes()[kind], surface=surface, arm=1, count=n
    )


def rounded(count: int) -> int:
    """Return the multiple of five nearest to a count, as pages show it."""
    return (count + 2) // 5 * 5


def tiles(page: Client) -> dict[str, Any]:
    tracks = page.get("/tower/").context["tracks"]
    return {tile.key: tile for track in tracks for tile in track.tiles}


def model(version: str, *, state: str = "live", days_ago: float = 1, **finding: Any) -> None:
    trained = moment(days=days_ago)
    ModelVersion.objects.create(
        version=version,
        state=state,
        trained_at=trained,
        card=msgspec.to_builtins(card(version, trained_at=trained)),
        findings=[finding] if finding else [],
    )


@pytest.mark.django_db(transaction=True)
def test_the_figures_are_a_recount_of_the_events(client: Client) -> None:
    course = new_course("py", modules=["a", "b"])
    modules = [module.module_id for module in catalogue.modules(course.course_id)]
    people = [new_learner() for _ in range(40)]
    events = a_busy_fortnight(people, course, modules, end=moment())
    store(events, now=moment())
    roll_up_to_here(now=moment())
    client.force_login(uma().account)

    found = tiles(client)

    first = moment(days=6).replace(hour=0, minute=0, second=0)
    week = [event for event in events if event.occurred_at >= first]
    n = Counter(event.kind for event in week)
    led = sum(1 for e in week if e.kind == "course.enrolled" and e.context)
    stars = [event.value or 0.0 for event in week if event.kind == "course.rated"]
    shown = {kind: rounded(count) for kind, count in n.items()}
    assert (
        found["completion"].value
        == f"{100 * shown['course.completed'] / shown['course.enrolled']:.1f}"
    )
    assert found["completion"].per == "per 100 enrolments"
    assert found["satisfaction"].value == f"{rounded_mean(sum(stars) / len(stars)):.1f}"
    assert found["click-through"].value == f"{100 * shown['rec.clicked'] / shown['rec.shown']:.1f}%"
    assert found["enrolment"].value == f"{100 * rounded(led) / shown['rec.shown']:.1f}%"
    assert [found[key].base for key in TILES] == [
        f"{shown['course.completed']} completions, {shown['course.enrolled']} enrolments",
        f"{rounded(len(stars))} ratings",
        f"{shown['rec.clicked']} clicks, {shown['rec.shown']} lists shown",
        f"{rounded(led)} enrolments, {shown['rec.shown']} lists shown",
    ]


def test_with_no_event_there_is_no_figure(page: Client) -> None:
    answer = page.get("/tower/")
    found = [tile for track in answer.context["tracks"] for tile in track.tiles]
    assert [(tile.key, tile.value) for tile in found] == [(key, "") for key in TILES]
    text = answer.content.decode()
    assert "Nothing has been counted yet" in text
    assert "Nobody asked for a list in the last 24 hours." in text
    assert "Nothing is waiting for a decision" in text


def test_of_fewer_than_ten_lists_nothing_is_said(page: Client) -> None:
    rollup("rec.shown", 9)
    rollup("rec.clicked", 3)
    tile = tiles(page)["click-through"]
    assert (tile.value, tile.base) == ("", "fewer than 10 lists shown")


def test_of_fewer_than_ten_clicks_no_share_is_said_and_none_of_them_is_counted(
    page: Client,
) -> None:
    rollup("rec.shown", 203)
    rollup("rec.clicked", 9)
    tile = tiles(page)["click-through"]
    assert (tile.value, tile.base) == ("", "fewer than 10 clicks, 205 lists shown")
    text = " ".join(page.get("/tower/kpi/click-through/").content.decode().split())
    assert "rounded to 5; fewer than 10 are not shown" in text


def test_a_clear_rise_is_told_from_noise(page: Client) -> None:
    for days_ago, clicks in ((1, 90), (8, 30)):
        rollup("rec.shown", 1000, days_ago=days_ago)
        rollup("rec.clicked", clicks, days_ago=days_ago)
        rollup("course.enrolled", 10 + clicks // 10, days_ago=days_ago)
    found = tiles(page)
    assert found["click-through"].change.direction == "up"
    assert found["click-through"].change.text == "+6.0 pts"
    assert found["enrolment"].change.words == "no clear change"


def test_an_enrolment_that_follows_no_list_is_not_the_lists(page: Client) -> None:
    rollup("rec.shown", 100)
    rollup("course.enrolled", 15, surface=1)
    rollup("course.enrolled", 20, surface=0)
    found = tiles(page)
    assert found["enrolment"].base == "15 enrolments, 100 lists shown"
    assert found["completion"].base == "fewer than 10 completions, 35 enrolments"


def test_the_page_says_where_lists_came_from(page: Client, trained: Shop) -> None:
    for name in (f"learner {number}" for number in range(12)):
        personalize.recommend(learner(name, enrolled=trained.field("Data")[:4]), now=moment())
    personalize.recommend(learner("new"), now=moment())
    context = page.get("/tower/").context
    assert context["mix_total"] == 15
    assert [(part.title, part.count, part.share) for part in context["mix"]] == [
        ("Live model", 10, 1.0),
        ("Popular overall", None, 0.0),
    ]


def said_of_lists(page: Client, *, made: int, fell_back: int) -> str:
    """Return the words of the overview after so many lists, all of them fast."""
    for fell, n in ((False, made), (True, fell_back)):
        SpeedStep.objects.create(step_at=moment(hours=2), bucket=2, fell_back=fell, count=n)
    return " ".join(re.sub("<[^>]+>", " ", page.get("/tower/").content.decode()).split())


def test_fast_lists_from_fallbacks_are_no_error_budget(page: Client) -> None:
    text = said_of_lists(page, made=3308, fell_back=30)
    assert "p95 within 200 ms" in text
    assert "Lists late or not made by the model, 30 days 30 of 3,340 (0.9%)" in text
    assert "30 from a fallback, fewer than 10 over 200 ms; wanted: at most 0.1% of lists" in text
    assert "Within limit" not in text


def test_few_lists_that_missed_are_not_counted(page: Client) -> None:
    text = said_of_lists(page, made=990, fell_back=9)
    assert "Lists late or not made by the model, 30 days fewer than 10 of 1,000 " in text
    assert "Fewer than 10 from a fallback, fewer than 10 over 200 ms" in text


def test_only_the_service_levels_have_an_error_budget(page: Client) -> None:
    text = said_of_lists(page, made=3308, fell_back=30)
    head, _, levels = text.partition("Requests of the last 30 days answered")
    assert "Error budget left" in levels
    assert "error budget" not in head.lower()


def test_the_live_model_is_named_with_its_gates(page: Client) -> None:
    model("20261120-0300", gate="coverage", passed=True, title="Breadth", detail="Wide.")
    text = page.get("/tower/").content.decode()
    assert "20261120-0300" in text
    assert "1 of 1 passed" in text


# --- what waits ---------------------------------------------------------------------------------


def waiting(client: Client) -> list[tuple[str, str]]:
    return [(need.level, need.title) for need in client.get("/tower/").context["needs"]]


def test_a_refused_model_waits_for_somebody(page: Client) -> None:
    model("good", days_ago=2)
    model("bad", state="refused", gate="coverage", passed=False, title="Breadth", detail="Thin.")
    (need,) = page.get("/tower/").context["needs"]
    assert (need.level, need.title, need.detail) == (
        "warn",
        "The newest model was refused",
        "Breadth",
    )
    assert page.get(need.href).context["opened"].version == "bad"


def test_a_canary_that_was_stopped_and_a_challenger_without_experiment_wait(page: Client) -> None:
    settled("one", now=moment(days=3))
    settled("two", now=moment(days=2))
    steps.stop_canary("two", actor=SYSTEM, reason="Clicks fell.", now=moment(days=2))
    settled("three", now=moment(days=1), configuration=configured(revision=2))
    told = {need.title: need for need in page.get("/tower/").context["needs"]}
    assert told["The canary was stopped"].href == "/tower/models/?version=two#evidence"
    waits = told["A changed model waits for an experiment"]
    assert waits.detail == "The rules of training are of revision 2."


def test_a_refused_model_that_was_followed_by_a_good_one_waits_for_nobody(page: Client) -> None:
    model("bad", state="refused", days_ago=2)
    model("good", days_ago=1)
    assert waiting(page) == []


def test_a_change_that_ends_within_a_day_waits(page: Client, shop: Shop) -> None:
    hide(shop.courses[0].course_id, hours=20)
    hide(shop.courses[1].course_id, hours=60)
    assert waiting(page) == [("mut", "1 change ends within a day")]


def hide(course_id: int, *, hours: int) -> None:
    new = NewOverride(
        course_id=course_id,
        change=Change.HIDE,
        reason="Outdated version",
        starts_at=moment(),
        ends_at=moment(hours=-hours),
    )
    personalize.create_override(SYSTEM, new, now=moment())


def test_counting_that_stopped_is_said_first(page: Client, shop: Shop) -> None:
    hide(shop.courses[0].course_id, hours=2)
    Watermark.objects.create(reader="rollups", read_at=moment(hours=1))
    assert waiting(page)[0] == ("bad", "Events are not being counted")


def test_an_experiment_is_due_when_its_looks_are_taken_or_late(page: Client) -> None:
    experiments.ensure_first_experiment(SYSTEM, now=moment(days=40))
    assert waiting(page) == [("bad", "A look at “Model against generic list” is late")]
    experiments.take_due_looks(now=moment())
    assert waiting(page) == [("warn", "“Model against generic list” waits for a decision")]


def test_looks_late_together_are_told_in_one_line(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiments.ensure_first_experiment(SYSTEM, now=moment(days=40))
    (row,) = experiments.list_experiments(now=moment())
    rows = [row, replace(row, key="second", title="Reminders")]
    monkeypatch.setattr(experiments, "list_experiments", lambda **_: rows)
    assert waiting(page) == [("bad", "Looks at 2 experiments are late")]


def test_what_was_shipped_and_does_not_hold_is_open_again(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiments.ensure_first_experiment(SYSTEM, now=moment(days=40))
    (row,) = experiments.list_experiments(now=moment())
    again = replace(row, state="decided", next_look=None, reopened_at=moment(days=1))
    monkeypatch.setattr(experiments, "list_experiments", lambda **_: [again])
    assert waiting(page) == [("bad", "“Model against generic list” is open again")]


def test_nobody_is_sent_to_a_page_they_may_not_open(client: Client, shop: Shop) -> None:
    hide(shop.courses[0].course_id, hours=2)
    model("bad", state="refused")
    experiments.ensure_first_experiment(SYSTEM, now=moment(days=40))
    client.force_login(pia().account)
    assert waiting(client) == []


# --- live numbers, one figure, cost -------------------------------------------------------------


def test_unchanged_numbers_are_not_sent_again(page: Client) -> None:
    rollup("rec.shown", 20)
    first = page.get("/tower/live/")
    again = page.get("/tower/live/", headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    rollup("rec.clicked", 15)
    changed = page.get("/tower/live/", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert "75.0%" in changed.content.decode()
    assert "no-cache" in changed["Cache-Control"]


def test_the_fragment_is_what_the_page_holds(page: Client) -> None:
    rollup("rec.shown", 20)
    fragment = page.get("/tower/live/").content.decode().strip()
    assert "<html" not in fragment
    assert fragment in page.get("/tower/").content.decode()


@pytest.mark.parametrize("key", TILES)
def test_a_figure_opens_day_by_day(page: Client, key: str) -> None:
    rollup("rec.shown", 100, days_ago=3)
    rollup("rec.clicked", 12, days_ago=3)
    context = page.get(f"/tower/kpi/{key}/").context
    assert context["tile"].key == key
    assert len(context["rows"]) == kpis.SHOWN_DAYS
    assert context["rows"][0].day == moment().date()


def test_the_drill_down_draws_the_numbers_of_its_table(page: Client) -> None:
    rollup("rec.shown", 100, days_ago=3)
    rollup("rec.clicked", 12, days_ago=3)
    context = page.get("/tower/kpi/click-through/").context
    row = context["rows"][3]
    assert (row.value, row.base) == ("10.0%", "10 clicks, 100 lists shown")
    band, line = context["figure"]["data"]
    assert list(line["y"])[-4] == pytest.approx(0.1)
    assert len(band["y"]) == 2
    assert f"{100 * min(band['y']):.1f} to {100 * max(band['y']):.1f}%" == row.interval


def test_an_unknown_figure_is_not_found(page: Client) -> None:
    assert page.get("/tower/kpi/happiness/").status_code == 404


def test_the_period_is_the_week_that_ends_today() -> None:
    last = datetime(2026, 11, 3, tzinfo=UTC).date()
    days = [(last - timedelta(days=back), KpiTotals()) for back in range(27, -1, -1)]
    assert kpis.period(days) == "28 October to 3 November against 21 to 27 October"


@pytest.fixture
def busy(trained: Shop) -> None:
    """Fill every part of the tower."""
    experiments.ensure_first_experiment(SYSTEM, now=moment(days=2))
    hide(trained.courses[0].course_id, hours=2)
    model("good", days_ago=2)
    model("bad", state="refused")
    personalize.recommend(learner("one", enrolled=trained.field("Data")[:4]), now=moment())


@pytest.mark.parametrize(
    "address",
    [
        "/tower/",
        "/tower/live/",
        "/tower/kpi/completion/",
        "/tower/boosts/",
        "/tower/models/",
        "/tower/experiments/",
        "/tower/ledger/",
        "/create/gaps/",
    ],
)
def test_a_dashboard_costs_few_statements_and_reads_no_event(
    client: Client, busy: None, address: str
) -> None:
    client.force_login(root().account)
    client.get(address)  # the session, the catalogue and the sites of this process are warm now
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    statements = [query["sql"] for query in asked.captured_queries]
    assert len(statements) <= OF_ALL_SORTS.get(address, STATEMENTS_MOST), "\n".join(statements)
    assert not [sql for sql in statements if EVENTS.search(sql)]


def test_more_completions_than_enrolments_are_explained_beside_the_figure() -> None:
    totals = KpiTotals(enrolments=10, completions=12)
    assert kpis.base(kpis.KPIS["completion"], totals) == (
        "12 completions, many of courses joined earlier; 10 enrolments"
    )
    fewer = KpiTotals(enrolments=12, completions=10)
    assert kpis.base(kpis.KPIS["completion"], fewer) == "10 completions, 12 enrolments"


@pytest.mark.parametrize(
    ("who", "where"), [(root, "/tower/"), (cleo, "/create/gaps/"), (ada, "/home/")]
)
def test_everybody_begins_on_their_own_first_page(
    client: Client, who: Callable[[], Person], where: str
) -> None:
    who()
    form = {"username": who.__name__, "password": PASSWORD}
    answer = client.post("/signin/", form, follow=True)
    assert answer.redirect_chain[-1][0] == where
