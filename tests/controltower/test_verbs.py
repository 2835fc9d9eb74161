"""The pages of verbs: what is undecided, what a rule would make, and what is kept with a reason."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from signals import api
from signals.capture.xapi import mapping
from signals.models import Event, VerbRule
from tests.factories import moment, new_course, root, uma
from tests.signals.xapi.lms import Lms, statement

pytestmark = pytest.mark.django_db
LIST, RULE = "/tower/verbs/", "/tower/verbs/rule/"
HUMMED = "https://verbs.example/hummed"
FORM = {"verb": HUMMED, "activity_type": "", "kind": "course.viewed", "reason": "They hum"}


def signed_in(client: Client) -> Client:
    client.force_login(root().account)
    return client


def hum(count: int) -> None:
    """Let so many learners do what no rule knows."""
    new_course("c1:c1")
    people = [
        {"account": {"homePage": "https://lms.example", "name": f"u-{n}"}} for n in range(count)
    ]
    Lms().post(*[statement(verb={"id": HUMMED}, actor=actor) for actor in people])


def test_an_undecided_verb_leads_to_a_form_that_names_it(client: Client) -> None:
    hum(60)
    signed_in(client)
    page = client.get(LIST).content.decode()
    assert "https:/<wbr>/<wbr>verbs.example/<wbr>hummed" in page
    assert "verb=https%3A%2F%2Fverbs.example%2Fhummed" in page
    form = client.get(RULE, {"verb": HUMMED, "type": ""}).content.decode()
    assert f'value="{HUMMED}"' in form
    assert "New rule" in form


def test_a_verb_of_a_few_is_told_as_a_number_alone(client: Client) -> None:
    hum(3)
    page = signed_in(client).get(LIST).content.decode()
    assert "hummed" not in page
    assert "moodle: 1 verb more that fewer than ten learners used. Fewer than ten" in page


def test_the_preview_says_what_the_rule_would_make_and_keeps_nothing(client: Client) -> None:
    hum(20)
    answer = signed_in(client).post(RULE, FORM | {"step": "preview"})
    assert answer.context["preview"].becomes == 20
    page = answer.content.decode()
    assert "<b>20</b> of the 20 newest statements at hand have this verb." in page
    assert not VerbRule.objects.filter(verb=HUMMED).exists()


def test_map_to_is_one_form_and_takes_in_what_waited(client: Client) -> None:
    hum(3)
    answer = signed_in(client).post(RULE, FORM | {"step": "keep", "take_in": "on"}, follow=True)
    assert "What waited is taken in within two minutes." in answer.content.decode()
    assert mapping.take_in(now=moment()) == 3
    assert Event.objects.count() == 3
    row = api.ledger_rows(action_prefix="verb.mapped")[0]
    assert (row.actor, row.detail["reason"]) == ("staff:root", "They hum")


def test_a_rule_is_switched_off_and_forgotten(client: Client) -> None:
    signed_in(client).post(RULE, FORM | {"step": "keep"})
    client.post(RULE, FORM | {"step": "keep", "kind": "-"})
    assert VerbRule.objects.get(verb=HUMMED).kind == ""
    assert "Change a rule" in client.get(RULE, {"verb": HUMMED}).content.decode()
    client.post(RULE, FORM | {"step": "forget"})
    assert not VerbRule.objects.filter(verb=HUMMED).exists()


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"reason": ""}, "Say in a few words why."),
        ({"verb": "hummed"}, "Give the whole address of the verb"),
        ({"kind": ""}, "Choose what it becomes."),
    ],
)
def test_what_makes_no_sense_comes_back_with_a_word(
    client: Client, said: dict[str, str], complaint: str
) -> None:
    page = signed_in(client).post(RULE, FORM | {"step": "keep"} | said).content.decode()
    assert complaint in page
    assert not VerbRule.objects.filter(verb__contains="hummed").exists()


def test_rules_are_found_by_words_of_verb_type_or_kind(client: Client) -> None:
    signed_in(client)
    found = client.get(LIST, {"q": "video paused"}).context
    assert {group.kind for group in found["groups"]} == {"video.paused"}
    assert client.get(LIST, {"q": "nothing has this"}).context["found"] == 0


def test_an_analyst_sees_the_verbs_and_no_way_to_change_them(client: Client) -> None:
    hum(60)
    client.force_login(uma().account)
    page = client.get(LIST).content.decode()
    assert "/<wbr>hummed" in page
    assert RULE not in page


def test_the_list_of_verbs_takes_few_statements(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    hum(60)
    signed_in(client).get(LIST)
    with django_assert_max_num_queries(10):
        client.get(LIST)
