"""My data: what is held, and switches, copies and ends that act at once, without JavaScript."""

import io
import json
import re
import zipfile
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from personalize import api as personalize
from personalize.models import Profile
from signals import api, catalogue
from signals.data import NOTHING, Actor, ActorKind, Allowed, NewEvent, Purpose
from signals.kinds.registry import KINDS
from signals.models import Event
from tests.factories import Person, ada, ben, cold, moment, new_learner
from tests.personalize.shop import Shop, states, touch

GPC = {"Sec-GPC": "1"}
PLAIN = Allowed(personalization=True, fine_grained=False, inferred=False)
SWITCH, MINE = "/privacy/switch/", "/privacy/"


@pytest.fixture
def person(trained: Shop) -> Person:
    """Return ada, who has a goal and took four courses in one field."""
    somebody = ada()
    states(somebody.learner_id, goal="Data")
    for ago, course in enumerate(trained.field("Data")[:4], start=1):
        touch(somebody.learner_id, course, enrolled_at=moment(days=ago))
    return somebody


@pytest.fixture
def page(client: Client, person: Person) -> Client:
    """Return a browser in which ada is signed in."""
    client.force_login(person.account)
    return client


def switch(page: Client, purpose: Purpose, on: str, **more: object) -> str:
    """Use a switch as the page's form does; return the page that follows, as text."""
    answer = page.post(SWITCH, {"purpose": purpose, "on": on}, follow=True, **more)  # type: ignore[arg-type]
    assert answer.redirect_chain == [(MINE, 302)]
    return answer.content.decode()


def says(person: Person) -> Allowed:
    return api.allowed(person.learner_id)


def views(learner_id: int, course_id: int, *moments: datetime) -> None:
    """Let a learner have opened a course page at these moments."""
    rows = [NewEvent("course.viewed", learner_id, at, course_id=course_id) for at in moments]
    api.record(rows, now=moment())


def test_my_data_is_one_click_from_every_page_and_shows_what_is_held(page: Client) -> None:
    home, mine = page.get("/home/").content.decode(), page.get(MINE)

    assert home.count('href="/privacy/"') == 3  # the navigation, a phone's, and the account menu
    assert "Goal: Data" in mine.content.decode()
    assert [tier.on for tier in mine.context["tiers"]] == [True, True, True, True]


def test_labels_name_every_kind_of_the_contract_and_its_retention(page: Client) -> None:
    tiers = page.get(MINE).context["tiers"]

    words = {"course.viewed": 1, "search.performed": 1, "quiz.scored": 0, "video.paused": 2}
    told = {
        "course.viewed": "course pages opened",
        "search.performed": "searches",
        "quiz.scored": "quiz results",
        "video.paused": "pauses",
    }
    assert all(told[kind] in tiers[tier].collected.lower() for kind, tier in words.items())
    assert all(str(kind.retention_months) in tiers[kind.tier].kept for kind in KINDS.values())
    assert not re.search(r"[a-z]+\.[a-z]+", " ".join(tier.collected for tier in tiers))


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_switch_acts_on_the_very_next_answer(
    page: Client, person: Person, purpose: Purpose
) -> None:
    switch(page, purpose, "0")
    off = getattr(says(person), purpose)
    switch(page, purpose, "1")

    assert (off, getattr(says(person), purpose)) == (False, True)


def test_the_very_next_list_is_everybodys_when_personalization_goes_off(page: Client) -> None:
    address = "/personalize/v1/recommendations"
    before = page.get(address).json()["source"]
    switch(page, Purpose.PERSONALIZATION, "0")
    after = page.get(address).json()["source"]
    switch(page, Purpose.PERSONALIZATION, "1")

    assert (before, after, page.get(address).json()["source"]) == ("model", "off", "model")


def test_consents_cannot_be_given_while_personalization_is_off(
    client: Client, trained: Shop
) -> None:
    person = ben()
    client.force_login(person.account)

    assert "turn personalization on first" in switch(client, Purpose.INFERRED, "1")
    assert not says(person).inferred


@pytest.mark.parametrize("purpose", [Purpose.FINE_GRAINED, Purpose.INFERRED])
def test_under_18_what_needs_consent_is_off_and_cannot_be_switched_on(
    page: Client, person: Person, purpose: Purpose
) -> None:
    page.post("/privacy/age/", {"band": "under18"})
    before = says(person)

    assert "under 18, this stays off" in switch(page, purpose, "1")
    assert says(person) == before == PLAIN


