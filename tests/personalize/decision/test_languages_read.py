"""Lists keep to the languages a learner reads, as stated or as the page speaks; never empty."""

from typing import Any

import pytest
from django.test import Client

from personalize.data import Source
from personalize.decision import replayed, standing
from personalize.decision.context import Ask
from personalize.decision.recommend import recommend
from personalize.decision.surfaces import SURFACES
from personalize.models import Profile
from signals.models import Course, shelf
from tests.factories import Person, moment
from tests.factories import ada as a_learner
from tests.personalize.shop import Shop, says, states, touch

pytestmark = pytest.mark.django_db


@pytest.fixture
def german(trained: Shop) -> frozenset[int]:
    """Return the last three courses of each field, which are German now."""
    ids = [c.course_id for name in ("Data", "Care") for c in trained.field(name)[7:]]
    Course.objects.filter(pk__in=ids).update(language="de")
    shelf.forget()
    return frozenset(ids)


@pytest.fixture
def ada(trained: Shop) -> Person:
    """Return a learner of data."""
    person = a_learner()
    for ago, course in enumerate(trained.field("Data")[:3], start=1):
        touch(person.learner_id, course, enrolled_at=moment(days=ago))
    states(person.learner_id, goal="Data")
    return person


def listed(learner_id: int, *, language: str = "", k: int = 30) -> Any:
    """Return a list, wide enough for whatever may be on it."""
    return recommend(
        Ask(
            learner_id=learner_id,
            external_id=None,
            surface=SURFACES["home"],
            unit="course",
            intent=None,
            k=k,
            now=moment(),
            language=language,
        )
    )


def courses(answer: Any) -> set[int]:
    return {item.course_id for item in answer.items}


def reads(person: Person, *languages: str) -> None:
    standing.state_languages(person.learner_id, languages, now=moment())


def test_nobody_who_stated_nothing_and_came_by_no_page_is_kept_to_a_language(
    ada: Person, german: frozenset[int]
) -> None:
    answer = listed(ada.learner_id)
    assert courses(answer) & german
    assert answer.languages == ()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_language_of_the_page_and_that_of_most_courses_are_read(
    ada: Person, german: frozenset[int], language: str
) -> None:
    answer = listed(ada.learner_id, language=language)
    assert answer.source is Source.MODEL
    assert answer.items
    assert not courses(answer) & german


def test_a_page_in_german_leads_to_courses_in_german_too(
    ada: Person, german: frozenset[int]
) -> None:
    answer = listed(ada.learner_id, language="de")
    assert courses(answer) & german
    assert courses(answer) - german


def test_what_was_stated_goes_before_the_page(ada: Person, german: frozenset[int]) -> None:
    reads(ada, "de")
    answer = listed(ada.learner_id, language="en")
    assert courses(answer)
    assert courses(answer) <= german
    assert answer.languages == ("de",)
    reads(ada)
    assert not courses(listed(ada.learner_id, language="en")) & german


def test_who_reads_what_no_course_is_in_gets_a_list_all_the_same(
    ada: Person, german: frozenset[int]
) -> None:
    reads(ada, "ja")
    answer = listed(ada.learner_id)
    assert answer.items
    assert answer.languages == ()


def test_where_all_that_is_read_was_refused_the_list_is_not_empty(
    ada: Person, german: frozenset[int], trained: Shop
) -> None:
    reads(ada, "de")
    for course in trained.courses:
        if course.course_id in german:
            says(ada.learner_id, course, "not_for_me")
    answer = listed(ada.learner_id)
    assert answer.items
    assert not courses(answer) & german


def test_the_list_that_is_the_same_for_many_is_kept_to_the_same_languages(
    ada: Person, german: frozenset[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("personalize.decision.onboarding.can_start", lambda **_known: False)
    answer = listed(ada.learner_id, language="en")
    assert answer.source is Source.POPULAR
    assert answer.items
    assert not courses(answer) & german


def test_a_list_that_kept_to_languages_is_made_again_from_its_log(
    ada: Person, german: frozenset[int]
) -> None:
    answer = listed(ada.learner_id, language="en", k=8)
    Profile.objects.update(languages=["de"], known_skills=["Data skill 5", "Data skill 6"])
    again = replayed.replayed(answer.request_id)
    assert again is not None
    assert (again.said, again.made, again.same) == ((), True, True)


def test_languages_are_chosen_on_the_page_and_told_in_the_panel(
    client: Client, ada: Person, german: frozenset[int]
) -> None:
    client.force_login(ada.account)
    page = client.get("/goal/").content.decode()
    assert "Which languages do you read?" in page
    assert "German" in page
    sent = {"part": "all", "goal": "Data", "minutes_per_week": "60", "languages": ["de"]}
    client.post("/goal/", sent)
    assert Profile.objects.get(learner_id=ada.learner_id).languages == ["de"]
    home = client.get("/home/")
    assert {card.course_id for card in home.context["picks"].cards} <= german
    card = home.context["picks"].cards[0]
    assert "This list keeps to courses in German." in client.get(card.why_href).content.decode()
    assert client.post("/goal/", sent | {"languages": ["xx"]}).status_code == 400


def test_who_asks_by_rest_is_read_from_the_header_where_there_is_one(
    client: Client, ada: Person, german: frozenset[int], trained: Shop
) -> None:
    client.force_login(ada.account)
    names = {c.external_id for c in trained.courses if c.course_id in german}
    asked: tuple[tuple[dict[str, str], bool], ...] = (
        ({}, True),
        ({"Accept-Language": "en"}, False),
        ({"Accept-Language": "*"}, True),
        ({"Accept-Language": "de-CH, en;q=0.8"}, True),
        ({"Accept-Language": "no such thing"}, True),
    )
    for headers, some in asked:
        answer = client.get("/personalize/v1/recommendations?k=30", headers=headers).json()
        assert answer["items"]
        assert bool({item["course"] for item in answer["items"]} & names) is some


def test_a_header_may_name_a_language_that_only_courses_are_in(
    client: Client, ada: Person, german: frozenset[int], trained: Shop
) -> None:
    """A reader of French gets what is in French, although no page is."""
    client.force_login(ada.account)
    Course.objects.filter(pk__in=german).update(language="fr")
    shelf.forget()
    names = {c.external_id for c in trained.courses if c.course_id in german}
    for said, some in (("fr-CA, en;q=0.5", True), ("fr;q=0, en", False)):
        asked = {"Accept-Language": said}
        answer = client.get("/personalize/v1/recommendations?k=30", headers=asked).json()
        assert bool({item["course"] for item in answer["items"]} & names) is some
