"""What lists strive for: played through first, with a floor, a reason, a ledger and an undo."""

from typing import Any

import pytest
from django.test import Client

from personalize import api as personalize
from personalize.data import Objectives
from signals import api as signals
from signals.data import SYSTEM
from tests.factories import moment, root, uma
from tests.personalize.shop import Shop, learner

PAGE = "/tower/objectives/"


@pytest.fixture
def admin(client: Client, shop: Shop) -> Client:
    """Return a browser in which an admin is signed in."""
    client.force_login(root().account)
    return client


def filled(**changes: str) -> dict[str, Any]:
    """Return the form as it is sent: weights put in force."""
    usual = {"progression": "0.3", "engagement": "0.1", "reason": "Finishing", "step": "publish"}
    return usual | changes


def test_weights_are_put_in_force_with_a_reason_and_taken_back_by_an_undo(admin: Client) -> None:
    before = personalize.objectives()
    answer = admin.post(PAGE, filled(), follow=True)
    assert "In force" in answer.content.decode()
    assert personalize.objectives() == Objectives(engagement=0.1, progression=0.3)
    (row,) = personalize.objective_changes()
    assert (row.reason, row.created_by) == ("Finishing", "root")

    answer = admin.post(f"{PAGE}{row.objective_id}/undo/", {"reason": "No"}, follow=True)

    assert "What was before is in force again." in answer.content.decode()
    assert personalize.objectives() == before
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
    assert not personalize.objective_changes()


def test_a_least_chance_is_put_in_force_with_the_weights(admin: Client) -> None:
    admin.post(PAGE, filled(least_chance="0.03"))
    assert personalize.objectives() == Objectives(0.1, 0.3, least_chance=0.03)
    assert "0.03" in admin.get(PAGE).content.decode()


def test_limits_are_put_in_force_and_the_page_says_what_changed(admin: Client) -> None:
    admin.post(PAGE, filled(field_share="0.5", well_known="0", reason="Mixed lists"))
    assert personalize.objectives() == Objectives(0.1, 0.3, field_share=0.5, well_known=0.0)
    (row,) = admin.get(PAGE).context["changes"]
    assert "Most of one field 75% → 50%" in row.changed
    assert "Taken off well-known courses 0.20 → 0.00" in row.changed
    assert "Most of one school" not in " ".join(row.changed)


def test_a_limit_that_a_form_leaves_out_stays_as_it_is(admin: Client) -> None:
    admin.post(PAGE, filled(provider_share="0.25"))
    admin.post(PAGE, filled(progression="0.4"))
    assert personalize.objectives() == Objectives(0.1, 0.4, provider_share=0.25)


def test_a_preview_plays_limits_through(client: Client, trained: Shop) -> None:
    client.force_login(root().account)
    asked = filled(step="preview", example="new:Data", field_share="0.25", reason="")
    found = client.post(PAGE, asked).context["preview"]
    data = {course.title for course in trained.field("Data")}
    assert sum(place.title in data for place in found.now) == 6
    assert sum(place.title in data for place in found.then) == 3
    assert personalize.objectives() == personalize.USUAL_OBJECTIVES


def test_only_the_newest_change_is_undone(admin: Client) -> None:
    first = personalize.set_objectives(SYSTEM, Objectives(0.1, 0.2), reason="One", now=moment())
    personalize.set_objectives(SYSTEM, Objectives(0.1, 0.4), reason="Two", now=moment())
    assert admin.get(PAGE).content.decode().count("/undo/") == 1
    answer = admin.post(f"{PAGE}{first.objective_id}/undo/", {"reason": "No"}, follow=True)
    assert "Somebody changed this since" in answer.content.decode()
    assert personalize.objectives() == Objectives(0.1, 0.4)


def test_an_undo_without_a_reason_changes_nothing(admin: Client) -> None:
    row = personalize.set_objectives(SYSTEM, Objectives(0.1, 0.4), reason="One", now=moment())
    answer = admin.post(f"{PAGE}{row.objective_id}/undo/", {"reason": ""}, follow=True)
    assert "Say why" in answer.content.decode()
    assert personalize.objectives() == Objectives(0.1, 0.4)


def test_an_analyst_looks_and_cannot_put_in_force(client: Client, trained: Shop) -> None:
    client.force_login(uma().account)
    assert client.post(PAGE, filled()).status_code == 403
    answer = client.post(PAGE, filled(step="preview", reason=""))
    assert answer.context["preview"] is not None
    assert 'value="publish"' not in answer.content.decode()
    assert not personalize.objective_changes()


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