def test_under_13_no_profile_is_kept_and_none_can_be_asked_for(
    page: Client, person: Person, trained: Shop
) -> None:
    views(person.learner_id, trained.courses[0].course_id, moment(hours=1))
    page.post("/privacy/age/", {"band": "under13"})
    page.post("/privacy/interests/", {"add": trained.courses[0].skills[0]})
    text = switch(page, Purpose.PERSONALIZATION, "1")

    assert "under 13, no profile is kept" in text
    assert Event.objects.filter(learner_id=person.learner_id).count() == 0
    assert not Profile.objects.filter(learner_id=person.learner_id).exists()
    assert says(person) == NOTHING
    assert page.get("/home/").context["picks"].source == "off"


def test_under_13_no_goal_is_kept_either(page: Client, person: Person) -> None:
    page.post("/privacy/age/", {"band": "under13"})
    said = page.post("/goal/", {"part": "goal", "goal": catalogue.fields()[0][0]}, follow=True)
    assert "no profile is kept, so no goal either" in said.content.decode()
    assert not Profile.objects.filter(learner_id=person.learner_id).exists()


def test_a_learner_cannot_say_that_they_are_older_than_was_said(
    page: Client, person: Person
) -> None:
    page.post("/privacy/age/", {"band": "under13"})
    answer = page.post("/privacy/age/", {"band": ""}, follow=True)

    assert "Only your school or the privacy officer" in answer.content.decode()
    assert api.switches(person.learner_id).age_band == "under13"


def test_gpc_is_shown_as_honoured_with_what_it_turns_off(page: Client, person: Person) -> None:
    assert "Global Privacy Control" not in page.get(MINE).content.decode()

    text = page.get(MINE, headers=GPC).content.decode()

    assert "Global Privacy Control is honoured" in text
    for off in ("sharing outside the platform", "fine details", "infer", "campaigns"):
        assert off in text
    assert says(person) == PLAIN
    assert "Global Privacy Control" in switch(page, Purpose.INFERRED, "1")  # on every device
    assert not says(person).inferred


def test_interests_are_added_and_removed_and_the_goal_taken_back(
    page: Client, person: Person, trained: Shop
) -> None:
    add, remove = trained.courses[0].skills[0], trained.courses[0].skills[1]
    for sent in ({"add": add}, {"add": remove}, {"remove": remove}, {"goal": "none"}):
        assert page.post("/privacy/interests/", sent).status_code == 302

    profile = Profile.objects.get(learner_id=person.learner_id)
    assert (profile.goal, profile.interests) == ("", [add])
    assert [line.skill for line in page.get(MINE).context["interests"]] == [add]


def interests(page: Client, **sent: object) -> dict[str, str]:
    """Change interests and return those that are there, with where each comes from."""
    assert page.post("/privacy/interests/", sent).status_code == 302
    return {line.skill: line.said for line in page.get(MINE).context["interests"]}


def test_each_interest_says_where_it_comes_from(page: Client, person: Person) -> None:
    states = {"part": "all", "goal": "Data", "interests": ["Web skill 1"], "minutes_per_week": "60"}
    page.post("/goal/", states)
    Profile.objects.filter(learner_id=person.learner_id).update(
        interests=["Web skill 1", "Care skill 2"]  # the second is older than the log
    )
    said = interests(page, add="Data skill 3")
    assert said["Web skill 1"].startswith("You said so beside your goal on ")
    assert said["Data skill 3"].startswith("You said so here on ")
    assert said["Care skill 2"] == "You said so; when was not written down."


def test_an_interest_is_renamed_where_it_stands_and_brought_back(page: Client) -> None:
    for skill in ("Web skill 1", "Web skill 2"):
        interests(page, add=skill)
    said = interests(page, remove="Web skill 1", add="Craft skill 4")
    assert [*said] == ["Craft skill 4", "Web skill 2"]
    assert said["Craft skill 4"].endswith(", in place of Web skill 1.")
    lost = page.get(MINE).context["changes"][0]
    assert (lost.what, lost.back) == ("Craft skill 4 in place of Web skill 1", "Web skill 1")
    said = interests(page, back=lost.change_id)
    assert said["Web skill 1"].startswith("You brought it back on ")
    assert interests(page, back=lost.change_id) == said  # it is there already


def test_nobody_brings_back_what_another_lost(page: Client, person: Person) -> None:
    interests(page, add="Web skill 1")
    interests(page, remove="Web skill 1")
    lost = page.get(MINE).context["changes"][0].change_id
    other = Client()
    other.force_login(ben().account)
    other.post("/privacy/interests/", {"back": lost})
    assert page.get(MINE).context["interests"] == []
    assert other.get(MINE).context["interests"] == []


