"""Demand gaps: closed weeks, at least ten learners, rounded; from a search to the page."""

import re
from collections.abc import Collection, Sequence
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
from signals.derive import demand
from signals.derive.demand import derive_demand, monday
from signals.models import DemandWeek, SearchQuery, SearchWeek
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


def test_a_trend_of_nothing_is_called_flat(page: Client) -> None:
    by_week("rust", (20, 20, 20, 20, 20))
    (line,) = page.get(PAGE).context["lines"]
    assert (line.trend, line.direction) == ("flat", "flat")
    assert "0% a week" not in page.get(PAGE).content.decode()


def test_what_fewer_than_ten_looked_for_is_not_called_unsearched(
    page: Client, tmp_path: Path
) -> None:
    posts = tmp_path / "posts.csv"
    posts.write_text("post,skills\n" + "".join(f"{n},rust\n" for n in range(20)))
    collect_jobs("posts", str(posts), now=moment())
    searched("rust", 9, found=0)
    count_closed_weeks()
    for where in (PAGE, "/create/gaps/topics/rust/"):
        text = page.get(where).content.decode()
        assert "fewer than 10 learners a week" in text, where
        assert "not searched" not in text


def test_one_topic_has_and_two_have_more_demand(page: Client) -> None:
    searched("power bi", 20, found=0)
    count_closed_weeks()
    assert "topic has more demand than good courses." in page.get(PAGE).content.decode()
    searched("rust", 20, found=0)
    count_closed_weeks()
    assert "topics have more demand than good courses." in page.get(PAGE).content.decode()


def by_week(query: str, counts: Sequence[int], *, other: Collection[int] = ()) -> None:
    """Let so many search, newest week first; in some of these weeks through another source."""
    for ago, n in enumerate(counts):
        searched(query, n, found=0, at=last_week() - timedelta(weeks=ago))
    for ago in other:
        begin = last_week() - timedelta(weeks=ago, days=4)
        rows = SearchQuery.objects.filter(searched_at__gte=begin)
        rows.filter(searched_at__lt=begin + timedelta(days=7)).update(source_id=77)
    derive_demand(now=last_week() + timedelta(days=4))
    derive_gaps(now=moment())


def test_a_trend_is_of_weeks_with_the_same_sources_alone(page: Client) -> None:
    """Old weeks of another platform make a fall of what rises."""
    by_week("rust", (40, 35, 25, 20, 15, 100, 110), other=(5, 6))
    (line,) = page.get(PAGE).context["lines"]
    assert (line.direction, line.topic.trend().weeks) == ("up", 5)
    assert line.changed == (last_week() - timedelta(weeks=4)).date() - timedelta(days=4)
    assert line.spark is not None
    assert len(line.spark.line.split()) == 5
    text = page.get(PAGE).content.decode()
    assert f"since sources changed on {line.changed.day} " in text
    assert "no trend is drawn across that day" in text


def test_after_a_change_of_sources_a_few_weeks_are_no_trend(page: Client) -> None:
    by_week("rust", (40, 35, 30, 10, 10, 10, 10), other=(0, 1, 2))
    (line,) = page.get(PAGE).context["lines"]
    assert (line.trend, line.direction) == ("", "")
    assert line.changed is not None
    assert page.get(PAGE + "?show=rising").context["lines"] == []
    text = page.get("/create/gaps/topics/rust/").content.decode()
    assert f"sources changed on {line.changed.day} " in text
    assert "no trend yet" in text


def test_weeks_from_before_sources_were_kept_tell_of_no_change(page: Client) -> None:
    by_week("rust", (40, 35, 25, 20, 10))
    SearchQuery.objects.filter(searched_at__lt=last_week() - timedelta(weeks=1)).update(
        source_id=None
    )
    DemandWeek.objects.bulk_create(
        DemandWeek(week=monday((last_week() - timedelta(weeks=ago)).date())) for ago in range(5)
    )
    derive_demand(now=last_week() + timedelta(days=4))
    derive_gaps(now=moment())
    assert SearchWeek.objects.count() == 2
    (line,) = page.get(PAGE).context["lines"]
    assert (line.direction, line.changed) == ("up", None)


