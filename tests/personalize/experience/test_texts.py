"""Do learners read their own language, on pages and in answers, and is no text forgotten?"""

import gettext
import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings as product
from django.test import Client
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize.management import texts
from personalize.management.texts import Text
from tests.factories import ada as a_learner
from tests.factories import moment, new_key, root
from tests.personalize.shop import Shop, learner, touch

OTHERS = [code for code, _name in product.LANGUAGES if code != product.LANGUAGE_CODE]
WAITING_MOST = 0.02  # of texts: a new one may wait for its translator, more may not
HOLES = re.compile(r"%(?:\(\w+\))?[sd]|%%|</?\w+[^>]*>")
UNSAID = re.compile(r"(%(?:\(\w+\))?)\.0s")  # a number that the words around it say
PAGES = (
    "/home/",
    "/home/?intent=short",
    "/explore/",
    "/search/?q=data",
    "/search/?q=nothing",
    "/course/data-0/",
    "/goal/",
    "/about/recommendations/",
    "/privacy/",
    "/privacy/history/",
    "/privacy/log/",
    "/privacy/erase/",
    "/privacy/notice/",
    "/privacy/do-not-sell/",
)
GERMAN = {"Accept-Language": "de-CH,de;q=0.9,en;q=0.8"}


@pytest.fixture(autouse=True)
def _nobody_else_speaks_german() -> Iterator[None]:
    """A thread keeps the language of its last request; the next test must not."""
    yield
    translation.deactivate()


@cache
def wanted() -> tuple[Text, ...]:
    """Return what learners read; the sources are gone through once."""
    return texts.texts()


def holes(said: str) -> list[str]:
    """Return what is filled in, and the marks of HTML."""
    return sorted(HOLES.findall(said))


def filled(said: str) -> list[list[str]]:
    """Return what a translation fills in; a number it leaves to its words may be of any kind."""
    return [holes(UNSAID.sub(rf"\1{kind}", said)) for kind in "ds"]


def forms_of(text: Text, told: tuple[str, ...]) -> list[str]:
    """Return the English form beside each form of a translation."""
    return [text.one] + [text.many] * (len(told) - 1)


