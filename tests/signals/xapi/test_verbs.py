"""Which kind is a verb, which verbs has nobody decided on, and what becomes of what waits?"""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, OperationalError
from django.test import Client

from signals import api
from signals.capture.replay import replay
from signals.capture.xapi import mapping, verbs
from signals.data import SYSTEM, Actor, ActorKind, NewVerbRule, VerbPreview
from signals.models import Event, Quarantine, Source, UnmappedVerb
from tests.factories import moment, new_course, root
from tests.signals.xapi.lms import COURSE, Lms, statement

pytestmark = pytest.mark.django_db
ODD = {"id": "https://verbs.example/hummed"}
ROOT = Actor(ActorKind.STAFF, "root", frozenset({"admin"}))


def admin() -> Client:
    """Return the browser of an admin."""
    client = Client()
    client.force_login(root().account)
    return client


def rule(kind: str, verb: str = ODD["id"], *, of_type: str = "", take_in: bool = False) -> None:
    api.set_verb_rule(
        ROOT, NewVerbRule(verb, of_type, kind, take_in), reason="They hum", now=moment()
    )


def by_learners(count: int, **parts: object) -> list[dict[str, object]]:
    """Return a statement of each of so many learners."""
    return [statement(actor=actor(f"u-{number}"), **parts) for number in range(count)]


def actor(name: str) -> dict[str, object]:
    return {"account": {"homePage": "https://moodle.example", "name": name}}


def shown() -> list[tuple[str, int]]:
    return [(row.verb, row.statements) for row in api.unmapped_verbs()]


def everything_kept() -> str:
    """Return every column of the counts of unmapped verbs as one text."""
    return repr(list(UnmappedVerb.objects.values_list()))


def test_verbs_no_rule_knows_are_counted_once_a_statement() -> None:
    lms, sent = Lms(), statement(verb=ODD)
    lms.post(sent, statement(verb=ODD))
    lms.post(sent)
    assert UnmappedVerb.objects.get().statements == 2
    assert Event.objects.count() == 0


def test_a_verb_of_one_learner_is_counted_and_its_words_are_nowhere() -> None:
    verb = {"id": "https://verbs.example/users/ada-lovelace/hummed"}
    Lms().post(*[statement(verb=verb) for _ in range(20)])
    assert shown() == []
    assert [(row.verbs, row.statements) for row in api.hidden_verbs()] == [(1, 20)]
    assert "ada-lovelace" not in everything_kept()
    assert "ada-lovelace" not in repr(list(Quarantine.objects.values_list()))


def test_a_verb_that_many_learners_used_is_shown_with_its_type_and_source() -> None:
    typed = {"id": "c1:c1", "definition": {"type": "https://types.example/song"}}
    Lms().post(*by_learners(60, verb=ODD, object=typed))
    row = api.unmapped_verbs()[0]
    assert (row.verb, row.activity_type) == (ODD["id"], "https://types.example/song")
    assert row.by_source == (("moodle", 60),)
    assert api.hidden_verbs() == ()


def test_ten_groups_of_learners_are_at_least_ten_learners() -> None:
    Lms().post(*by_learners(9, verb=ODD))
    assert shown() == []
    lms = Lms()
    for number in range(10, 60):
        lms.post(statement(verb=ODD, actor=actor(f"u-{number}")))
    assert shown() == [(ODD["id"], 59)]


def test_a_rule_works_from_then_on_and_stands_in_the_ledger_with_its_reason() -> None:
    new_course("c1:c1")
    lms = Lms()
    lms.post(statement(verb=ODD))
    rule("course.viewed")
    lms.post(statement(verb=ODD))
    assert Event.objects.get().kind == 1
    assert UnmappedVerb.objects.count() == 0
    row = api.ledger_rows(action_prefix="verb.mapped")[0]
    assert (row.actor, row.detail["kind"], row.detail["reason"]) == (
        "staff:root",
        "course.viewed",
        "They hum",
    )


def test_what_waited_is_taken_in_once_its_verb_has_a_rule() -> None:
    new_course("c1:c1")
    Lms().post(*by_learners(3, verb=ODD))
    rule("course.viewed", take_in=True)
    assert mapping.take_in(now=moment()) == 3
    assert Event.objects.filter(kind=1).count() == 3
    assert not any(row.taking_in for row in api.verb_rules())
    assert mapping.take_in(now=moment()) == 0


