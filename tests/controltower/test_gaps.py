"""Demand gaps: closed weeks, at least ten learners, rounded; from a search to the page."""

import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from personalize.agents.demand import derive_gaps
from personalize.experience.desk.nightly import derive_desk
from signals.capture.jobs.collect import collect_jobs
from signals.data import NewEvent
from signals.derive.demand import derive_demand, monday
from tests.factories import cleo, moment, new_course, new_learner
from tests.signals.derive.happened import search, store

PAGE, TERMS = "/create/gaps/", "/create/gaps/terms/"


@pytest.fixture
def page(client: Client, db: None) -> Client:
    """Return a browser in which a creator is signed in."""
    client.force_login(cleo().account)
    return client


def last_week() -> datetime:
    this = datetime.combine(monday(moment().date()), time(), tzinfo=UTC)
    return this - timedelta(days=3)


def searched(query: str, n: int, *, found: int, at: datetime | None = None) -> None:
    when = at or last_week()
    store([search(new_learner(), query, when, found=found) for _ in range(n)], now=moment())


def count_closed_weeks() -> None:
    derive_demand(now=last_week() + timedelta(days=4))
    derive_gaps(now=moment())


def test_what_ten_learners_missed_is_listed_rounded(page: Client) -> None:
    searched("Power BI", 13, found=0)
    searched("sql", 22, found=3)
    searched("beekeeping", 9, found=0)
    count_closed_weeks()
    answer = page.get(TERMS)
    (gap,) = answer.context["missing"]
    assert (gap.term, gap.learners, gap.searches, gap.without_result) == ("power bi", 15, 15, 15)
    assert [row.term for row in answer.context["found"]] == ["sql"]
    text = answer.content.decode()
    assert "about 15" in text
    assert "beekeeping" not in text
    counted = re.findall(r'data-l="(?:Learners|Searches)">([^<]+)<', text)
    assert counted == ["about 15", "15", "about 20", "20"]  # the week they are of has a 13 at times


def test_what_is_searched_in_vain_and_taught_nowhere_stands_first(page: Client) -> None:
    new_course("sql", title="SQL for analysis", skills=("sql",))
    searched("Power BI", 13, found=0)
    searched("sql", 22, found=3)
    searched("beekeeping", 9, found=0)
    count_closed_weeks()
    answer = page.get(PAGE)
    assert [line.topic.topic for line in answer.context["lines"]] == ["power bi", "sql"]
    first = answer.context["lines"][0]
    assert (first.topic.learners, first.topic.searches, first.topic.supply) == (15, 15, 0)
    assert first.trend == ""
    text = answer.content.decode()
    assert "one snapshot, no trend yet" in text
    assert "beekeeping" not in text
    assert re.findall(r"(?<![\w#.&-])(?:13|22|9)(?![\w.])", _words(text)) == []


def _words(html: str) -> str:
    """Return the text of the page's table."""
    (table,) = re.findall(r"<tbody>(.*?)</tbody>", html, re.DOTALL)
    return re.sub(r"<[^>]+>", " ", table)


def test_slips_of_the_keyboard_are_one_topic_with_its_terms_behind_it(page: Client) -> None:
    searched("kubernetes", 40, found=0)
    searched("kuberntes", 10, found=0)
    count_closed_weeks()
    (line,) = page.get(PAGE).context["lines"]
    assert (line.topic.topic, line.topic.learners, line.topic.searches) == ("kubernetes", 40, 50)
    text = page.get("/create/gaps/topics/kubernetes/").content.decode()
    assert "kuberntes" in text


def test_the_parts_that_count_are_chosen_and_change_the_score(page: Client, tmp_path: Path) -> None:
    posts = tmp_path / "posts.csv"
    posts.write_text("post,skills\n" + "".join(f"{n},rust\n" for n in range(20)))
    collect_jobs("posts", str(posts), now=moment())
    searched("rust", 20, found=0)
    searched("pottery", 20, found=0)
    count_closed_weeks()
    together = {line.topic.topic: line.score for line in page.get(PAGE).context["lines"]}
    assert together["rust"] > together["pottery"]
    jobs = page.get(PAGE + "?part=jobs").context["lines"]
    assert [line.topic.topic for line in jobs] == ["rust"]
    assert page.get(PAGE + "?show=weak").context["lines"] == []
    assert len(page.get(PAGE + "?show=missing&part=none").context["lines"]) == 2


