"""Every step of an experiment by its page: who may take it, in which state, and what is refused."""

from collections.abc import Callable

import pytest
from django.test import Client

from experiments import lifecycle
from experiments.models import Experiment
from experiments.steps import STEPS
from signals import api as signals
from tests.controltower.looks import look_of
from tests.experiments.plans import plan
from tests.experiments.world import START, UMA, approved, day, registered, started
from tests.factories import Person, ada, cleo, pia, root, uma

KEY = plan().key
ADDRESS = f"/tower/experiments/{KEY}/"
State = Experiment.State

pytestmark = pytest.mark.django_db


def draft() -> None:
    lifecycle.create_draft(UMA, plan=plan(), now=START)


def paused() -> None:
    started()
    lifecycle.pause(UMA, key=KEY, reason="a fault", now=day(1))


def stopped() -> None:
    started()
    lifecycle.stop(UMA, key=KEY, reason="enough", now=day(30))


def decided() -> None:
    stopped()
    lifecycle.decide(UMA, key=KEY, verdict="review", reason="talk", now=day(31))


def archived() -> None:
    decided()
    lifecycle.archive(UMA, key=KEY, reason="done", now=day(32))


WORLDS: dict[str, Callable[[], object]] = {
    State.DRAFT: draft,
    State.REGISTERED: registered,
    State.APPROVED: approved,
    State.RUNNING: started,
    State.PAUSED: paused,
    State.STOPPED: stopped,
    State.DECIDED: decided,
    State.ARCHIVED: archived,
}
LEADS_TO = {
    "register": State.REGISTERED,
    "approve": State.APPROVED,
    "start": State.RUNNING,
    "resume": State.RUNNING,
    "stop": State.STOPPED,
    "pause": State.PAUSED,
    "decide": State.DECIDED,
    "archive": State.ARCHIVED,
}
ASKED = {"reason": "We agreed on it", "verdict": "review"}
ROWS = [(state, step) for state in WORLDS for step in LEADS_TO]


def signed_in(client: Client, person: Person) -> Client:
    client.force_login(person.account)
    return client


def state() -> str:
    return Experiment.objects.get(key=KEY).state


@pytest.mark.parametrize(("at", "step"), ROWS)
def test_a_step_is_taken_where_the_state_allows_it_and_nowhere_else(
    client: Client, at: str, step: str
) -> None:
    WORLDS[at]()
    answer = signed_in(client, root()).post(f"{ADDRESS}steps/{step}/", ASKED)
    allowed = at in STEPS[step]
    assert answer.status_code == (302 if allowed else 409)
    assert state() == (LEADS_TO[step] if allowed else at)


@pytest.mark.parametrize("at", WORLDS)
def test_the_page_offers_what_the_state_allows(client: Client, at: str) -> None:
    WORLDS[at]()
    text = signed_in(client, root()).get(ADDRESS).content.decode()
    offered = {step for step in LEADS_TO if f'action="{ADDRESS}steps/{step}/"' in text}
    assert offered == {step for step in LEADS_TO if at in STEPS[step]}


@pytest.mark.parametrize("who", [ada, cleo, pia])
@pytest.mark.parametrize("step", [*LEADS_TO, "approve-shipping"])
def test_whoever_does_not_run_experiments_takes_no_step(
    client: Client, who: Callable[[], Person], step: str
) -> None:
    started()
    answer = signed_in(client, who()).post(f"{ADDRESS}steps/{step}/", ASKED)
    assert (answer.status_code, state()) == (403, State.RUNNING)


def test_nobody_approves_what_they_wrote_and_the_page_says_who_can(client: Client) -> None:
    registered()
    page = signed_in(client, uma())
    text = page.get(ADDRESS).content.decode()
    assert f'action="{ADDRESS}steps/approve/"' not in text
    assert "The approver must be a second person" in text
    answer = page.post(f"{ADDRESS}steps/approve/", ASKED)
    assert (answer.status_code, state()) == (409, State.REGISTERED)


def test_a_step_without_a_reason_comes_back_with_what_was_asked_for(client: Client) -> None:
    started()
    answer = signed_in(client, uma()).post(f"{ADDRESS}steps/stop/", {"reason": "  "})
    assert answer.status_code == 409
    (step,) = [one for one in answer.context["asked"].steps if one.name == "stop"]
    assert step.refused.sentence.startswith("Give a reason")
    assert 'id="stop-error"' in answer.content.decode()