def test_the_odd_search_of_another_source_is_no_change(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demand, "SOURCE_SHARE", 0.5)
    by_week("rust", (40, 30))
    few = SearchQuery.objects.filter(searched_at__gte=last_week() - timedelta(days=3))[:15]
    SearchQuery.objects.filter(pk__in=few.values("pk")).update(source_id=77)  # of 40
    DemandWeek.objects.create(week=monday(last_week().date()))
    derive_demand(now=last_week() + timedelta(days=4))
    assert len({tuple(row.sources) for row in SearchWeek.objects.all()}) == 1
    derive_gaps(now=moment())
    assert page.get(PAGE).context["lines"][0].changed is None


def test_nine_people_who_search_on_and_on_are_no_source(page: Client) -> None:
    by_week("rust", (40, 30))
    before = {tuple(row.sources) for row in SearchWeek.objects.all()}
    newest = SearchQuery.objects.filter(searched_at__gte=last_week() - timedelta(days=3))
    for row in list(newest.order_by("learner_id")[:9]) * 2:
        SearchQuery.objects.create(
            learner_id=row.learner_id,
            searched_at=row.searched_at,
            results=row.results,
            sealed=row.sealed,
            source_id=77,
        )
    DemandWeek.objects.create(week=monday(last_week().date()))
    derive_demand(now=last_week() + timedelta(days=4))
    assert {tuple(row.sources) for row in SearchWeek.objects.all()} == before


def test_one_source_of_job_posts_may_be_looked_at_alone(page: Client, tmp_path: Path) -> None:
    for name, skill in (("north", "rust"), ("south", "welding")):
        posts = tmp_path / f"{name}.csv"
        posts.write_text("post,skills\n" + "".join(f"{n},{skill}\n" for n in range(20)))
        collect_jobs("posts", str(posts), now=moment())
    count_closed_weeks()
    answer = page.get(PAGE + "?part=jobs")
    assert {line.topic.topic for line in answer.context["lines"]} == {"rust", "welding"}
    places = [place for place, _ in answer.context["jobs"]]
    (north,) = [place for place in places if "north" in place]
    alone = page.get(PAGE, {"part": "jobs", "jobs": north})
    assert [line.topic.topic for line in alone.context["lines"]] == ["rust"]
    assert alone.context["wanted"].filters == 2
    assert page.get(PAGE, {"part": "jobs", "jobs": "nowhere"}).context["lines"] == []
    rows = b"".join(page.get(PAGE + "topics.csv", {"part": "jobs", "jobs": north})).decode()
    assert "welding" not in rows


def test_ten_topics_are_shown_and_more_as_often_as_is_asked_for(
    page: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = tmp_path / "posts.csv"
    skills = [chr(97 + n) * 7 for n in range(23)]
    posts.write_text("post,skills\n" + "".join(f"{n},{';'.join(skills)}\n" for n in range(10)))
    collect_jobs("posts", str(posts), now=moment())
    count_closed_weeks()
    first = page.get(PAGE + "?show=missing")
    assert (len(first.context["lines"]), first.context["total"]) == (10, 23)
    assert 'id="topic-10"' in first.content.decode()
    assert first.context["more"] == "?show=missing&shown=20#topic-11"
    second = page.get(PAGE + "?show=missing&shown=20")
    assert [line.topic.slug for line in second.context["lines"]][:10] == [
        line.topic.slug for line in first.context["lines"]
    ]
    last = page.get(PAGE + "?show=missing&shown=30")
    assert (len(last.context["lines"]), last.context["more"]) == (23, "")
    monkeypatch.setattr("controltower.views.demand.MOST", 20)
    most = page.get(PAGE + "?show=missing&shown=20")
    assert (len(most.context["lines"]), most.context["more"]) == (20, "")
    assert "20 of 23 topics" in most.content.decode()
    for nonsense in ("-1", "0", "many", "9" * 50, "\u0663"):
        assert len(page.get(PAGE, {"shown": nonsense}).context["lines"]) == 10


def test_the_address_of_the_desk_leads_to_its_first_page(page: Client, client: Client) -> None:
    assert page.get("/create/").headers["Location"] == "/create/gaps/"
    client.logout()
    assert client.get("/create/").headers["Location"].startswith("/signin/")


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
