"""The page of campaigns: what stands still, a proposal to edit and approve, and stopping."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from controltower.second_step import FRESH_S
from personalize.experience.campaigns import deciding
from personalize.models import Campaign
from signals.clock import now
from tests.factories import moment, new_course, new_learner, pia, root, uma
from tests.personalize.nudges.world import enrols, finishes

PAGE = "/tower/campaigns/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal() -> Campaign:
    """Return what is proposed to 20 who stopped before the second module."""
    course = new_course("stats", title="Statistics", modules=["m1", "m2", "m3"])
    for _ in range(20):
        learner_id = new_learner()
        enrols(learner_id, course, at=moment(days=20))
        finishes(learner_id, course, modules=(0,), at=moment(days=8))
    deciding.find(now=now())
    return Campaign.objects.get()


@pytest.fixture
def page(client: Client, proposal: Campaign) -> Client:
    """Return a browser in which an administrator is signed in."""
    client.force_login(root().account)
    return client


def said(**other: str) -> dict[str, str]:
    ends_on = (now() + timedelta(days=9)).date().isoformat()
    return {
        "text_en": "Module 2 is short.",
        "compare": "20",
        "most": "500",
        "ends_on": ends_on,
        "reason": "many asked",
    } | other


def test_the_group_its_reasons_and_the_message_stand_on_the_page(page: Client) -> None:
    told = " ".join(page.get(PAGE).content.decode().split())
    assert "Stuck before a module: Statistics" in told
    assert "100% of 20 learners who are in the middle of the course stand here" in told
    assert "Module 2 of Statistics is where many pause." in told
    assert "Not known: no campaign of this kind has been measured here yet." in told


def test_a_draft_is_kept_and_nothing_begins(page: Client, proposal: Campaign) -> None:
    assert page.post(f"{PAGE}{proposal.pk}/save/", said()).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.state, proposal.edited, proposal.compare_share) == ("proposed", True, 0.2)
    assert proposal.texts == {"en": "Module 2 is short."}


def test_it_is_approved_and_stopped_by_name(page: Client, proposal: Campaign) -> None:
    assert page.post(f"{PAGE}{proposal.pk}/approve/", said()).status_code == 302
    told = page.get(f"{PAGE}{proposal.pk}/").content.decode()
    assert "Approved by root" in told
    assert "Stop at once" in told
    page.post(f"{PAGE}{proposal.pk}/stop/", {"reason": "a mistake in it"})
    proposal.refresh_from_db()
    assert (proposal.state, proposal.ended_by) == ("stopped", "root")


def test_to_approve_asks_for_a_fresh_proof_and_to_stop_does_not(
    page: Client, proposal: Campaign
) -> None:
    with time_machine.travel(moment() + timedelta(seconds=FRESH_S + 60), tick=False):
        asked = page.post(f"{PAGE}{proposal.pk}/approve/", said())
        proposal.refresh_from_db()
        assert (asked.status_code, proposal.state) == (403, "proposed")
        Campaign.objects.filter(pk=proposal.pk).update(state="running")
        page.post(f"{PAGE}{proposal.pk}/stop/", {"reason": "a mistake in it"})
        proposal.refresh_from_db()
        assert proposal.state == "stopped"


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"compare": "0"}, "it cannot be nought"),
        ({"text_en": ""}, "Say it in English at least"),
        ({"reason": ""}, "the ledger keeps the reason"),
        ({"ends_on": "2020-01-01"}, "from tomorrow on"),
        ({"bundle": "4711"}, "4711"),
    ],
)
def test_what_may_not_be_is_told_at_its_field(
    page: Client, proposal: Campaign, other: dict[str, str], told: str
) -> None:
    answer = page.post(f"{PAGE}{proposal.pk}/approve/", said(**other))
    assert answer.status_code == 200
    assert Campaign.objects.get().state == "proposed"
    assert told in str(answer.context["form"].errors)


def test_a_declined_place_is_not_proposed_again(page: Client, proposal: Campaign) -> None:
    page.post(f"{PAGE}{proposal.pk}/decline/", {"reason": "not now"})
    assert deciding.find(now=now()) == 0
    assert page.get(PAGE).context["proposed"] == []


def test_an_analyst_edits_and_does_not_approve(client: Client, proposal: Campaign) -> None:
    client.force_login(uma().account)
    assert client.post(f"{PAGE}{proposal.pk}/approve/", said()).status_code == 403
    assert client.post(f"{PAGE}{proposal.pk}/stop/", said()).status_code == 403
    assert client.post(f"{PAGE}{proposal.pk}/save/", said()).status_code == 302


def test_a_privacy_officer_reads_and_changes_nothing(client: Client, proposal: Campaign) -> None:
    client.force_login(pia().account)
    assert client.get(f"{PAGE}{proposal.pk}/").status_code == 200
    assert client.post(f"{PAGE}{proposal.pk}/save/", said()).status_code == 403


def test_a_step_there_is_not_is_not_found(page: Client, proposal: Campaign) -> None:
    assert page.post(f"{PAGE}{proposal.pk}/burn/", said()).status_code == 404
