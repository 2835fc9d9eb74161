"""What lists strive for: played through first, with a floor, a reason, a ledger and an undo."""

from typing import Any

import pytest
from django.test import Client

from personalize import api as personalize
from personalize.data import Objectives
from signals import api as signals
from tests.factories import moment, root, uma
from tests.personalize import aims
from tests.personalize.shop import Shop, learner

PAGE = "/tower/objectives/"


@pytest.fixture
def admin(client: Client, shop: Shop) -> Client:
    """Return a browser in which an admin is signed in."""
    client.force_login(root().account)
    return client


def strives(surface: str = "") -> Objectives:
    """Return what is in force for everyone, with all that was done by now."""
    return personalize.objectives(surface, now=moment(minutes=-1))


def filled(**changes: str) -> dict[str, Any]:
    """Return the form as it is sent: weights put in force."""
    usual = {"progression": "0.3", "engagement": "0.1", "reason": "Finishing", "step": "publish"}
    return usual | {"ends_on": f"{moment(days=-14):%Y-%m-%d}"} | changes


def test_weights_are_put_in_force_with_a_reason_and_taken_back_by_an_undo(admin: Client) -> None:
    before = strives()
    answer = admin.post(PAGE, filled(), follow=True)
    assert "In force" in answer.content.decode()
    assert strives() == Objectives(engagement=0.1, progression=0.3)
    (row,) = personalize.objective_changes(now=moment())
    assert (row.reason, row.created_by) == ("Finishing", "root")

    assert f"{row.aim.ends_at:%Y-%m-%d}" == filled()["ends_on"]

    answer = admin.post(f"{PAGE}{row.objective_id}/undo/", follow=True)

    assert "What was before is in force again." in answer.content.decode()
    assert strives() == before
    undone, made = signals.ledger_rows(action_prefix="objectives")
    assert (made.actor, made.action) == ("staff:root", "objectives.changed")
    assert (undone.actor, undone.action) == ("staff:root", "objectives.undone")
    assert signals.verify_ledger() == 2


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"progression": "0.04"}, "progression", "always counts"),
        ({"progression": "0.1", "engagement": "0.2"}, "progression", "as much as engagement"),
        ({"engagement": "0.51", "progression": "0.5"}, "engagement", "0 to 0.5"),
        ({"engagement": "nan"}, "engagement", "number"),
        ({"engagement": ""}, "engagement", "required"),
        ({"reason": " "}, "reason", "Say why"),
        ({"ends_on": ""}, "ends_on", "required"),
        ({"ends_on": "2020-01-01"}, "ends_on", "in the future"),
        ({"ends_on": f"{moment(days=-91):%Y-%m-%d}"}, "ends_on", "at most 90 days"),
        ({"surface": "moon"}, "surface", "valid choice"),
        ({"cohort": "goal:Alchemy"}, "cohort", "valid choice"),
        ({"least_chance": "0.13"}, "least_chance", "0 to 0.12"),
        ({"field_share": "0.2"}, "field_share", "0.25 to 1"),
        ({"provider_share": "1.1"}, "provider_share", "0.25 to 1"),
        ({"well_known": "0.6"}, "well_known", "0 to 0.5"),
    ],
)
def test_what_is_out_of_bounds_is_refused_with_words_at_its_field(
    admin: Client, changes: dict[str, str], field: str, words: str
) -> None:
    answer = admin.post(PAGE, filled(**changes))
    assert answer.status_code == 200
    assert words in answer.context["form"].errors[field][0]
    assert not personalize.objective_changes(now=moment())


def test_a_least_chance_is_put_in_force_with_the_weights(admin: Client) -> None:
    admin.post(PAGE, filled(least_chance="0.03"))
    assert strives() == Objectives(0.1, 0.3, least_chance=0.03)
    assert "0.03" in admin.get(PAGE).content.decode()


def test_limits_are_put_in_force_and_the_page_says_what_changed(admin: Client) -> None:
    admin.post(PAGE, filled(field_share="0.5", well_known="0", reason="Mixed lists"))
    assert strives() == Objectives(0.1, 0.3, field_share=0.5, well_known=0.0)
    (row,) = admin.get(PAGE).context["changes"]
    assert "Most of one field 75% → 50%" in row.changed
    assert "Taken off well-known courses 0.20 → 0.00" in row.changed
    assert "Most of one school" not in " ".join(row.changed)


def test_a_limit_that_a_form_leaves_out_stays_as_it_is(admin: Client) -> None:
    admin.post(PAGE, filled(provider_share="0.25"))
    admin.post(PAGE, filled(progression="0.2"))
    assert strives() == Objectives(0.1, 0.2, provider_share=0.25)


def test_a_preview_plays_limits_through(client: Client, trained: Shop) -> None:
    client.force_login(root().account)
    asked = filled(step="preview", example="new:Data", field_share="0.25", reason="")
    found = client.post(PAGE, asked).context["preview"]
    data = {course.title for course in trained.field("Data")}
    assert sum(place.title in data for place in found.now) == 6
    assert sum(place.title in data for place in found.then) == 3
    assert strives() == personalize.USUAL_OBJECTIVES


