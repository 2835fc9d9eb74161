"""Over very many topics: can a brief say a number that no source has? Never."""

import re
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize.agents.briefs.document import Document, as_markdown, numbers
from personalize.agents.briefs.template import Given, estimate, write
from personalize.agents.briefs.worded import passes
from personalize.agents.demand import Asked, Said, Topic, Week
from personalize.algorithms.demand.coverage import Covering
from signals.data import CourseInfo, SearchYield

COUNTS = st.integers(2, 2_000).map(lambda n: 5 * n)
SHARES = st.floats(0.2, 1)
NAMES = st.sampled_from(
    ["sql", "web 3.0", "c++", "python 3 for 12 year olds", "first aid", "iso 27001"]
)
WEEKS = st.builds(Week, st.integers(0, 11), COUNTS, COUNTS, st.just(0), COUNTS, COUNTS)
JOBS = st.builds(
    Asked,
    st.just("Job posts, from a file"),
    st.just("job posts"),
    st.just("posts-2026.csv"),
    st.just("2026-11-16"),
    COUNTS,
    COUNTS,
    st.booleans(),
)
COURSE = CourseInfo(
    course_id=1,
    external_id="1",
    slug="one",
    title="Course 101 in 7 days",
    summary="",
    field="Data",
    level="beginner",
    language="en",
    provider="",
    minutes=95,
    skills=("sql", "Office 365"),
    prerequisites=(1,),
    modules=4,
)
TOPICS = st.builds(
    Topic,
    slug=st.just("a-topic"),
    topic=NAMES,
    said=st.lists(st.builds(Said, NAMES, COUNTS, COUNTS, COUNTS), max_size=3).map(tuple),
    weeks=st.lists(WEEKS, max_size=4).map(tuple),
    jobs=st.lists(JOBS, max_size=3).map(tuple),
    covering=st.lists(
        st.builds(Covering, st.just(1), SHARES, SHARES, SHARES, SHARES), max_size=2
    ).map(tuple),
)


@given(TOPICS, st.none() | COUNTS, st.none() | COUNTS)
def test_every_number_of_every_brief_is_a_figure_with_a_source(
    topic: Topic, searches: int | None, enrolments: int | None
) -> None:
    searching = SearchYield(searches, enrolments, 28)
    document = write(Given(topic, date(2026, 11, 16), {1: COURSE}, searching))
    text, _sources = as_markdown(document).split("\n## Sources\n")
    allowed = {number for figure in document.figures() for number in numbers(figure.said)}
    text = re.sub(r"\[\^\d+\]", "", text)  # the numbers of footnotes
    assert set(numbers(text)) - set(numbers(document.topic)) <= allowed
    assert {figure.source for figure in document.figures()} == set(document.sources)
    assert Document.read(document.as_json()) == document


@given(COUNTS, COUNTS)
def test_an_estimate_goes_from_low_to_high_and_is_not_more_than_the_searches(
    searches: int, enrolments: int
) -> None:
    topic = Topic("a", "a", weeks=(Week(0, 100, 120),))
    given_ = Given(topic, date(2026, 11, 16), {}, SearchYield(searches, enrolments, 28))
    found = estimate(given_)
    assert found is not None
    low, high = found
    assert 0 <= low <= high <= 13 * 145 / 12 + 5


def test_an_estimate_is_called_enrolments_at_most_wherever_it_is_named() -> None:
    topic = Topic("rust", "rust", weeks=(Week(0, 100, 120),))
    document = write(Given(topic, date(2026, 11, 16), {}, SearchYield(1000, 100, 28)))
    (title,) = (name for name, figure in document.facts if figure.source == "estimate")
    assert title == "Enrolments, at most, first quarter"
    assert document.sources["estimate"].title.startswith("Enrolments, at most")
    assert "count in every week" in document.sources["estimate"].counted


def test_without_searches_or_enrolments_nothing_is_estimated() -> None:
    for searches, enrolments in product((None, 100), (None, 100)):
        topic = Topic("a", "a", weeks=())
        given_ = Given(topic, date(2026, 11, 16), {}, SearchYield(searches, enrolments, 28))
        assert estimate(given_) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A course for those who searched 50 times.", True),
        ("A course for those who searched 51 times.", False),
        ("A course that 90% would finish.", False),
        ("A course that fifty learners want.", False),
        ("Half of all learners want it.", False),
        ("See https://example.org for more.", False),
        ("", False),
        ("Wanted. " * 100, False),
    ],
)
def test_what_a_model_writes_is_shown_only_where_its_numbers_are_figures(
    text: str, shown: bool
) -> None:
    topic = Topic("kubernetes", "kubernetes", weeks=(Week(0, 40, 50, 50),))
    found = write(Given(topic, date(2026, 11, 16), {}, SearchYield(None, None, 28)))
    assert passes(text, found) is shown
