"""The learner's pages: each opens, each form works without JavaScript and with it."""

import re
from uuid import UUID

import pytest
from django.test import Client

from personalize.decision import feedback
from personalize.models import Feedback, Profile
from signals import api, catalogue
from signals.data import NewEvent
from signals.models import Event
from tests.factories import Person, ada, ben, cleo, cold, moment, uma
from tests.personalize.shop import Shop, touch

HTMX = {"HX-Request": "true"}


@pytest.fixture
def person(trained: Shop) -> Person:
    """Return ada, who took four courses in one field."""
    somebody = ada()
    for ago, course in enumerate(trained.field("Data")[:4], start=1):
        touch(somebody.learner_id, course, enrolled_at=moment(days=ago))
    return somebody


@pytest.fixture
def page(client: Client, person: Person) -> Client:
    """Return a browser in which ada is signed in."""
    client.force_login(person.account)
    return client


def first_pick(page: Client) -> tuple[UUID, int]:
    """Return the request and the first course of the home list."""
    picks = page.get("/home/").context["picks"]
    return picks.request_id, picks.cards[0].course_id


def shown(page: Client) -> list[int]:
    return [card.course_id for card in page.get("/home/").context["picks"].cards]


def test_home_shows_picks_with_the_first_reason_open(page: Client) -> None:
    answer = page.get("/home/")

    assert answer.status_code == 200
    assert answer.context["picks"].source == "model"
    assert answer.context["picks"].cards[0].why.sentence
    assert "Why you are seeing this" in answer.content.decode()


def test_home_greets_a_new_learner_with_the_first_question(client: Client, trained: Shop) -> None:
    client.force_login(cold().account)

    answer = client.get("/home/")

    assert [step.done for step in answer.context["steps"]] == [False, False, False]
    assert answer.context["picks"].source == "popular"


def test_home_with_personalization_off_has_no_bars_and_no_reasons(
    client: Client, trained: Shop
) -> None:
    client.force_login(ben().account)

    picks = client.get("/home/").context["picks"]

    assert picks.source == "off"
    assert not picks.on
    assert all(card.confidence == 0 and not card.line for card in picks.cards)


def test_a_list_that_was_shown_is_recorded_once(page: Client, person: Person) -> None:
    page.get("/home/")

    assert events(person, "rec.shown") == 1


def test_why_is_a_page_and_a_fragment(page: Client) -> None:
    request_id, course_id = first_pick(page)
    url = f"/why/{request_id}/{course_id}/"

    whole, part = page.get(url), page.get(url, headers=HTMX)
    closed = page.get(f"{url}?open=0", headers=HTMX)

    assert "<html" in whole.content.decode()
    assert "<html" not in part.content.decode()
    assert "Why you are seeing this" in part.content.decode()
    assert "Why you are seeing this" not in closed.content.decode()


def test_why_of_another_learners_list_is_not_found(page: Client, client: Client) -> None:
    request_id, course_id = first_pick(page)
    client.force_login(cold().account)

    assert client.get(f"/why/{request_id}/{course_id}/").status_code == 404
    assert client.get(f"/why/{request_id}/999999/").status_code == 404


def test_not_for_me_without_javascript_leads_home_with_a_way_back(
    page: Client, person: Person
) -> None:
    request_id, course_id = first_pick(page)

    answer = page.post(
        f"/feedback/{request_id}/", {"course": course_id, "action": "not_for_me"}, follow=True
    )

    assert answer.context["undo"].course_id == course_id
    assert course_id not in shown(page)
    assert events(person, "rec.dismissed") == 1


def test_not_for_me_in_place_answers_with_the_undo_line(page: Client) -> None:
    request_id, course_id = first_pick(page)

    answer = page.post(
        f"/feedback/{request_id}/", {"course": course_id, "action": "not_for_me"}, headers=HTMX
    )

    assert "Undo" in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_undo_brings_the_course_back(page: Client) -> None:
    request_id, course_id = first_pick(page)
    page.post(f"/feedback/{request_id}/", {"course": course_id, "action": "not_for_me"})

    answer = page.post(
        f"/feedback/{request_id}/", {"course": course_id, "action": "undo"}, headers=HTMX
    )

    assert 'id="picks"' in answer.content.decode()
    assert course_id in shown(page)


