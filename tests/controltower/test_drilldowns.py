"""Charts: each answers from rollups and what was kept, with a table, a file and its meaning."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from controltower import figures
from controltower.views.drilldowns.registry import DRILLDOWNS
from experiments.models import Experiment, KeyReading, ReturnReading
from personalize.engine.drift import speed
from personalize.models import SpeedStep
from signals import api as signals
from signals.models import RevenueWindow, Rollup
from tests.controltower.looks import look_of, text_of
from tests.controltower.test_overview import EVENTS, model
from tests.experiments.world import started
from tests.factories import Person, cleo, mia, moment, pia, uma

pytestmark = pytest.mark.django_db

STATEMENTS_MOST = 12


@pytest.fixture
def page(client: Client) -> Client:
    """Return a browser in which an analyst is signed in."""
    client.force_login(uma().account)
    return client


def of_lists(kind: str, n: int, arm: int, *, days_ago: int = 2) -> None:
    Rollup.objects.create(
        step_at=moment(days=days_ago).replace(hour=0, minute=0, second=0, microsecond=0),
        kind=signals.kind_codes()[kind],
        surface=1,
        arm=arm,
        count=n,
    )


def rows(page: Client, address: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text_of(page.get(address)))))


@pytest.mark.parametrize("key", DRILLDOWNS)
def test_every_chart_opens_with_nothing_there_and_reads_no_event(page: Client, key: str) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = page.get(f"/tower/charts/{key}/")
    assert answer.status_code == 200
    assert not [one["sql"] for one in asked if EVENTS.search(one["sql"])]
    assert len(asked) <= STATEMENTS_MOST
    text = answer.content.decode()
    assert DRILLDOWNS[key].question in text
    assert "How fresh" in text
    assert page.get(f"/tower/charts/{key}.csv").status_code == 200


def test_the_list_names_what_somebody_may_open(client: Client) -> None:
    client.force_login(pia().account)
    text = client.get("/tower/charts/").content.decode()
    assert DRILLDOWNS["funnel"].question in text
    assert DRILLDOWNS["tradeoff"].question not in text
    assert client.get("/tower/charts/tradeoff/").status_code == 403
    assert client.get("/tower/charts/tradeoff.csv").status_code == 403
    assert client.get("/tower/charts/none/").status_code == 404


@pytest.mark.parametrize("person", [cleo])
def test_who_may_not_see_the_overview_sees_no_chart(
    client: Client, person: Callable[[], Person]
) -> None:
    client.force_login(person().account)
    assert client.get("/tower/charts/").status_code == 403


def test_the_funnel_is_of_closed_days_by_kind_of_list(page: Client) -> None:
    for kind, n in (("rec.shown", 1002), ("rec.clicked", 101), ("course.enrolled", 4)):
        of_lists(kind, n, 1)
    of_lists("rec.shown", 500, 3)
    of_lists("rec.shown", 5000, 1, days_ago=0)  # today waits
    header, personal, held = rows(page, "/tower/charts/funnel.csv")
    assert header[0] == "Lists"
    assert personal == ["Personal", "1000", "100", "0.1", "", ""]
    assert held[:3] == ["Comparison group", "500", ""]
    says = page.get("/tower/charts/funnel/").context["drawn"].says
    assert says == "Of 1,000 personal lists 10.0% ended with a click."


def test_revenue_steps_from_four_weeks_to_the_next(page: Client) -> None:
    until = moment().date()
    for day, part, total, learners in (
        (until, "list", 300.0, 12),
        (until, "course", 100.0, 11),
        (until, "other", 999.0, 3),  # of three learners: not shown
        (until - timedelta(days=28), "list", 250.0, 10),
    ):
        RevenueWindow.objects.create(
            until=day, part=part, payments=learners, learners=learners, total=total
        )
    drawn = page.get("/tower/charts/revenue/").context["drawn"]
    assert "400.00 EUR" in drawn.says
    assert "250.00 in the four before" in drawn.says
    assert "75% of it for courses reached from a list" in drawn.says
    assert "999" not in text_of(page.get("/tower/charts/revenue.csv"))
    (ground, step) = drawn.figure["data"]
    assert list(step["customdata"]) == [250.0, 50.0, 100.0, 0, 0, 400.0]
    assert list(ground["y"]) == [0.0, 250.0, 300.0, 400.0, 400.0, 0.0]


def test_a_falling_step_hangs_from_what_was_reached() -> None:
    drawn = figures.waterfall(
        (("before", 100.0, True), ("lost", -30.0, False), ("now", 70.0, True)), form="", y_title=""
    )
    ground, step = drawn["data"]
    assert (list(ground["y"]), list(step["y"])) == ([0.0, 70.0, 0.0], [100.0, 30.0, 70.0])


def test_times_are_counted_and_the_late_ones_are_told(page: Client) -> None:
    at = moment(hours=2)
    slow = speed.BOUNDS_MS.index(speed.LIMIT_MS) + 1
    for bucket, fell_back, n in ((3, False, 970), (slow, False, 20), (3, True, 10)):
        SpeedStep.objects.create(step_at=at, bucket=bucket, fell_back=fell_back, count=n)
    drawn = page.get("/tower/charts/latency/").context["drawn"]
    assert drawn.says == "p50 13 ms, p95 15 ms, p99 225 ms; a list may take 200 ms."
    counted = [row[:2] for row in drawn.rows if row[1]]
    assert counted == [("10-15", 980), ("200-250", 20)]
    found = speed.of_month(now=moment())
    assert (found.lists, found.missed, found.fell_back, found.late) == (1000, 30, 10, 20)


def counts(came: int, learners: int) -> dict[str, int]:
    return {"learners": learners, "returned": came, "effective": learners}


def test_who_comes_back_to_each_arm_is_shown_as_of_a_look(page: Client) -> None:
    started(now=moment(days=30))
    weeks = [
        {"week": 1, "arms": {"generic": counts(400, 1002), "model": counts(500, 1000)}},
        {"week": 2, "arms": {"generic": counts(7, 602), "model": counts(90, 600)}},
    ]
    ReturnReading.objects.create(
        experiment=Experiment.objects.get(), as_of=moment(days=2), sound=True, weeks=weeks
    )
    drawn = page.get("/tower/charts/returns/").context["drawn"]
    assert drawn.says.startswith(
        "Short lessons first: in week 1 40.0% came back with generic and 50.0% with model, a "
        "difference of +10.0 points (+5.6 to +14.3): clearly more with model. As of its newest "
        "planned look, "
    )
    first, second = rows(page, "/tower/charts/returns.csv?part=short-first")[1:]
    assert first[:2] + first[4:6] + first[8:10] == [
        "1",
        "0.4",  # 400 of 1002, told as 400 of 1000
        "1000",
        "0.5",
        "1000",
        "0.1",
    ]
    assert second[:5] == ["2", "", "", "", ""]  # seven came back
    assert second[9:] == ["", "", ""]
    generic, model = drawn.figure["data"]
    assert (list(generic["y"]), list(model["y"])) == ([0.4, None], [0.5, 0.15])
    assert drawn.figure["layout"]["yaxis"]["rangemode"] == "tozero"


def read_of(key: str, *, came: int, days_ago: int, sound: bool = True) -> None:
    """Keep a reading of an experiment of its own in which so many of a thousand came back."""
    started(now=moment(days=30), key=key, title=key)
    weeks = [{"week": 1, "arms": {arm: counts(came, 1000) for arm in ("generic", "model")}}]
    ReturnReading.objects.create(
        experiment=Experiment.objects.get(key=key),
        as_of=moment(days=days_ago),
        sound=sound,
        weeks=weeks if sound else [],
    )


def test_an_experiment_that_is_named_is_shown_or_nothing(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.returns.NEWEST", 1)
    read_of("older", came=300, days_ago=9)
    read_of("newer", came=400, days_ago=3)
    read_of("unsound", came=500, days_ago=2, sound=False)
    assert page.get("/tower/charts/returns/").context["drawn"].part == "newer"
    drawn = page.get("/tower/charts/returns/?part=older").context["drawn"]
    assert (drawn.part, list(drawn.parts)) == ("older", ["newer", "older"])
    (row,) = rows(page, "/tower/charts/returns.csv?part=older")[1:]
    assert row[1] == "0.3"
    for part in ("unsound", "nothing"):
        drawn = page.get(f"/tower/charts/returns/?part={part}").context["drawn"]
        assert (drawn.part, drawn.rows, drawn.figure) == ("", [], None)


def test_a_week_in_which_few_stayed_away_is_not_told_as_one_in_which_few_came(page: Client) -> None:
    read_of("loved", came=995, days_ago=2)
    says = page.get("/tower/charts/returns/").context["drawn"].says
    assert says.startswith(
        "loved: no week may be shown yet: fewer than ten of an arm came back, or stayed away."
    )


def test_who_may_not_see_experiments_sees_no_arm_come_back(client: Client) -> None:
    client.force_login(mia().account)
    assert client.get("/tower/charts/retention/").status_code == 200
    assert client.get("/tower/charts/returns/").status_code == 403


def test_retention_stands_beside_the_comparison_group(page: Client) -> None:
    content = {"held": 100, "others": 900, "held_level": 0.2, "level": 0.25, "share": 0.25,
               "low": 0.1, "high": 0.4, "reading": "better"}  # fmt: skip
    KeyReading.objects.create(metric="retention_d7", until=moment(), content=content)
    KeyReading.objects.create(metric="retention_d30", until=moment(), content={"why": "few"})
    drawn = page.get("/tower/charts/retention/").context["drawn"]
    assert drawn.says == "Clearly more are here again at 1 of 1 distances."
    assert [row[0] for row in drawn.rows] == ["7-14", "30-37"]
    assert drawn.rows[1][1:] == (None,) * 7


def test_rows_without_any_value_are_neither_drawn_nor_listed(page: Client) -> None:
    days = ("retention_d7", "retention_d30")
    for metric in days:
        KeyReading.objects.create(metric=metric, until=moment(), content={"why": "few"})
    answer = page.get("/tower/charts/retention/")
    assert len(answer.context["drawn"].rows) == len(days)
    text = answer.content.decode()
    assert "<table" not in text
    assert "There is nothing to draw yet" in text
    content = {"held": 100, "others": 900, "held_level": 0.2, "level": 0.25, "share": 0.25,
               "low": 0.1, "high": 0.4, "reading": "better"}  # fmt: skip
    KeyReading.objects.filter(metric=days[0]).update(content=content)
    text = page.get("/tower/charts/retention/").content.decode()
    assert "30-37" in text  # beside one with values
    assert 'id="figure"' in text


def test_an_experiment_that_trades_learning_for_clicks_is_named(page: Client) -> None:
    started()
    look_of("ctr", low=0.02, high=0.06)
    drawn = page.get("/tower/charts/tradeoff/").context["drawn"]
    ((title, _, effect, low, high, _, *_),) = drawn.rows
    assert title
    assert (effect, low, high) == (pytest.approx(0.2), pytest.approx(0.1), pytest.approx(0.3))
    assert drawn.says.startswith("The one experiment measured did not")


def test_the_learning_curve_has_every_version(page: Client) -> None:
    model("v1", state="retired", days_ago=3)
    model("v2", days_ago=1)
    drawn = page.get("/tower/charts/learning-curve/").context["drawn"]
    assert [row[0] for row in drawn.rows] == ["v2", "v1"]
    assert [one["name"] for one in drawn.figure["data"]] == ["Model", "Popularity"]