def test_each_change_that_acts_is_undone_in_one_click(admin: Client) -> None:
    first = aims.in_force(Objectives(0.1, 0.2), reason="One")
    second = aims.in_force(Objectives(0.1, 0.25), reason="Two")
    assert admin.get(PAGE).content.decode().count("/undo/") == 2
    admin.post(f"{PAGE}{second.objective_id}/undo/")
    assert strives() == Objectives(0.1, 0.2)
    admin.post(f"{PAGE}{first.objective_id}/undo/")
    assert strives() == personalize.USUAL_OBJECTIVES
    assert admin.get(PAGE).content.decode().count("/undo/") == 0


def test_a_change_is_for_the_surface_and_the_group_that_were_chosen(admin: Client) -> None:
    admin.post(PAGE, filled(surface="home", cohort="new"))
    (line,) = admin.get(PAGE).context["changes"]
    assert (line.row.aim.surface, line.row.aim.cohort) == ("home", "new")
    assert line.whom.startswith("Newcomers")
    assert strives("home") == personalize.USUAL_OBJECTIVES


def test_an_analyst_asks_and_an_administrator_decides(client: Client, shop: Shop) -> None:
    client.force_login(uma().account)
    assert "waits for a second person" in client.post(PAGE, filled(), follow=True).content.decode()
    assert strives() == personalize.USUAL_OBJECTIVES
    (row,) = personalize.objective_changes("waiting", now=moment())
    decide = f"{PAGE}{row.objective_id}/decide/"
    assert client.post(decide, {"step": "approve"}).status_code == 403
    assert "/decide/" not in client.get(PAGE).content.decode()

    client.force_login(root().account)
    assert any("wait for a second" in need.title for need in client.get("/tower/").context["needs"])
    assert "/decide/" in client.get(PAGE).content.decode()
    refused = client.post(decide, {"step": "refuse", "reason": ""}, follow=True)
    assert "Say why" in refused.content.decode()
    client.post(decide, {"step": "approve"})
    assert strives() == Objectives(engagement=0.1, progression=0.3)
    (row,) = personalize.objective_changes("active", now=moment())
    assert (row.created_by, row.decided_by) == ("uma", "root")


def test_who_asked_withdraws_it_and_undoes_nothing_of_others(client: Client, shop: Shop) -> None:
    theirs = aims.in_force(Objectives(0.1, 0.2))
    client.force_login(uma().account)
    client.post(PAGE, filled())
    (row,) = personalize.objective_changes("waiting", now=moment())
    answer = client.post(f"{PAGE}{row.objective_id}/undo/", follow=True)
    assert "Withdrawn" in answer.content.decode()
    assert client.post(f"{PAGE}{theirs.objective_id}/undo/").status_code == 403
    assert strives() == Objectives(0.1, 0.2)


def test_a_preview_says_what_a_second_person_must_approve(client: Client, trained: Shop) -> None:
    client.force_login(root().account)
    answer = client.post(PAGE, filled(step="preview", reason="", progression="0.5"))
    assert answer.context["beyond"] == ("a weight above 0.3",)
    assert "A second person must approve it" in answer.content.decode()
    client.force_login(uma().account)
    answer = client.post(PAGE, filled(step="preview", reason=""))
    assert answer.context["beyond"] == ("your role does not change what lists strive for alone",)
    assert not personalize.objective_changes(now=moment())


def test_a_preview_shows_both_lists_and_changes_nothing(client: Client, trained: Shop) -> None:
    client.force_login(root().account)
    answer = client.post(PAGE, filled(step="preview", reason="", example="returning:Data"))
    found = answer.context["preview"]
    assert found.shown_for == "3 courses of Data done"
    assert len(found.now) == len(found.then) == 6
    assert {place.title for place in found.now} <= {c.title for c in trained.courses}
    assert "Too few learners" in found.reach
    assert found.expected == ()
    assert not signals.ledger_rows(action_prefix="objectives")


def test_without_probabilities_the_page_says_that_no_weight_moves_a_list(
    client: Client, trained: Shop
) -> None:
    client.force_login(root().account)
    found = client.post(PAGE, filled(step="preview")).context["preview"]
    assert "no weight moves a list" in found.caveat
    assert [place.moved for place in found.then] == [0] * 6


def test_a_preview_counts_lists_that_would_change_from_ten_learners_up(
    client: Client, trained: Shop
) -> None:
    data = trained.field("Data")
    for number in range(11):
        personalize.recommend(learner(f"asks-{number}", enrolled=data[:4]), now=moment())
    client.force_login(root().account)
    found = client.post(PAGE, filled(step="preview")).context["preview"]
    assert "Of the last 10 learners who got a personal list, none would see" in found.reach