def test_a_snooze_ends_after_thirty_days(page: Client, person: Person) -> None:
    request_id, course_id = first_pick(page)

    page.post(f"/feedback/{request_id}/", {"course": course_id, "action": "snooze"})

    said = Feedback.objects.get(learner_id=person.learner_id)
    assert said.until is not None
    assert (said.until - said.at).days == feedback.SNOOZE_DAYS
    assert course_id not in shown(page)


def test_nobody_speaks_for_another_learner(page: Client, client: Client) -> None:
    request_id, course_id = first_pick(page)
    client.force_login(cold().account)

    answer = client.post(f"/feedback/{request_id}/", {"course": course_id, "action": "not_for_me"})

    assert answer.status_code == 404
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("body", [{}, {"course": "x", "action": "snooze"}, {"course": 1}])
def test_feedback_that_says_nothing_is_refused(page: Client, body: dict[str, str]) -> None:
    request_id, _course_id = first_pick(page)

    assert page.post(f"/feedback/{request_id}/", body).status_code == 400


def test_one_click_switches_off_and_the_same_click_back(page: Client, person: Person) -> None:
    request_id, course_id = first_pick(page)

    off = page.post("/personalization/", {"on": "0"}, follow=True)
    told = page.get(f"/why/{request_id}/{course_id}/").content.decode()
    on = page.post("/personalization/", {"on": "1"}, follow=True)

    assert off.context["picks"].source == "off"
    assert "reasons were deleted" in told
    assert on.context["picks"].source == "model"
    assert api.allowed(person.learner_id).personalization


def test_a_goal_is_kept_and_followed(client: Client, trained: Shop) -> None:
    somebody = cold()
    client.force_login(somebody.account)

    answer = client.post("/goal/", {"part": "goal", "goal": "Care"}, follow=True)

    assert answer.context["picks"].source == "onboarding"
    assert answer.context["goal"] == "Care"
    assert all(card.field == "Care" for card in answer.context["picks"].cards[:3])


def test_goal_interests_and_time_are_kept_together(page: Client, person: Person) -> None:
    page.post(
        "/goal/",
        {
            "part": "all",
            "goal": "Web",
            "interests": ["Web skill 1", "Web skill 2"],
            "minutes_per_week": "60",
        },
    )

    kept = Profile.objects.get(learner_id=person.learner_id)
    assert (kept.goal, kept.interests, kept.minutes_per_week) == (
        "Web",
        ["Web skill 1", "Web skill 2"],
        60,
    )
    assert "Web skill 1" in page.get("/goal/").context["interests"]


def test_a_goal_the_catalogue_does_not_have_is_refused(page: Client) -> None:
    assert page.post("/goal/", {"part": "goal", "goal": "Astrology"}).status_code == 400


def test_what_was_hidden_is_listed_with_a_way_back(
    page: Client, person: Person, trained: Shop
) -> None:
    request_id, course_id = first_pick(page)
    page.post(f"/feedback/{request_id}/", {"course": course_id, "action": "not_for_me"})

    listed = page.get("/goal/").context["silenced"]

    assert [undo.course_id for undo in listed] == [course_id]


def test_the_chosen_intent_stays_pressed(page: Client) -> None:
    answer = page.get("/home/picks/?intent=continue", headers=HTMX)

    chips = answer.context["picks"].chips
    assert [chip.value for chip in chips if chip.pressed] == ["continue"]


def test_continue_leads_to_the_next_lessons_and_a_click_there_counts(
    page: Client, person: Person, trained: Shop
) -> None:
    picks = page.get("/home/?intent=continue").context["picks"]
    first = picks.cards[0]

    lesson = page.get(first.href)
    told = page.get(first.why_href, headers=HTMX).content.decode()

    assert {card.course_id for card in picks.cards[:4] if card.module} == {
        course.course_id for course in trained.field("Data")[:4]
    }
    assert not any(card.module for card in picks.cards[4:])
    assert lesson.context["module"].title == first.module
    assert f"{first.module}" in told
    assert requests(person, "rec.clicked") == [picks.request_id]


def test_home_continues_the_course_the_learner_was_in_last(page: Client, trained: Shop) -> None:
    assert page.get("/home/").context["continuing"].course == trained.field("Data")[0].title