def test_statements_kept_whole_are_read_again_by_a_new_rule() -> None:
    new_course("c1:c1")
    Lms(profile="store").post(*by_learners(3, verb=ODD), statement())
    assert Quarantine.objects.count() == 0
    rule("course.viewed", take_in=True)
    assert mapping.take_in(now=moment()) == 3
    assert mapping.take_in(now=moment()) == 0
    rule("course.viewed", take_in=True)
    assert mapping.take_in(now=moment()) == 0
    assert Event.objects.count() == 4


@pytest.mark.parametrize("profile", ["capture", "store"])
def test_a_voided_statement_comes_in_by_no_rule(profile: str) -> None:
    new_course("c1:c1")
    lms, sent = Lms(profile=profile), statement(verb=ODD)
    lms.post(sent)
    lms.post(
        statement(
            id=str(uuid4()),
            verb={"id": "http://adlnet.gov/expapi/verbs/voided"},
            object={"objectType": "StatementRef", "id": sent["id"]},
        )
    )
    rule("course.viewed", take_in=True)
    assert mapping.take_in(now=moment()) == 0
    assert Event.objects.count() == 0


def test_an_erased_learner_comes_back_by_no_rule() -> None:
    new_course("c1:c1")
    Lms().post(statement(verb=ODD), *by_learners(1, verb=ODD))
    learner_id = api.find_learner("ada") or api.ensure_learner("ada", now=moment())
    api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    rule("course.viewed", take_in=True)
    assert mapping.take_in(now=moment()) == 1


def test_what_waits_with_a_verb_that_is_not_to_be_kept_goes() -> None:
    Lms().post(*by_learners(3, verb=ODD))
    assert Quarantine.objects.count() == 3
    rule("")
    mapping.take_in(now=moment())
    assert Quarantine.objects.count() == Event.objects.count() == 0


def test_only_the_first_of_a_verb_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signals.capture.xapi.unmapped.MOST_WAITING", 2)
    lms = Lms()
    lms.post(statement(verb=ODD))
    lms.post(*by_learners(4, verb=ODD))
    assert Quarantine.objects.count() == 2
    assert UnmappedVerb.objects.get().statements == 5


def test_a_preview_counts_what_a_rule_would_make_and_changes_nothing() -> None:
    new_course("c1:c1")
    score = {"score": {"scaled": 0.5}}
    lms = Lms()
    lms.post(*by_learners(15, verb=ODD, result=score), *by_learners(10, verb=ODD))
    nowhere = {"id": "nowhere:nowhere", "definition": {"type": COURSE}}
    lms.post(*by_learners(5, verb=ODD, object=nowhere))
    Lms("lrs", profile="store").post(statement())
    found = api.preview_verb_rule(ROOT, NewVerbRule(ODD["id"], "", "course.rated"))
    assert (found.looked_at, found.matched, found.waiting) == (31, 30, 30)
    assert (found.becomes, found.lacking, found.unusable) == (0, 25, 5)
    viewed = api.preview_verb_rule(ROOT, NewVerbRule(ODD["id"], "", "course.viewed"))
    assert (viewed.becomes, viewed.lacking, viewed.unusable) == (25, 0, 5)
    assert Event.objects.count() == 1


def test_a_preview_of_a_verb_that_few_learners_used_is_that_of_one_nobody_used() -> None:
    new_course("c1:c1")
    lms = Lms()
    lms.post(*by_learners(9, verb=ODD), *by_learners(9, verb=ODD))
    few = api.preview_verb_rule(ROOT, NewVerbRule(ODD["id"], "", "course.viewed"))
    nobody = api.preview_verb_rule(
        ROOT, NewVerbRule("https://verbs.example/none", "", "course.viewed")
    )
    assert few == nobody == VerbPreview(looked_at=18, matched=None)


