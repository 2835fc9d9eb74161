"""Can people say which kind a verb is, and do they see the verbs nobody has decided on?"""

import pytest
from django.test import Client

from signals import api
from signals.models import Event, Source, UnmappedVerb, VerbRule
from tests.factories import new_course, root, uma
from tests.signals.xapi.lms import Lms, statement

pytestmark = pytest.mark.django_db
ODD = {"id": "https://verbs.example/hummed"}
RULES = "/admin/signals/verbrule/"


def admin() -> Client:
    """Return the browser of an admin."""
    client = Client()
    client.force_login(root().account)
    return client


def test_verbs_no_rule_knows_are_counted_once_a_statement_and_shown() -> None:
    lms, sent = Lms(), statement(verb=ODD)
    lms.post(sent, statement(verb=ODD))
    lms.post(sent)
    assert UnmappedVerb.objects.get().statements == 2
    page = admin().get("/admin/signals/unmappedverb/").content.decode()
    assert ODD["id"] in page
    assert "Map it" in page
    assert Event.objects.count() == 0


def test_a_rule_made_by_hand_works_from_then_on_and_stands_in_the_ledger() -> None:
    new_course("c1:c1")
    lms = Lms()
    lms.post(statement(verb=ODD))
    form = {"verb": ODD["id"], "activity_type": "", "kind": "course.viewed"}
    assert admin().post(f"{RULES}add/", form).status_code == 302
    lms.post(statement(verb=ODD))
    assert Event.objects.get().kind == 1
    assert UnmappedVerb.objects.count() == 0
    row = api.ledger_rows(action_prefix="verb.mapped")[0]
    assert (row.actor, row.detail["kind"]) == ("staff:root", "course.viewed")


def test_a_shipped_rule_can_be_changed_and_dropped() -> None:
    new_course("c1:c1")
    lms, client = Lms(), admin()
    client.get(RULES)
    verb = statement()["verb"]["id"]
    rule = VerbRule.objects.get(verb=verb, activity_type="")
    client.post(f"{RULES}{rule.pk}/change/", {"kind": ""})
    lms.post(statement())
    assert Event.objects.count() == UnmappedVerb.objects.count() == 0
    client.post(f"{RULES}{rule.pk}/delete/", {"post": "yes"})
    lms.post(statement())
    assert UnmappedVerb.objects.get().verb == verb
    assert api.ledger_rows(action_prefix="verb.unmapped")


def test_a_kind_that_does_not_exist_is_refused() -> None:
    form = {"verb": ODD["id"], "activity_type": "", "kind": "course.hummed"}
    assert admin().post(f"{RULES}add/", form).status_code == 200
    assert not VerbRule.objects.filter(verb=ODD["id"]).exists()


def test_an_activity_type_of_its_own_goes_before_the_verb_alone() -> None:
    new_course("c1:c1")
    lms = Lms()
    viewed = {"id": "http://id.tincanapi.com/verb/viewed"}
    lms.post(statement(verb=viewed))
    lms.post(statement(verb=viewed, object={"id": "c1:c1"}))
    assert set(Event.objects.values_list("kind", flat=True)) == {1, 80}


def test_one_source_cannot_fill_the_list_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signals.capture.xapi.verbs.MOST_UNMAPPED", 2)
    lms = Lms()
    for number in range(5):
        lms.post(statement(verb={"id": f"https://verbs.example/{number}"}))
    counted = dict(UnmappedVerb.objects.values_list("verb", "statements"))
    assert len(counted) == 3
    assert counted["(others)"] == 3


def test_the_admin_chooses_what_is_kept_of_a_source() -> None:
    lms = Lms()
    source = Source.objects.get(name=lms.name)
    address = f"/admin/signals/source/{source.pk}/change/"
    form = {"title": "Moodle", "active": "on", "profile": "store"}
    assert admin().post(address, form).status_code == 302
    source.refresh_from_db()
    assert (source.profile, source.title) == ("store", "Moodle")
    assert api.ledger_rows(action_prefix="source.profile")[0].actor == "staff:root"


def test_nobody_but_an_admin_opens_the_rules() -> None:
    client = Client()
    client.force_login(uma().account)
    assert client.get(RULES).status_code == 403
