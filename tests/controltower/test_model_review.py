"""The review of models: ten figures with what is wanted, learning beside clicking, for whom."""

from dataclasses import replace
from datetime import date, datetime
from typing import Never

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from experiments.data import KeyTarget
from personalize import api as personalize
from personalize.data import Assessed, CohortGap, Estimate
from personalize.decision import review
from personalize.models import ModelReview
from personalize.tasks import keep_review, prepare_review
from signals import api as signals
from signals.data import SYSTEM
from tests.controltower.reviewed import GAP, HEADS, assessed, clicked_more_and_learned_less
from tests.factories import moment, root, uma
from tests.personalize.engine.models import promoted

PAGE = "/tower/models/review/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def page(client: Client) -> Client:
    """Return a browser in which an analyst is signed in."""
    client.force_login(uma().account)
    return client


def serves(found: Assessed | None = None, *, days: float = 40) -> None:
    """Let a model serve that was looked at when it was trained."""
    told = assessed() if found is None else found
    promoted("one", now=moment(days=days), assessed=told, heads=HEADS)


def text_of(page: Client, path: str = PAGE) -> str:
    return " ".join(page.get(path).content.decode().split())


def reading(page: Client, key: str) -> str:
    rows = {row.key: row for row in page.get(PAGE).context["figures"]}
    return str(rows[key].reading)


def test_before_the_first_model_there_is_nothing_to_review(page: Client) -> None:
    assert "No model has served yet" in text_of(page)


def test_every_figure_stands_with_its_interval_base_target_and_owner(page: Client) -> None:
    serves()
    rows = {row.key: row for row in page.get(PAGE).context["figures"]}
    assert set(rows) == set(personalize.FIGURES)
    ndcg = rows["ndcg"]
    assert (ndcg.value, ndcg.interval, ndcg.target) == ("0.400", "0.380 to 0.420", "at least 0.300")
    assert (ndcg.base, ndcg.reading, ndcg.owner) == ("1,000 held-out learners", "Met", "")
    assert (rows["calibration"].value, rows["calibration"].target) == ("0.020", "at most 0.030")
    assert rows["latency"].reading == "Not measured"
    assert "Nobody yet" in text_of(page)


def test_a_figure_below_popular_courses_is_missed(page: Client) -> None:
    serves(assessed(ndcg=0.27))
    assert reading(page, "ndcg") == "Missed"


def test_a_figure_whose_interval_holds_its_target_is_not_clear(page: Client) -> None:
    serves(assessed(ndcg=0.31))
    assert reading(page, "ndcg") == "Not clear"


def test_an_admin_says_what_is_wanted_and_who_answers_for_it(client: Client) -> None:
    client.force_login(root().account)
    serves()
    assert reading(client, "ndcg") == "Met"
    asked = {"target": "0.5", "owner": "Recommendations", "reason": "What was promised"}
    answer = client.post(f"{PAGE}figures/ndcg/", asked, follow=True)
    assert "written into the ledger" in answer.content.decode()
    row = next(row for row in answer.context["figures"] if row.key == "ndcg")
    assert (row.target, row.owner, row.reading) == ("at least 0.500", "Recommendations", "Missed")
    entry = signals.ledger_rows(action_prefix="model.target_set")[0]
    assert (entry.actor, entry.subject) == ("staff:root", "ndcg")
    assert entry.detail["reason"] == "What was promised"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"target": "1.5"}, "from 0 to 1"), ({"owner": ""}, "required"), ({"reason": ""}, "required")],
)
def test_a_target_that_makes_no_sense_is_refused(
    client: Client, wrong: dict[str, str], words: str
) -> None:
    client.force_login(root().account)
    asked = {"target": "0.5", "owner": "Recommendations", "reason": "What was promised"}
    answer = client.post(f"{PAGE}figures/ndcg/", asked | wrong)
    assert words in answer.content.decode()
    assert personalize.targets(now=moment(days=-1))["ndcg"].owner == ""


def test_a_figure_there_is_not_has_no_page(client: Client) -> None:
    client.force_login(root().account)
    assert client.get(f"{PAGE}figures/beauty/").status_code == 404


def test_a_model_with_which_more_is_clicked_and_less_is_learned_has_failed(page: Client) -> None:
    serves()
    clicked_more_and_learned_less()
    text = text_of(page)
    assert "Failed: more is clicked, less is learned" in text
    tracks = {line.track: line for line in page.get(PAGE).context["tracks"]}
    assert (tracks["engagement"].before, tracks["engagement"].now) == ("0.0%", "100.0%")
    assert (tracks["progression"].moved, tracks["progression"].tone) == ("−2.0", "dn")  # noqa: RUF001


def test_of_few_learners_it_says_that_they_are_too_few(page: Client) -> None:
    serves()
    assert "Too few learners to compare" in text_of(page)


def test_a_kind_that_is_served_worse_is_named_on_the_page_and_waits_for_somebody(
    page: Client,
) -> None:
    serves(assessed(GAP))
    assert "Language, de: the next course is found much more seldom" in text_of(page)
    overview = text_of(page, "/tower/")
    assert "A kind of learner is served worse" in overview
    assert "Language, de" in overview


