"""Boost and suppress: played through first, limited by role, in force at once, undone at once."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from controltower.second_step import FRESH_S
from personalize import api as personalize
from personalize.decision.whatif import gather
from personalize.models import Override
from signals import api as signals
from signals.data import CourseInfo
from tests.factories import moment, new_course, root, uma
from tests.personalize.shop import Shop, learner

PAGE = "/tower/boosts/"


@pytest.fixture
def admin(client: Client, shop: Shop) -> Client:
    """Return a browser in which an admin is signed in."""
    client.force_login(root().account)
    return client


@pytest.fixture
def analyst(client: Client, shop: Shop) -> Client:
    """Return a browser in which an analyst is signed in."""
    client.force_login(uma().account)
    return client


def day(ahead: int) -> str:
    return (moment().date() + timedelta(days=ahead)).isoformat()


def filled(course: CourseInfo, /, **changes: object) -> dict[str, Any]:
    """Return the form as it is sent: a boost of two weeks."""
    return {
        "course": course.title,
        "change": "boost",
        "strength": "0.20",
        "surface": "",
        "shown_for": "",
        "reason": "Course relaunch",
        "note": "",
        "starts_on": day(0),
        "ends_on": day(14),
        "step": "publish",
    } | changes


def errors(browser: Client, data: Mapping[str, Any]) -> dict[str, list[str]]:
    answer = browser.post(PAGE, data)
    assert answer.status_code == 200
    assert not Override.objects.exists()
    found: dict[str, list[str]] = dict(answer.context["form"].errors)
    return found


def picks(learner_id: int) -> list[int]:
    return [item.course_id for item in personalize.recommend(learner_id, now=moment()).items]


def test_a_hidden_course_is_gone_from_the_next_list_and_back_after_the_undo(
    client: Client, trained: Shop
) -> None:
    client.force_login(root().account)
    somebody = learner("one", enrolled=trained.field("Data")[:4])
    first = picks(somebody)[0]

    answer = client.post(PAGE, filled(trained.by_id(first), change="hide"), follow=True)

    assert "Hidden, in every list within two seconds" in answer.content.decode()
    assert first not in picks(somebody)
    (row,) = personalize.overrides_in("active", now=moment())
    answer = client.post(f"{PAGE}{row.override_id}/undo/", follow=True)
    assert "Undone: Hidden" in answer.content.decode()
    assert picks(somebody)[0] == first


def test_a_change_and_its_undo_are_in_the_ledger(admin: Client, shop: Shop) -> None:
    course = shop.courses[0]
    admin.post(PAGE, filled(course, change="pin", note="Fair on Monday"))
    row = Override.objects.get()
    assert (row.change, row.created_by, row.note) == ("pin", "root", "Fair on Monday")
    admin.post(f"{PAGE}{row.pk}/undo/")
    undone, made = signals.ledger_rows(action_prefix="override")
    assert (made.actor, made.action, made.subject) == (
        "staff:root",
        "override.pin",
        f"course:{course.course_id}",
    )
    assert made.detail["reason"] == "Course relaunch"
    assert (undone.actor, undone.action) == ("staff:root", "override.undone")
    assert signals.verify_ledger() == 2


def test_a_change_acts_from_its_first_day_to_the_end_of_its_last(admin: Client, shop: Shop) -> None:
    admin.post(PAGE, filled(shop.courses[0], starts_on=day(2), ends_on=day(5)))
    row = Override.objects.get()
    assert (row.starts_at.isoformat(), row.ends_at.isoformat()) == (
        f"{day(2)}T00:00:00+00:00",
        f"{day(5)}T23:59:00+00:00",
    )
    (line,) = admin.get(PAGE).context["rows"]
    assert line.state.startswith("Starts ")


def test_thirty_days_are_allowed_more_asked_for_and_ninety_the_most(
    admin: Client, shop: Shop
) -> None:
    assert errors(admin, filled(shop.courses[0], ends_on=day(90))) == {
        "ends_on": ["A change lasts at most 90 days; make a new one after that."]
    }
    for ahead in (29, 30):
        assert admin.post(PAGE, filled(shop.courses[0], ends_on=day(ahead))).status_code == 302
    states = Override.objects.order_by("ends_at").values_list("state", flat=True)
    assert list(states) == ["approved", "waiting"]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"starts_on": day(-1)}, "starts_on", "The start is today or later."),
        ({"starts_on": day(5), "ends_on": day(4)}, "ends_on", "The end lies after the start"),
        ({"reason": "Other"}, "note", "Say in a few words what the reason is."),
        ({"reason": "Because"}, "reason", "Select a valid choice"),
        ({"surface": "moon"}, "surface", "Select a valid choice"),
        ({"strength": "1.05"}, "strength", "at most 1."),
        ({"strength": ""}, "strength", "above 0"),
        ({"strength": "nan"}, "strength", "number"),
        ({"course": "zzqqxx"}, "course", "No course has this title."),
    ],
)
def test_what_is_out_of_limits_is_refused_with_words_at_its_field(
    admin: Client, shop: Shop, changes: dict[str, str], field: str, words: str
) -> None:
    found = errors(admin, filled(shop.courses[0], **changes))
    assert list(found) == [field]
    assert words in found[field][0]


def test_an_analyst_gives_small_boosts_alone_and_asks_for_the_rest(
    analyst: Client, shop: Shop
) -> None:
    course = shop.courses[0]
    assert errors(analyst, filled(course, strength="0.55")) == {
        "strength": ["The strength is above 0 and at most 0.5."]
    }
    for changes in ({"strength": "0.20"}, {"strength": "0.25"}, {"change": "hide"}):
        assert analyst.post(PAGE, filled(course, **changes)).status_code == 302
    rows = Override.objects.order_by("id").values_list("created_by", "state")
    assert list(rows) == [("uma", "approved"), ("uma", "waiting"), ("uma", "waiting")]


def test_to_approve_asks_for_a_fresh_proof(admin: Client, shop: Shop) -> None:
    waits = Override.objects.create(
        course_id=shop.courses[0].course_id,
        change="boost",
        strength=0.3,
        reason="New guidance",
        starts_at=moment(),
        ends_at=moment(days=-7),
        created_by="uma",
        created_at=moment(),
        state="waiting",
    )
    address = f"{PAGE}{waits.pk}/decide/"
    with time_machine.travel(moment() + timedelta(seconds=FRESH_S + 60), tick=False):
        assert admin.post(address, {"step": "approve"}).status_code == 403
    waits.refresh_from_db()
    assert waits.state == "waiting"
    assert admin.post(address, {"step": "approve"}).status_code == 302
    waits.refresh_from_db()
    assert waits.state == "approved"


def test_an_analyst_undoes_no_change_of_an_admins_kind(client: Client, shop: Shop) -> None:
    client.force_login(root().account)
    client.post(PAGE, filled(shop.courses[0], change="hide"))
    client.force_login(uma().account)
    (line,) = client.get(PAGE).context["rows"]
    assert not line.may_undo
    row = Override.objects.get()
    assert client.post(f"{PAGE}{row.pk}/undo/").status_code == 403
    row.refresh_from_db()
    assert row.undone_at is None


def test_a_name_that_fits_several_courses_asks_which(admin: Client, shop: Shop) -> None:
    answer = admin.post(PAGE, filled(shop.courses[0], course="Data course"))
    matches = answer.context["matches"]
    assert len(matches) == 8
    assert "Which one?" in answer.content.decode()
    chosen = filled(shop.courses[0], course="Data course", course_id=matches[3].course_id)
    assert admin.post(PAGE, chosen).status_code == 302
    assert Override.objects.get().course_id == matches[3].course_id


def test_two_courses_of_one_title_are_told_apart(admin: Client) -> None:
    twins = [new_course(f"twin-{n}", title="The same") for n in (1, 2)]
    answer = admin.post(PAGE, filled(twins[0]))
    assert {info.course_id for info in answer.context["matches"]} == {
        info.course_id for info in twins
    }
    admin.post(PAGE, filled(twins[1], course="TWIN-2"))
    assert Override.objects.get().course_id == twins[1].course_id


# --- preview ------------------------------------------------------------------------------------


def preview(browser: Client, course: CourseInfo, **changes: object) -> Any:
    answer = browser.post(PAGE, filled(course, step="preview", **changes))
    assert answer.status_code == 200
    assert not Override.objects.exists()
    assert not signals.ledger_rows(action_prefix="override")
    assert answer.context["preview"] is not None, answer.context["form"].errors
    return answer.context["preview"]


def test_a_preview_shows_both_lists_and_changes_nothing(client: Client, trained: Shop) -> None:
    client.force_login(root().account)
    before = preview(client, trained.field("Care")[0], change="hide", shown_for="goal:Data").now
    last = next(c for c in trained.courses if c.title == before[-1].title)

    found = preview(client, last, change="pin", shown_for="goal:Data")

    assert [place.title for place in found.now] == [place.title for place in before]
    pinned = found.then[0]
    assert (pinned.title, pinned.hit, pinned.moved, pinned.note) == (
        last.title,
        True,
        len(before) - 1,
        "Pinned by staff",
    )
    assert {place.moved for place in found.then[1:]} == {-1}
    assert "goal is Data" in found.sentence


def test_a_preview_of_hiding_shows_what_takes_the_place(client: Client, trained: Shop) -> None:
    client.force_login(root().account)
    first = preview(client, trained.field("Data")[0], change="boost").now[0]
    course = next(c for c in trained.courses if c.title == first.title)
    found = preview(client, course, change="hide")
    assert course.title not in [place.title for place in found.then if not place.out]
    (gone,) = [place for place in found.then if place.out]
    assert (gone.title, gone.rank, gone.note) == (course.title, "\u2013", "Gone from the list")


def test_a_course_on_neither_first_page_is_placed_in_words(client: Client, trained: Shop) -> None:
    client.force_login(root().account)
    first = {place.title for place in preview(client, trained.field("Data")[0]).now}
    course = next(c for c in trained.courses if c.title not in first)

    found = preview(client, course, change="lower")

    shown = [place.title for place in (*found.now, *found.then) if not place.out]
    assert course.title not in shown
    assert course.title in found.aside
    assert not preview(client, course, change="pin").aside


def foreseen(browser: Client, course: CourseInfo, **changes: object) -> Any:
    answer = browser.post(PAGE, filled(course, step="preview", **changes))
    return answer.context["effect"]


def test_a_preview_counts_lists_that_would_change_from_ten_learners_up(
    client: Client, trained: Shop
) -> None:
    data = trained.field("Data")
    craft = trained.field("Craft")[0]
    client.force_login(root().account)
    assert "No list was asked for yet" in foreseen(client, craft, change="pin").head
    for number in range(9):
        personalize.recommend(learner(f"asks-{number}", enrolled=data[:4]), now=moment())
    few = foreseen(client, craft, change="pin")
    assert (few.tiles, few.lines) == ((), ())
    assert "Too few learners" in few.head
    for number in range(9, 11):
        personalize.recommend(learner(f"asks-{number}", enrolled=data[:4]), now=moment())
    gather.forget()
    assert "The newest alone" in foreseen(client, craft, change="pin").head
    call_command("prepare_previews")
    pinned = foreseen(client, craft, change="pin")
    assert "Played over 10 logged requests" in pinned.head  # eleven, to the nearest five
    assert "The newest alone" not in pinned.head
    held, changed, *_chances = pinned.tiles
    assert held.title == "Lists with this course"
    assert held.value.endswith("→ 100%")
    assert (changed.title, changed.value) == ("Another first page", "100%")
    for_nobody = foreseen(client, craft, change="pin", cohort="new")
    assert "Too few learners" in for_nobody.head


def test_a_preview_keeps_the_limits(analyst: Client, shop: Shop) -> None:
    answer = analyst.post(PAGE, filled(shop.courses[0], step="preview", strength="0.6"))
    assert answer.context["preview"] is None
    assert "at most 0.5" in answer.context["form"].errors["strength"][0]
    answer = analyst.post(PAGE, filled(shop.courses[0], step="preview", strength="0.4"))
    assert answer.context["beyond"] == ("a strength above 0.2",)
    assert "A second person must approve it" in answer.content.decode()


# --- lists --------------------------------------------------------------------------------------


def test_changes_are_listed_as_active_mine_and_ended(client: Client, shop: Shop) -> None:
    mine, theirs, ended = shop.courses[:3]
    client.force_login(root().account)
    for course in (theirs, ended):
        client.post(PAGE, filled(course))
    client.post(f"{PAGE}{Override.objects.get(course_id=ended.course_id).pk}/undo/")
    client.force_login(uma().account)
    client.post(PAGE, filled(mine, change="lower", surface="home"))

    def titles(state: str) -> list[str]:
        return [line.title for line in client.get(PAGE, {"state": state}).context["rows"]]

    assert titles("active") == titles("nonsense") == [mine.title, theirs.title]
    assert titles("mine") == [mine.title]
    assert titles("ended") == [ended.title]
    (line,) = client.get(PAGE, {"state": "mine"}).context["rows"]
    assert (line.what, line.where, line.may_undo) == (
        "Lowered 0.20",
        "Picks on the learner's home page",
        True,
    )
    (line,) = client.get(PAGE, {"state": "ended"}).context["rows"]
    assert (line.state, line.may_undo) == ("Undone by root", False)


def test_the_form_offers_what_the_role_may_do(analyst: Client) -> None:
    context = analyst.get(PAGE).context
    assert [value for value, _ in context["changes"]] == ["boost", "lower", "pin", "hide"]
    assert (context["limits"].strength, context["limits"].strength_asked) == (0.2, 0.5)
    assert context["form"].initial["starts_on"] == date.fromisoformat(day(0))


def test_changes_need_the_token_of_the_page(shop: Shop) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(root().account)
    assert browser.post(PAGE, filled(shop.courses[0])).status_code == 403
    assert not Override.objects.exists()
