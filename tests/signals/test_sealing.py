"""Who can read what is sealed? Only the key it was sealed with, while it exists."""

from datetime import timedelta

import pytest
from django.db import connections
from pytest_django import DjangoAssertNumQueries, Settings

from signals import api, sealing
from signals.capture import quarantine
from signals.capture.contract import Refusal
from signals.models import DataKey, DayKey, Identity, Quarantine
from signals.privacy.identity import ensure_learners
from tests.factories import moment, new_learner, pages_source

pytestmark = pytest.mark.django_db


def test_keys_and_who_was_erased_live_in_a_database_of_their_own() -> None:
    tables = {name: connections[name].introspection.table_names() for name in ("default", "keys")}
    ours = {table for table in tables["keys"] if table.startswith("signals_")}
    assert ours == {"signals_datakey", "signals_daykey", "signals_erasedlearner"}
    assert not ours & set(tables["default"])


def test_an_external_id_stands_nowhere_in_clear() -> None:
    learner_id = new_learner("lovelace@example.org")
    row = Identity.objects.get()
    assert b"lovelace" not in bytes(row.sealed) + bytes(row.lookup)
    assert api.external_id(learner_id) == "lovelace@example.org"
    assert api.find_learner("lovelace@example.org") == learner_id
    assert api.find_learner("LOVELACE@example.org") is None


def test_what_one_learner_sealed_another_cannot_open() -> None:
    ada, ben = new_learner("ada"), new_learner("ben")
    sealed = sealing.seal(ada, b"secret", use="text")
    assert sealing.unseal(ada, sealed, use="text") == b"secret"
    for learner_id, use in ((ben, "text"), (ada, "ledger")):
        with pytest.raises(sealing.KeyGoneError):
            sealing.unseal(learner_id, sealed, use=use)
    DataKey.objects.filter(learner_id=ben).update(sealed=DataKey.objects.get(learner_id=ada).sealed)
    sealing.forget_cached()
    with pytest.raises(sealing.KeyGoneError):  # a key moved to another learner does not fit
        sealing.unseal(ben, sealed, use="text")


def test_a_destroyed_key_takes_what_it_sealed_along() -> None:
    ada, ben = new_learner("ada"), new_learner("ben")
    sealed = [(who, sealing.seal(who, b"secret", use="text")) for who in (ada, ben)]
    assert sealing.destroy_keys([ada]) == 1
    assert sealing.unseal_many(sealed) == [None, b"secret"]
    assert api.external_id(ada) is None


def test_another_master_key_finds_nobody(settings: Settings) -> None:
    new_learner("ada")
    settings.MASTER_KEY = "another master key of a stolen copy"
    assert api.find_learner("ada") is None


def test_quarantine_can_be_read_for_thirty_days() -> None:
    now = moment()
    refusal = Refusal(0, "invalid_field", "because", b'{"learner":"lovelace"}')
    quarantine.store([refusal], source_id=pages_source(), now=now)
    row = Quarantine.objects.get()
    assert b"lovelace" not in bytes(row.sealed)
    assert quarantine.opened(row) == b'{"learner":"lovelace"}'
    assert quarantine.purge(now + timedelta(days=30)) == 0
    assert quarantine.purge(now + timedelta(days=31)) == 1
    assert not DayKey.objects.exists()
    with pytest.raises(sealing.KeyGoneError):
        quarantine.opened(row)


def test_checks_refuse_weak_keys_and_a_shared_database(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sealing.check_keys() == []
    settings.MASTER_KEY = "short"
    monkeypatch.setitem(settings.DATABASES, "keys", settings.DATABASES["default"])
    assert [found.id for found in sealing.check_keys()] == ["signals.E001", "signals.E002"]


def test_a_thousand_new_learners_cost_a_few_statements(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    names = [f"learner-{number}" for number in range(1000)]
    with django_assert_max_num_queries(5):
        made = ensure_learners(names, now=moment())
    assert len(set(made.values())) == 1000
    assert all(0 < learner_id < 2**63 for learner_id in made.values())
    assert ensure_learners(names, now=moment()) == made