def test_what_was_finished_is_told_beside_interests_until_it_does_not_count(
    page: Client, person: Person, trained: Shop
) -> None:
    done = trained.field("Web")[5]
    touch(person.learner_id, done, completed_at=moment())
    (told,) = page.get(MINE).context["finished"]
    assert (told.course.title, told.skills) == (done.title, ", ".join(done.skills))
    page.post("/privacy/courses/", {"course": done.course_id, "counts": "0"})
    assert page.get(MINE).context["finished"] == []


def test_an_interest_nobody_teaches_is_refused(page: Client) -> None:
    assert page.post("/privacy/interests/", {"add": "Levitation"}).status_code == 400


def test_history_pages_lose_and_repeat_nothing_where_many_share_a_moment(
    page: Client, person: Person, trained: Shop
) -> None:
    """Senders that know whole seconds alone put a page's end into the middle of one."""
    at = moment(hours=3)
    views(person.learner_id, trained.courses[0].course_id, *[at] * 70)
    views(person.learner_id, trained.courses[1].course_id, *[at - timedelta(days=1)] * 40)

    seen, address = [], "/privacy/history/"
    while address:
        answer = page.get(address)
        seen.append(sum(len(lines) for _day, lines in answer.context["days"]))
        found = re.search(r'href="(\?before=[^"]+)"', answer.content.decode())
        address = f"/privacy/history/{found.group(1)}" if found else ""

    assert seen == [50, 50, 10]
    assert Event.objects.filter(learner_id=person.learner_id).count() == 110


@pytest.mark.parametrize("before", ["", "x", "2026-01-01", "~", "2026-99-01~1", "\x00", "9" * 40])
@pytest.mark.parametrize("of", ["history", "log"])
def test_a_page_that_is_nowhere_is_the_first(page: Client, of: str, before: str) -> None:
    assert page.get(f"/privacy/{of}/", {"before": before}).status_code == 200


def test_the_log_says_who_did_what_with_the_learners_data_alone(
    page: Client, person: Person
) -> None:
    staff, other = Actor(ActorKind.STAFF, "pia-the-officer"), ben()
    page.post("/privacy/export/json/")
    api.export_learner(person.learner_id, actor=staff, now=moment())
    api.export_learner(other.learner_id, actor=staff, now=moment())

    (_day, lines), *_ = page.get("/privacy/log/").context["days"]

    assert [line.text for line in lines] == [
        "Staff downloaded a copy",
        "You downloaded a copy",
        "You turned inferences on",
        "You turned fine details on",
        "You turned personalization on",
    ]
    assert "pia-the-officer" not in page.get(MINE).content.decode()


def test_a_long_log_is_read_to_its_end(page: Client, person: Person) -> None:
    for _ in range(60):
        api.append_ledger(
            actor=Actor(ActorKind.STAFF, "pia"),
            action="learner.exported",
            subject=f"learner:{person.learner_id}",
            detail={},
            now=moment(),
        )

    first = page.get("/privacy/log/")
    rest = page.get("/privacy/log/", {"before": first.context["older"]})

    lines = [line for day in (first, rest) for _at, rows in day.context["days"] for line in rows]
    assert (len(lines), rest.context["older"]) == (63, 0)


def downloaded(answer: object) -> bytes:
    """Return what somebody downloads to the end."""
    assert isinstance(answer, StreamingHttpResponse)
    return b"".join(answer)


def test_a_copy_is_two_downloads_of_the_same_at_once(page: Client, person: Person) -> None:
    views(person.learner_id, 1, moment(hours=1))

    whole = json.loads(downloaded(page.post("/privacy/export/json/")))
    answer = page.post("/privacy/export/csv/")
    tables = zipfile.ZipFile(io.BytesIO(downloaded(answer)))

    assert whole["external_id"] == "ada"
    assert answer["Content-Disposition"].endswith('.csv.zip"')
    assert len(tables.read("signals-events.csv").decode().splitlines()) == 1 + len(
        whole["signals"]["events"]
    )
    assert "no-store" in answer["Cache-Control"]


def test_a_reset_shows_how_much_went_and_leaves_courses(page: Client, person: Person) -> None:
    views(person.learner_id, 1, moment(hours=1))

    text = page.post("/privacy/reset/", follow=True).content.decode()

    assert "Your recommendations start afresh" in text
    assert Event.objects.filter(learner_id=person.learner_id).count() == 0
    assert len(api.learner_state(person.learner_id, now=moment()).course_ids) == 4  # type: ignore[union-attr]


