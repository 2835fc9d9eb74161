"""Do the commands for keys and switches do what the interface does? (L1)"""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from signals import api
from tests.factories import moment, new_learner

pytestmark = pytest.mark.django_db


def test_a_made_key_opens_what_it_was_made_for_and_nothing_else() -> None:
    said = StringIO()
    call_command("create_key", "moodle", scopes="capture, backfill", stdout=said)
    key = said.getvalue().strip()
    known = api.authenticate(key, scope="backfill", now=moment())
    assert known is not None
    assert known.name == "moodle"
    assert api.authenticate(key, scope="recommend", now=moment()) is None


def test_a_scope_that_does_not_exist_is_named() -> None:
    with pytest.raises(CommandError, match="reports"):
        call_command("create_key", "moodle", scopes="capture,reports")


def switch(*words: str) -> None:
    call_command("set_consent", *words, stdout=StringIO())


def test_switches_set_elsewhere_are_taken_over() -> None:
    learners = {name: new_learner(name) for name in ("first", "second")}
    switch(*learners, "--purpose=personalization", "--off")
    assert not any(api.allowed(one).personalization for one in learners.values())
    third = new_learner("third")
    switch("third", "--purpose=fine_grained", "--on")
    assert api.allowed(third).fine_grained


def test_an_unknown_learner_stops_the_whole_call() -> None:
    learner_id = new_learner("known")
    with pytest.raises(CommandError, match="stranger"):
        switch("known", "stranger", "--purpose=personalization", "--off")
    assert api.allowed(learner_id).personalization