def test_without_a_gap_nobody_is_alarmed(page: Client) -> None:
    even = CohortGap("recall", "language", "de", 300, 0.3, 0.3, 1.0, 0.8, 1.2, alarm=False)
    serves(assessed(even))
    assert "is served worse" not in text_of(page, "/tower/")
    assert page.get(PAGE).context["alarms"] == []


@pytest.mark.parametrize(
    ("newcomers", "words"),
    [
        (0.25, "The more is known, the better: from 0.200 to 0.400"),
        (0.1, "Popular courses would serve some of them better"),
        (0.35, "they are worse again with 3 to 5 courses"),
    ],
)
def test_it_says_plainly_whether_more_signals_bring_better_lists(
    page: Client, newcomers: float, words: str
) -> None:
    serves(assessed(newcomers=newcomers))
    assert words in text_of(page)


def test_what_the_clock_has_read_is_not_read_again_by_a_page(page: Client) -> None:
    serves()
    clicked_more_and_learned_less()
    keep_review()
    prepare_review()
    with CaptureQueriesContext(connection) as asked:
        assert "Failed: more is clicked, less is learned" in text_of(page)
    assert not [one["sql"] for one in asked if "personalize_decision" in one["sql"]]


def test_what_nobody_has_read_yet_the_page_reads_itself(page: Client) -> None:
    serves()
    clicked_more_and_learned_less()
    with CaptureQueriesContext(connection) as asked:
        assert "Failed: more is clicked, less is learned" in text_of(page)
    assert [one["sql"] for one in asked if "personalize_decision" in one["sql"]]


def test_where_a_page_may_not_wait_so_long_it_says_when_the_days_are_read(page: Client) -> None:
    def too_much(_until: datetime) -> Never:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout TO '1ms'")
            cursor.execute("SELECT pg_sleep(60)")
        raise AssertionError("PostgreSQL ended nothing")

    serves()
    with pytest.raises(review.NotReadYetError, match="at 00:35 UTC each night"):
        review.made(moment(), too_much)


# --- reviews that are kept -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-20T05:59:00+00:00", "2026-11-06"),
        ("2026-11-20T06:00:00+00:00", "2026-11-20"),
        ("2026-12-04T05:00:00+00:00", "2026-11-20"),
        ("2026-12-04T07:30:00+01:00", "2026-12-04"),
    ],
)
def test_a_fortnight_ends_on_every_second_friday_at_six(now: str, end: str) -> None:
    assert review.last_end(datetime.fromisoformat(now)) == date.fromisoformat(end)


def kept_page() -> str:
    return f"{PAGE}{review.last_end(moment()).isoformat()}/"


def test_a_kept_review_is_the_same_whenever_it_is_opened(page: Client) -> None:
    serves()
    first = page.get(f"{kept_page()}print/").content
    new = KeyTarget("ndcg", 0.9, "Somebody", "To change it")
    personalize.set_target(SYSTEM, new, now=moment())
    assert page.get(f"{kept_page()}print/").content == first
    assert page.get(kept_page()).status_code == 200
    assert kept_page().rstrip("/").rsplit("/", 1)[1] in page.get(PAGE).content.decode()


def test_nobody_changes_a_kept_review(page: Client) -> None:
    serves()
    page.get(kept_page())
    with pytest.raises(DatabaseError, match="kept as it was written"), transaction.atomic():
        ModelReview.objects.update(content="{}")


def test_the_clock_keeps_a_review_once(db: None) -> None:
    serves()
    assert keep_review() == review.last_end(moment()).isoformat()
    assert keep_review() == ""
    assert personalize.kept_reviews() == (review.last_end(moment()),)


def test_without_a_model_in_its_time_no_review_is_kept(page: Client) -> None:
    serves(days=0)
    assert keep_review() == ""
    assert page.get(kept_page()).status_code == 404


@pytest.mark.parametrize("day", ["2026-11-19", "2199-01-04", "soon"])
def test_a_day_on_which_no_fortnight_ended_has_no_review(page: Client, day: str) -> None:
    serves()
    assert page.get(f"{PAGE}{day}/").status_code == 404


def test_lists_that_narrow_to_what_is_popular_wait_for_somebody(page: Client) -> None:
    told = assessed()
    lift = Estimate(1.4, 1_000, low=1.2, high=1.6)
    serves(replace(told, figures={**told.figures, "lift": lift}))
    rows = {row.key: row for row in page.get(PAGE).context["figures"]}
    assert (rows["lift"].value, rows["lift"].target) == ("+140%", "at most +100%")
    assert (rows["lift"].reading, rows["gini"].reading) == ("Missed", "Met")
    keep_review()
    overview = text_of(page, "/tower/")
    assert "Lists narrow to few courses" in overview
    assert "Popularity lift" in overview


def test_a_model_whose_lift_was_not_looked_at_says_so(page: Client) -> None:
    serves()
    assert reading(page, "lift") == "Not measured"
    keep_review()
    assert "Lists narrow to few courses" not in text_of(page, "/tower/")


def test_a_kept_review_that_says_the_model_failed_waits_for_somebody(page: Client) -> None:
    serves()
    text = '{"moved":{"reading":"failed"}}'
    ModelReview.objects.create(
        until=review.last_end(moment()), made_at=moment(), content=text, digest="0" * 64
    )
    assert "The model failed" in text_of(page, "/tower/")