def test_a_topic_rises_where_zero_is_not_in_the_interval_of_its_slope(page: Client) -> None:
    for ago, n in enumerate((40, 35, 25, 20, 10)):
        searched("rust", n, found=0, at=last_week() - timedelta(weeks=ago))
    derive_demand(now=last_week() + timedelta(days=4))
    derive_gaps(now=moment())
    (line,) = page.get(PAGE + "?show=rising").context["lines"]
    assert line.direction == "up"
    assert re.fullmatch(r"\+\d+% a week \(\+\d+ to \+\d+\)", line.trend)


def test_answers_in_a_forum_are_no_demand(page: Client) -> None:
    new_course("c1", title="Numbers", skills=("Pivot tables", "Macros"))
    for said, answered in (("Pivot tables?", {}), ("Try macros", {"reply_to": "p1"})):
        store(
            [
                NewEvent(
                    "forum.posted", new_learner(), last_week(), context={"text": said, **answered}
                )
                for _ in range(15)
            ],
            now=moment(),
        )
    count_closed_weeks()
    (line,) = page.get(PAGE).context["lines"]
    assert (line.topic.topic, line.topic.threads) == ("pivot tables", 15)


def test_forum_threads_count_by_themselves(page: Client) -> None:
    new_course("c1", title="Numbers", skills=("Pivot tables",))
    store(
        [
            NewEvent("forum.posted", new_learner(), last_week(), context={"text": "Pivot tables?"})
            for _ in range(12)
        ],
        now=moment(),
    )
    count_closed_weeks()
    (line,) = page.get(PAGE).context["lines"]
    assert (line.topic.topic, line.topic.threads, line.topic.searches) == (
        "pivot tables",
        10,
        0,
    )


def test_the_table_leaves_as_csv_with_nothing_a_spreadsheet_computes(page: Client) -> None:
    searched("c++", 12, found=0)
    count_closed_weeks()
    answer = page.get(PAGE + "topics.csv")
    lines = b"".join(answer).decode().splitlines()
    assert lines[0].startswith('\ufeff"topic","gap","demand"')
    assert lines[1].startswith('"c++",')
    assert len(lines) == 2


def test_a_week_that_has_not_ended_is_not_shown(page: Client) -> None:
    searched("power bi", 12, found=0, at=moment())
    derive_demand(now=moment())
    derive_gaps(now=moment())
    assert page.get(PAGE).context["lines"] == []


def test_counting_anew_in_the_same_week_replaces(page: Client) -> None:
    searched("rust", 12, found=0)
    count_closed_weeks()
    derive_desk(now=moment())
    assert len(page.get(PAGE).context["lines"]) == 1


def test_with_nothing_counted_the_page_says_when_it_will_be(page: Client) -> None:
    text = page.get(PAGE).content.decode()
    assert "No topic is asked for by enough learners or employers yet." in text
    assert "Weeks are closed on Mondays." in text


def test_no_page_of_the_desk_reads_events(page: Client) -> None:
    course = new_course("c1", title="Numbers", skills=("sql",), modules=("m1",))
    searched("sql", 12, found=3)
    count_closed_weeks()
    derive_desk(now=moment())
    for address in (PAGE, TERMS, "/create/gaps/topics/sql/", f"/create/courses/{course.slug}/"):
        with CaptureQueriesContext(connection) as asked:
            assert page.get(address).status_code == 200
        statements = " ".join(query["sql"] for query in asked.captured_queries)
        assert "signals_event" not in statements
        assert len(asked) < 30


def test_a_gap_may_be_looked_at_in_one_language_and_a_shorter_time(page: Client) -> None:
    new_course("k8", title="Kubernetes", skills=("kubernetes",), language="es")
    new_course("b1", title="Bread", skills=("bread",), language="en")
    searched("kubernetes", 20, found=1, at=last_week() - timedelta(weeks=6))
    searched("bread", 20, found=1)
    derive_demand(now=last_week() + timedelta(days=4))
    derive_gaps(now=moment())

    def supplies(query: str) -> dict[str, float]:
        lines = page.get(PAGE + query).context["lines"]
        return {line.topic.topic: line.topic.supply for line in lines}

    everywhere, english = supplies(""), supplies("?language=en")
    assert everywhere["kubernetes"] > 0
    assert english == {"kubernetes": 0.0, "bread": everywhere["bread"]}
    assert set(supplies("?weeks=4")) == {"bread"}
    assert set(supplies("?weeks=8")) == {"kubernetes", "bread"}
    assert supplies("?weeks=nonsense&language=xx").keys() == everywhere.keys()