def test_a_course_is_viewed_enrolled_learnt_and_completed(client: Client, trained: Shop) -> None:
    somebody, course = cold(), trained.field("Web")[0]
    client.force_login(somebody.account)

    client.get(f"/course/{course.slug}/")
    client.post(f"/course/{course.slug}/enrol/")
    for module in catalogue.modules(course.course_id):
        assert client.get(f"/course/{course.slug}/{module.module_id}/").status_code == 200
        answer = client.post(f"/course/{course.slug}/{module.module_id}/done/", follow=True)
    rated = client.post(f"/course/{course.slug}/rate/", {"rating": "5"}, follow=True)

    assert answer.context["standing"] == "completed"
    assert "counts" in rated.content.decode()
    for kind, n in {
        "course.viewed": 3,
        "course.enrolled": 1,
        "lesson.started": 3,
        "lesson.completed": 3,
        "course.completed": 1,
        "course.rated": 1,
    }.items():
        assert events(somebody, kind) == n, kind


def test_a_course_that_is_not_completed_cannot_be_rated(page: Client, trained: Shop) -> None:
    course = trained.field("Data")[0]

    answer = page.post(f"/course/{course.slug}/rate/", {"rating": "5"}, follow=True)

    assert "after you have completed it" in answer.content.decode()


def test_leaving_a_course_ends_the_enrolment(page: Client, trained: Shop) -> None:
    course = trained.field("Data")[0]

    answer = page.post(f"/course/{course.slug}/leave/", follow=True)

    assert answer.context["standing"] == "left"


def test_a_click_on_a_pick_is_counted_once_and_only_for_its_learner(
    page: Client, client: Client, person: Person
) -> None:
    request_id, course_id = first_pick(page)
    slug = catalogue.courses()[course_id].slug
    other = cold()

    page.get(f"/course/{slug}/?from={request_id}")
    page.get(f"/course/{slug}/?from={request_id}")
    client.force_login(other.account)
    client.get(f"/course/{slug}/?from={request_id}")

    assert events(person, "rec.clicked") == 1
    assert events(other, "rec.clicked") == 0
    assert events(other, "course.viewed") == 1


ANOTHER_SITE = {"Sec-Fetch-Site": "cross-site"}
PREFETCH = {"Sec-Fetch-Site": "same-origin", "Sec-Purpose": "prefetch;prerender"}


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({}, 1),
        ({"Sec-Fetch-Site": "same-origin"}, 1),
        ({"Sec-Fetch-Site": "none"}, 1),
        ({"Sec-Fetch-Site": "same-site"}, 0),
        (ANOTHER_SITE, 0),
        (PREFETCH, 0),
        ({"Purpose": "prefetch"}, 0),
    ],
)
def test_a_page_notices_only_what_its_learner_asked_for_here(
    page: Client, person: Person, trained: Shop, headers: dict[str, str], kept: int
) -> None:
    course = trained.field("Data")[7]
    enrolled = NewEvent("course.enrolled", person.learner_id, moment(), course.course_id)
    api.record([enrolled], now=moment())
    lesson = f"/course/{course.slug}/{catalogue.modules(course.course_id)[0].module_id}/"

    assert page.get(f"/course/{course.slug}/", headers=headers).status_code == 200
    assert page.get("/search/?q=data", headers=headers).status_code == 200
    assert page.get(lesson, headers=headers).status_code == 200

    assert events(person, "course.viewed") == kept
    assert events(person, "search.performed") == kept
    assert events(person, "lesson.started") == kept


@pytest.mark.parametrize(("headers", "kept"), [(ANOTHER_SITE, 1), (PREFETCH, 0)])
def test_a_list_is_seen_wherever_the_way_to_it_began_but_not_when_fetched_ahead(
    page: Client, person: Person, headers: dict[str, str], kept: int
) -> None:
    before = events(person, "rec.shown")

    shown = page.get("/home/", headers=headers).context["picks"]
    slug = catalogue.courses()[shown.cards[0].course_id].slug
    page.get(f"/course/{slug}/?from={shown.request_id}", headers=headers)

    assert events(person, "rec.shown") - before == kept
    assert events(person, "rec.clicked") == kept


def test_an_enrolment_from_a_pick_carries_its_request(page: Client, person: Person) -> None:
    request_id, course_id = first_pick(page)
    slug = catalogue.courses()[course_id].slug

    page.post(f"/course/{slug}/enrol/", {"from": str(request_id)})

    assert requests(person, "course.enrolled") == [request_id]