@pytest.mark.parametrize("language", OTHERS)
def test_learners_texts_are_translated_but_for_a_few_new_ones(language: str) -> None:
    known = texts.read(texts.file_of(language))
    waiting = [text.one for text in wanted() if not all(known.get(text, ("",)))]
    assert len(wanted()) > 600
    assert len(waiting) <= WAITING_MOST * len(wanted()), f"Run update_texts, translate: {waiting}"


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_fills_in_what_its_text_fills_in(language: str) -> None:
    wrong = [
        (text, said)
        for text, told in texts.read(texts.file_of(language)).items()
        for english, said in zip(forms_of(text, told), told, strict=True)
        if said and holes(english) not in filled(said)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_every_form_its_language_counts_with(language: str) -> None:
    told = texts.read(texts.file_of(language))
    assert [text for text in told if len(told[text]) != text.forms(language)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_what_pages_read_is_made_of_the_file_of_translators(language: str) -> None:
    file = texts.file_of(language)
    assert file.with_suffix(".mo").read_bytes() == texts.compiled(texts.read(file), language)


def test_pages_are_in_the_language_a_browser_asks_for(client: Client, trained: Shop) -> None:
    ada = a_learner()
    for course in trained.field("Data")[:3]:
        touch(ada.learner_id, course, enrolled_at=moment(days=3))
    client.force_login(ada.account)
    answer = client.get("/home/", headers=GERMAN)
    page = answer.content.decode()
    assert 'lang="de"' in page
    assert "Für dich ausgewählt" in page
    assert "Warum du das siehst" in page
    assert "gestützt auf 3 Kurse von dir" in page
    assert "Picked for you" not in page


def test_no_page_of_a_learner_breaks_in_german(client: Client, trained: Shop) -> None:
    ada = a_learner()
    touch(ada.learner_id, trained.field("Data")[0], enrolled_at=moment(days=3))
    client.force_login(ada.account)
    for path in PAGES:
        answer = client.get(path, headers=GERMAN)
        page = answer.content.decode()
        assert answer.status_code == 200, path
        assert 'lang="de"' in page, path
        assert not re.findall(r'="-?\d+,\d+"', page), f"a number of {path} is none to a browser"


def test_another_language_gets_english_and_no_half_of_its_own(client: Client, shop: Shop) -> None:
    page = client.get("/signin/", headers={"Accept-Language": "fr"}).content.decode()
    assert 'lang="en"' in page
    assert "Password" in page


def test_an_answer_gives_its_reasons_in_the_language_a_platform_asks_for(
    client: Client, trained: Shop
) -> None:
    learner("ada", enrolled=trained.field("Data")[:3])
    key = new_key("lms", "recommend")
    headers = {"Authorization": f"Bearer {key}", "Accept-Language": "de"}
    answer = client.get("/personalize/v1/recommendations", {"learner": "ada"}, headers=headers)
    told = answer.json()
    assert "bezahlte Plätze" in told["not_used"]
    said = [reason["text"] for item in told["items"] for reason in item["reasons"]]
    assert any("Data course" in text for text in said)
    assert not [text for text in said if text.startswith(("You", "Several", "Other"))]


def test_the_tower_is_in_english_whatever_a_browser_asks_for(client: Client, db: None) -> None:
    client.force_login(root().account)
    answer = client.get("/tower/", headers=GERMAN)
    page = answer.content.decode()
    assert 'lang="en"' in page
    assert answer.headers["Content-Language"] == "en"
    assert "Abmelden" not in page


def test_texts_are_found_in_code_and_in_templates(tmp_path: Path) -> None:
    for place in texts.PLACES:
        (tmp_path / place).mkdir(parents=True)
    for name in texts.PAGES:
        (tmp_path / "templates" / f"{name}.html").write_text("{% load i18n %}")
    (tmp_path / "personalize/experience/a.py").write_text(
        'gettext("One" " text")\nngettext("%d day", "%d days", n)\ngettext(name)\nother("No")\n'
    )
    (tmp_path / "templates/experience/a.html").write_text(
        '{% translate "Two" %}{% blocktranslate with a=b %}It\'s {{ a }}{% endblocktranslate %}'
        "{% blocktranslate count n=m %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}"
        '{# translate "No" #}Plain'
    )
    assert texts.texts(tmp_path) == (
        Text("One text"),
        Text("%d day", "%d days"),
        Text("Two"),
        Text("It's %(a)s"),
        Text("%(n)s day", "%(n)s days"),
    )


SAID = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=30)
ONE_FORM = st.dictionaries(st.builds(Text, SAID), st.tuples(SAID), max_size=5)
TWO_FORMS = st.dictionaries(st.builds(Text, SAID, SAID), st.tuples(SAID, SAID), max_size=5)


@settings(max_examples=40, deadline=None)
@given(ONE_FORM, TWO_FORMS)
def test_what_is_written_is_read_again_and_understood_by_gettext(
    ones: dict[Text, tuple[str, ...]], twos: dict[Text, tuple[str, ...]]
) -> None:
    by_id = {text.one: (text, told) for text, told in (ones | twos).items()}
    known = dict(by_id.values())
    assert texts.parsed(texts.written(known, known, "de")) == known
    found = gettext.GNUTranslations(BytesIO(texts.compiled(known, "de")))
    for text, told in known.items():
        if text.many:
            assert found.ngettext(text.one, text.many, 1) == told[0]
            assert found.ngettext(text.one, text.many, 2) == told[1]
        else:
            assert found.gettext(text.one) == told[0]


def test_arabic_is_counted_in_its_six_forms() -> None:
    days = Text("day", "days")
    known = {days: ("zero", "one", "two", "few", "many", "other")}
    assert texts.parsed(texts.written(known, known, "ar")) == known
    found = gettext.GNUTranslations(BytesIO(texts.compiled(known, "ar")))
    said = {n: found.ngettext(days.one, days.many, n) for n in (0, 1, 2, 3, 10, 11, 99, 100, 103)}
    assert said == {
        0: "zero",
        1: "one",
        2: "two",
        3: "few",
        10: "few",
        11: "many",
        99: "many",
        100: "other",
        103: "few",
    }
