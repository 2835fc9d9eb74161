"""Can somebody choose a language, whatever the browser asks for, and without an account?"""

import re
from datetime import date

import pytest
from django.conf import settings as product
from django.test import Client
from django.utils import formats, translation

from personalize.templatetags.northway import duration, icon
from tests.factories import ada as a_learner
from tests.personalize.shop import Shop

CODES = [code for code, _name in product.LANGUAGES]
ENGLISH = {"Accept-Language": "en"}
SIGN_IN = {"en": "Sign in", "es": "Iniciar sesión", "de": "Anmelden", "ar": "تسجيل الدخول"}
URL = "/language/"

pytestmark = pytest.mark.usefixtures("as_before")


@pytest.fixture
def as_before() -> object:
    """A thread keeps the language of its last request; the next test must not."""
    yield
    translation.deactivate()


@pytest.mark.parametrize("language", CODES)
def test_a_guest_chooses_a_language_and_keeps_it(client: Client, shop: Shop, language: str) -> None:
    there = {"Referer": "http://testserver/explore/?level=beginner"}
    answer = client.post(URL, {"language": language}, headers=there)
    assert (answer.status_code, answer["Location"]) == (302, "/explore/?level=beginner")
    page = client.get("/signin/", headers=ENGLISH).content.decode()
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert SIGN_IN[language] in page


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("path", ["/signin/", "/explore/", "/privacy/notice/"])
def test_every_page_offers_all_languages_by_their_own_names(
    client: Client, shop: Shop, path: str, language: str
) -> None:
    page = client.get(path, headers={"Accept-Language": language}).content.decode()
    form = re.search(r'<form class="langs".*?</form>', page, re.DOTALL)
    assert form is not None
    offered = re.findall(r'value="(\w\w)"\s+lang="(\w\w)"[^>]*>([^<]+)<', form[0])
    assert offered == [(code, code, name) for code, name in product.LANGUAGES]
    assert re.findall(r'value="(\w\w)"[^>]*aria-current', form[0]) == [language]


def test_a_learner_chooses_too_and_an_answer_of_the_session_follows(
    client: Client, trained: Shop
) -> None:
    client.force_login(a_learner().account)
    client.post(URL, {"language": "es"})
    page = client.get("/home/", headers=ENGLISH).content.decode()
    assert 'lang="es"' in page
    assert "Mis datos" in page


def test_the_choice_is_the_only_thing_kept_and_scripts_cannot_read_it(
    client: Client, shop: Shop
) -> None:
    client.get("/explore/")
    assert not client.cookies
    kept = client.post(URL, {"language": "ar"}).cookies
    assert list(kept) == ["language"]
    assert kept["language"]["httponly"]
    assert kept["language"]["samesite"] == "Lax"
    assert kept["language"]["max-age"] == 365 * 24 * 60 * 60


def test_a_language_there_is_none_of_is_refused(client: Client, shop: Shop) -> None:
    answer = client.post(URL, {"language": "tlh"})
    assert answer.status_code == 400
    assert not answer.cookies


def test_another_site_cannot_choose(shop: Shop) -> None:
    strict = Client(enforce_csrf_checks=True)
    there = strict.post(URL, {"language": "ar"}, headers={"Sec-Fetch-Site": "cross-site"})
    here = strict.post(URL, {"language": "ar"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (there.status_code, here.status_code) == (403, 302)
    assert not there.cookies


def test_nobody_is_sent_to_another_site(client: Client, shop: Shop) -> None:
    outside = ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "")
    inside = "http://testserver//evil.example/"
    led = [
        client.post(URL, {"language": "de"}, headers={"Referer": page})["Location"]
        for page in (*outside, inside)
    ]
    assert led == ["/"] * len(outside) + ["/evil.example/"]


def test_only_a_form_chooses(client: Client, shop: Shop) -> None:
    assert client.get(URL).status_code == 405


@pytest.mark.parametrize(
    ("language", "day", "number", "time"),
    [
        ("en", "9 March 2026", "1,234.5", "1\u00a0h\u00a020\u00a0min"),
        ("es", "9 de marzo de 2026", "1\u00a0234,5", "1\u00a0h\u00a020\u00a0min"),
        ("de", "9. März 2026", "1.234,5", "1\u00a0Std.\u00a020\u00a0min"),
        ("ar", "9 مارس 2026", "1,234.5", "1\u00a0س\u00a020\u00a0د"),
    ],
)
def test_days_numbers_and_times_are_written_as_a_language_writes_them(
    language: str, day: str, number: str, time: str
) -> None:
    with translation.override(language):
        assert formats.date_format(date(2026, 3, 9)) == day
        assert formats.number_format(1234.5, 1, force_grouping=True) == number
        assert duration(80) == time


def test_only_pictures_that_point_turn_where_text_runs_leftwards() -> None:
    assert 'class="ic to big"' in icon("arrow", css="big")
    assert 'class="ic"' in icon("play")