def test_a_refused_step_keeps_what_was_typed(client: Client) -> None:
    stopped()
    asked = {"verdict": "ship", "reason": "Clicks look good to me"}
    answer = signed_in(client, uma()).post(f"{ADDRESS}steps/decide/", asked)
    assert answer.status_code == 409
    assert 'value="Clicks look good to me"' in answer.content.decode()


def test_a_step_the_state_left_behind_is_refused_in_a_sentence_of_its_own(client: Client) -> None:
    stopped()
    answer = signed_in(client, uma()).post(f"{ADDRESS}steps/pause/", ASKED)
    assert answer.status_code == 409
    assert "is stopped; only one that is running can take the step" in answer.content.decode()


def test_the_reason_and_the_name_stand_in_the_ledger(client: Client) -> None:
    started()
    signed_in(client, uma()).post(f"{ADDRESS}steps/stop/", {"reason": "It confuses people"})
    entry = signals.ledger_rows(action_prefix="experiment.stopped")[0]
    assert (entry.actor, entry.subject) == ("staff:uma", KEY)
    assert entry.detail["reason"] == "It confuses people"


def test_launch_checks_stand_where_the_start_would_be(client: Client) -> None:
    approved(planned_per_arm=10)
    page = signed_in(client, uma())
    text = page.get(ADDRESS).content.decode()
    assert "Launch checks refuse it" in text
    assert "Too few learners for this effect" in text
    assert f'action="{ADDRESS}steps/start/"' not in text
    assert page.post(f"{ADDRESS}steps/start/").status_code == 409
    assert state() == State.APPROVED


def test_shipping_is_offered_where_the_last_look_allows_it(client: Client) -> None:
    started()
    look_of("ctr", low=0.01, high=0.05)
    lifecycle.stop(UMA, key=KEY, reason="enough", now=day(30))
    answer = signed_in(client, uma()).get(ADDRESS)
    choices = {choice.verdict: choice.why_not for choice in answer.context["asked"].choices}
    assert choices["ship"] == ""
    assert "steps/approve-shipping/" not in answer.content.decode()


def test_shipping_against_a_guardrail_asks_for_a_second_approver(client: Client) -> None:
    started()
    look_of("ctr", low=0.01, high=0.05, lost=True)
    lifecycle.stop(UMA, key=KEY, reason="enough", now=day(30))
    page = signed_in(client, root())
    answer = page.get(ADDRESS)
    (ship,) = [one for one in answer.context["asked"].choices if one.verdict == "ship"]
    assert "have a second person" in ship.why_not
    assert page.post(f"{ADDRESS}steps/approve-shipping/", ASKED).status_code == 302
    shipped = {"verdict": "ship", "reason": "Worth it"}
    assert page.post(f"{ADDRESS}steps/decide/", shipped).status_code == 409  # the same person
    lifecycle.decide(UMA, key=KEY, verdict="ship", reason="worth it", now=day(31))
    assert state() == State.DECIDED


def test_a_step_nobody_knows_is_not_found(client: Client) -> None:
    started()
    assert signed_in(client, uma()).post(f"{ADDRESS}steps/explode/").status_code == 404


def test_a_step_of_an_experiment_nobody_knows_is_not_found(client: Client) -> None:
    assert signed_in(client, uma()).post("/tower/experiments/none/steps/start/").status_code == 404


def test_a_step_is_taken_by_posting_only(client: Client) -> None:
    started()
    assert signed_in(client, uma()).get(f"{ADDRESS}steps/stop/").status_code == 405
    assert state() == State.RUNNING


def test_who_changes_their_name_is_no_second_person(client: Client) -> None:
    lifecycle.create_draft(UMA, plan=plan(), now=START)
    who = uma().account
    client.force_login(who)
    assert client.post(f"{ADDRESS}steps/register/").status_code == 302
    who.username = "ulla"
    who.save()
    answer = client.post(f"{ADDRESS}steps/approve/", {"reason": "sound"})
    assert answer.status_code == 409
    assert "must be a second person" in answer.content.decode()
    assert Experiment.objects.get(key=KEY).state == State.REGISTERED
