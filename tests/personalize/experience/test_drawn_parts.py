"""Covers, icons, durations and the text of lessons."""

import re
from html.parser import HTMLParser

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from personalize.experience import art, prose
from personalize.templatetags.northway import duration, highlight, percent


def drawn(source: str, **context: object) -> str:
    return Template("{% load northway %}" + source).render(Context(context))


def test_a_cover_is_the_same_every_time_and_differs_between_courses() -> None:
    art.cover.cache_clear()
    first = art.cover(7, 1)
    art.cover.cache_clear()

    assert art.cover(7, 1) == first
    assert art.cover(8, 1) != first


def test_courses_of_a_field_share_their_colour() -> None:
    assert art.tone("Data") == art.tone("Data")
    assert {art.tone(str(i)) for i in range(100)} == set(range(1, art.TONES + 1))


@pytest.mark.parametrize(
    "source",
    ["{% cover 7 'Data' %}", "{% hills %}", "{% match 3 %}", "{% bar 0.4 'two fifths' %}"],
)
def test_nothing_drawn_needs_inline_style_or_script(source: str) -> None:
    assert not re.search(r"style=|<script|\son\w+=", drawn(source))


def test_a_bar_never_leaves_its_track() -> None:
    assert 'width="100.0%"' in drawn("{% bar 1.7 %}")
    assert 'width="0.0%"' in drawn("{% bar share %}", share=-0.2)


def test_the_label_of_a_bar_is_escaped() -> None:
    assert '"><script>' not in drawn("{% bar 0.5 label %}", label='"><script>')


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, ""), (45, "45 min"), (60, "1 h"), (80, "1 h 20 min"), (605, "10 h"), (660, "11 h")],
)
def test_minutes_are_said_as_people_do(minutes: int, said: str) -> None:
    assert duration(minutes).replace("\u00a0", " ") == said


def test_an_unknown_share_is_a_dash() -> None:
    assert (percent(None), percent(0.416), percent(0.416, 1)) == ("\u2013", "42%", "41.6%")


def test_words_of_a_query_are_marked_where_they_begin_a_word() -> None:
    marked = highlight("Tables of data, and metadata & more", "data table")

    assert marked == ("<mark>Tables</mark> of <mark>data</mark>, and metadata &amp; more")


def test_a_query_cannot_bring_markup_in() -> None:
    assert "<script>" not in highlight("<script>alert(1)</script>", "<script> alert")


def test_lessons_show_paragraphs_code_and_lists() -> None:
    text = "Read `x > 1` as\none line.\n\n    SELECT 1\n\n    FROM t;\n\n- first\n- second"

    assert prose.html(text) == (
        "<p>Read <code>x &gt; 1</code> as one line.</p>\n"
        "<pre><code>SELECT 1\n\nFROM t;</code></pre>\n"
        "<ul><li>first</li><li>second</li></ul>"
    )


def test_stars_inside_code_stay_stars() -> None:
    assert prose.html("`2 ** 3 ** 1` is **eight**") == (
        "<p><code>2 ** 3 ** 1</code> is <b>eight</b></p>"
    )


class _Tags(HTMLParser):
    """Collects the elements of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag if not attrs else f"{tag} with attributes")


@given(st.text(alphabet="<>&\"'`*- \n=/abcscript"))
def test_no_text_of_a_lesson_becomes_markup_of_its_own(text: str) -> None:
    tags = _Tags()
    tags.feed(prose.html(text))

    assert tags.found <= {"p", "pre", "code", "ul", "li", "b"}