def test_search_finds_and_is_counted(page: Client, person: Person) -> None:
    answer = page.get("/search/?q=care+course")

    assert answer.context["found"].total == 10
    assert answer.context["counted"]
    assert events(person, "search.performed") == 1


def test_a_search_without_consent_is_not_counted(client: Client, trained: Shop) -> None:
    client.force_login(ben().account)

    assert not client.get("/search/?q=nothing+like+it").context["counted"]


def test_search_pages_keep_their_words(page: Client) -> None:
    answer = page.get("/search/?q=course")

    assert answer.context["window"]["total"] == 40
    assert "q=course" in answer.context["window"]["next"]
    assert page.get("/search/" + answer.context["window"]["next"]).context["window"]["first"] == 25


@pytest.mark.parametrize("words", ["%00", "%F0%9F%92%A9", "x" * 900, "'; DROP TABLE", "%"])
def test_any_words_can_be_searched(client: Client, trained: Shop, words: str) -> None:
    assert client.get(f"/search/?q={words}").status_code == 200


def test_explore_is_open_to_everyone_by_field(client: Client, trained: Shop) -> None:
    answer = client.get("/explore/?field=Care&page=1")

    assert answer.status_code == 200
    assert answer.context["found"].total == 10


def test_about_reads_the_running_configuration(client: Client, trained: Shop) -> None:
    answer = client.get("/about/recommendations/")

    assert answer.status_code == 200
    assert len(answer.context["sources"]) == 8


def test_global_privacy_control_is_stored_for_the_account(page: Client, person: Person) -> None:
    page.get("/home/", headers={"Sec-GPC": "1"})

    allowed = api.allowed(person.learner_id)
    assert (allowed.personalization, allowed.fine_grained, allowed.inferred) == (True, False, False)


def test_about_says_how_many_lists_keep_a_place_open(
    client: Client, trained: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("personalize.decision.exploring.SHARE", 0.1)

    told = client.get("/about/recommendations/").content.decode()

    assert "In 10% of lists, drawn by chance, one place" in " ".join(told.split())


@pytest.mark.parametrize(
    "wanted", ["https://elsewhere.example/", "//elsewhere.example/", "elsewhere", "goal/"]
)
def test_no_form_returns_to_another_site(page: Client, wanted: str) -> None:
    answer = page.post("/personalization/", {"on": "1", "next": wanted})

    assert answer["Location"] == "/home/"


def test_pages_of_a_person_are_kept_by_nobody(page: Client, client: Client) -> None:
    for url in ("/home/", "/goal/", "/explore/"):
        answer = page.get(url)
        assert answer["Cache-Control"] == "private, no-store"
        assert "HX-Request" in answer["Vary"]

    client.logout()
    assert "Cache-Control" not in client.get("/explore/")


def test_staff_find_the_tower_from_the_catalogue(client: Client, trained: Shop) -> None:
    client.force_login(uma().account)

    assert "Control tower" in client.get("/explore/").content.decode()


def test_too_many_wrong_passwords_are_answered_in_words(client: Client, person: Person) -> None:
    for _ in range(10):
        answer = client.post("/signin/", {"username": "ada", "password": "wrong"})

    assert answer.status_code == 429
    assert "Sign-in is paused" in answer.content.decode()


def test_sign_in_and_out(client: Client, person: Person) -> None:
    answer = client.post(
        "/signin/", {"username": "ada", "password": "an honest password"}, follow=True
    )
    assert answer.redirect_chain[-1][0] == "/home/"

    client.post("/signout/")
    assert client.get("/home/").status_code == 302


def test_staff_who_learn_nothing_are_led_to_the_catalogue(client: Client, trained: Shop) -> None:
    client.force_login(cleo().account)

    assert client.get("/home/")["Location"] == "/explore/"
    assert client.post("/personalization/", {"on": "0"}).status_code == 403


def test_every_id_on_a_page_is_used_once(page: Client) -> None:
    ids = re.findall(r'\sid="([^"]+)"', page.get("/home/").content.decode())

    assert len(ids) == len(set(ids))


def events(person: Person, kind: str) -> int:
    return len(requests(person, kind))


def requests(person: Person, kind: str) -> list[UUID | None]:
    code = api.kind_codes()[kind]
    rows = Event.objects.filter(learner_id=person.learner_id, kind=code)
    return list(rows.values_list("request_id", flat=True))