@pytest.mark.parametrize("fault", [ValueError("of years ago"), DataError("no such moment")])
def test_a_rule_that_fails_holds_no_other_up(
    monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    new_course("c1:c1")
    other = {"id": "https://verbs.example/sang"}
    lms = Lms()
    lms.post(*by_learners(3, verb=ODD), *by_learners(2, verb=other))
    rule("course.viewed", take_in=True)
    rule("course.viewed", other["id"], take_in=True)

    def failing(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(mapping, "replay", replay)
        raise fault

    monkeypatch.setattr(mapping, "replay", failing)
    assert mapping.take_in(now=moment()) == 2
    assert [row.verb for row in api.verb_rules() if row.taking_in] == [ODD["id"]]
    assert mapping.take_in(now=moment()) == 3


def test_while_postgresql_is_away_no_rule_is_tried_after_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Lms().post(*by_learners(2, verb=ODD))
    rule("course.viewed", take_in=True)

    def away(*_given: Any, **_named: Any) -> Any:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(mapping, "replay", away)
    with pytest.raises(OperationalError):
        mapping.take_in(now=moment())
    assert [row.verb for row in api.verb_rules() if row.taking_in] == [ODD["id"]]


def test_a_shipped_rule_can_be_changed_and_forgotten() -> None:
    new_course("c1:c1")
    lms = Lms()
    verb = statement()["verb"]["id"]
    rule("", verb)
    lms.post(statement())
    assert Event.objects.count() == UnmappedVerb.objects.count() == 0
    api.drop_verb_rule(ROOT, verb=verb, activity_type="", reason="Wrong", now=moment())
    lms.post(statement())
    assert UnmappedVerb.objects.get().statements == 1
    assert api.ledger_rows(action_prefix="verb.unmapped")[0].detail["reason"] == "Wrong"


@pytest.mark.parametrize(
    ("new", "wrong"),
    [
        (NewVerbRule(ODD["id"], "", "course.hummed"), {"kind"}),
        (NewVerbRule("hummed", "", "course.viewed"), {"verb"}),
        (NewVerbRule("http://adlnet.gov/expapi/verbs/voided", "", ""), {"verb"}),
        (NewVerbRule(ODD["id"], "song", ""), {"activity_type"}),
        (NewVerbRule(f"https://x.example/{'x' * 255}", "", ""), {"verb"}),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(new: NewVerbRule, wrong: Iterable[str]) -> None:
    with pytest.raises(ValidationError) as refused:
        api.set_verb_rule(ROOT, new, reason="They hum", now=moment())
    assert refused.value.message_dict.keys() == wrong


def test_no_rule_changes_without_a_reason_or_by_anybody_but_an_admin() -> None:
    new = NewVerbRule(ODD["id"], "", "course.viewed")
    with pytest.raises(ValidationError):
        api.set_verb_rule(ROOT, new, reason=" ", now=moment())
    analyst = Actor(ActorKind.STAFF, "uma", frozenset({"analyst"}))
    with pytest.raises(PermissionError):
        api.set_verb_rule(analyst, new, reason="They hum", now=moment())
    assert ODD["id"] not in {row.verb for row in api.verb_rules()}


def test_a_rule_made_by_another_worker_holds_here_within_five_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [100.0]
    monkeypatch.setattr(verbs, "monotonic", lambda: clock[0])
    verbs.rules()
    held = verbs.rules()
    rule("course.viewed")
    monkeypatch.setattr(verbs, "_held", (clock[0], held))  # as another worker knows them
    assert (ODD["id"], "") not in verbs.rules()
    clock[0] += 5.1
    assert verbs.rules()[ODD["id"], ""] == "course.viewed"


def test_an_activity_type_of_its_own_goes_before_the_verb_alone() -> None:
    new_course("c1:c1")
    lms = Lms()
    viewed = {"id": "http://id.tincanapi.com/verb/viewed"}
    lms.post(statement(verb=viewed))
    lms.post(statement(verb=viewed, object={"id": "c1:c1"}))
    assert set(Event.objects.values_list("kind", flat=True)) == {1, 80}


def test_one_source_cannot_fill_the_list_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signals.capture.xapi.unmapped.MOST_UNMAPPED", 2)
    lms = Lms()
    for number in range(5):
        lms.post(statement(verb={"id": f"https://verbs.example/{number}"}))
    assert UnmappedVerb.objects.count() == 3
    hidden = api.hidden_verbs()[0]
    assert (hidden.verbs, hidden.statements) == (3, None)


def test_the_admin_chooses_what_is_kept_of_a_source() -> None:
    lms = Lms()
    source = Source.objects.get(name=lms.name)
    address = f"/admin/signals/source/{source.pk}/change/"
    form = {"title": "Moodle", "active": "on", "profile": "store"}
    assert admin().post(address, form).status_code == 302
    source.refresh_from_db()
    assert (source.profile, source.title) == ("store", "Moodle")
    assert api.ledger_rows(action_prefix="source.profile")[0].actor == "staff:root"