@pytest.mark.parametrize("door", ["reset", "forget"])
def test_the_very_next_list_is_made_without_what_was_forgotten(
    page: Client, person: Person, trained: Shop, door: str
) -> None:
    """The oracle is a twin who never did what was forgotten."""
    for course in trained.field("Care")[:4]:
        views(person.learner_id, course.course_id, moment(hours=2), moment(hours=1))
        page.post(f"/course/{course.slug}/rate/", {"rating": "5"})
    before = listed(page)
    twin = new_learner()
    states(twin, goal="Data")
    for ago, course in enumerate(trained.field("Data")[:4], start=1):
        touch(twin, course, enrolled_at=moment(days=ago))

    page.post(f"/privacy/{door}/")

    assert listed(page) == [
        item.course_id for item in personalize.recommend(twin, now=moment()).items
    ]
    assert before != listed(page)


def listed(page: Client) -> list[int]:
    return [card.course_id for card in page.get("/home/").context["picks"].cards]


@pytest.mark.parametrize("door", ["reset", "forget"])
def test_each_way_to_start_afresh_says_first_what_goes_and_what_stays(
    page: Client, door: str
) -> None:
    form = page.get(MINE).content.decode().partition(f'action="/privacy/{door}/"')[0]
    asked = form.rpartition("<details")[2]

    assert "Goes:" in asked
    assert "Stays:" in asked


def test_deleting_the_account_asks_once_and_shows_a_receipt_to_nobody_in_particular(
    page: Client, person: Person
) -> None:
    asked = page.get("/privacy/erase/")
    unsure = page.post("/privacy/erase/")
    still = api.external_id(person.learner_id)
    done = page.post("/privacy/erase/", {"sure": "on"}, follow=True)

    assert ("Courses with your progress", 4) in asked.context["held"]
    assert (unsure.status_code, still) == (200, "ada")
    assert "Tick the box" in unsure.content.decode()
    assert done.redirect_chain[0][0].startswith("/privacy/erased/")
    assert done["Cache-Control"] == "private, no-store"
    assert api.find_learner("ada") is None
    text = done.content.decode()
    assert "Sign in" in text
    assert "Everything about you is deleted" in text
    assert not {"ada", str(person.learner_id)} & set(re.findall(r"\w+", text))
    assert all(step.left == 0 for step in done.context["steps"])
    assert all(step.text for step in done.context["steps"])


def test_the_second_of_two_clicks_on_delete_says_that_it_is_done(
    page: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are answered together: the second finds the learner gone while it is at work."""
    erase = api.erase_learner

    def after_the_first(learner_id: int, **said: Any) -> dict[str, object]:
        erase(learner_id, **said)
        return erase(learner_id, **said)

    monkeypatch.setattr(api, "erase_learner", after_the_first)
    answer = page.post("/privacy/erase/", {"sure": "on"}, follow=True)

    assert answer.redirect_chain == [("/explore/", 302)]
    assert "everything about you is deleted" in answer.content.decode()


def test_a_receipt_that_is_none_is_not_found(page: Client, person: Person) -> None:
    receipt, _removed = api.reset_learner(
        person.learner_id, actor=Actor(ActorKind.LEARNER, str(person.learner_id)), now=moment()
    )

    assert page.get(f"/privacy/erased/{receipt}/").status_code == 404  # a reset's


def test_the_notice_and_do_not_sell_are_open_to_all_and_linked_on_every_page(
    client: Client, trained: Shop
) -> None:
    explore = client.get("/explore/").content.decode()
    notice, sell = client.get("/privacy/notice/"), client.get("/privacy/do-not-sell/")

    assert 'href="/privacy/notice/"' in explore
    assert 'href="/privacy/do-not-sell/"' in explore
    assert [tier.on for tier in notice.context["tiers"]] == [True, True, False, False]
    assert "<form" not in notice.content.decode().partition("<main")[2].partition("</main")[0]
    assert "does not send Global Privacy Control" in sell.content.decode()
    sent = client.get("/privacy/do-not-sell/", headers=GPC).content.decode()
    assert "as soon as you sign in" in sent


def test_do_not_sell_shows_what_was_stored_for_the_account(client: Client, trained: Shop) -> None:
    client.force_login(cold().account)
    client.get(MINE, headers=GPC)

    assert "seen on your account before" in client.get("/privacy/do-not-sell/").content.decode()


def test_nobody_is_shown_a_profile_that_is_not_there(client: Client, trained: Shop) -> None:
    client.force_login(cold().account)

    text = client.get(MINE).content.decode()

    for empty in ("no goal and no interest", "Nothing so far", "Nothing is kept yet", "Nobody,"):
        assert empty in text
