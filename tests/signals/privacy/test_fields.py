"""Is every field of every table declared, and does the declaration say what is done?"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.test.utils import isolate_apps

from personalize import fields as personalize
from personalize.decision.partitions import KEPT_DAYS
from signals import api
from signals.capture.contract import TOO_OLD
from signals.data import Basis, Copied, Erased, TableUse, Tier
from signals.derive.quality import FINDINGS_DAYS
from signals.kinds.kind import RETENTION_MONTHS
from signals.privacy.consent import LEGAL_BASIS
from signals.privacy.fields import arrived, book, derived, terms


def test_every_field_of_every_table_is_declared_and_no_other() -> None:
    assert list(book.differences(book.installed(), api.field_registry())) == []


@isolate_apps("signals")
def test_a_planted_table_a_planted_field_and_a_stale_one_are_found() -> None:
    class Planted(models.Model):
        learner_id = models.BigIntegerField()
        mood = models.CharField(max_length=10)

        class Meta:
            app_label = "signals"

        def __str__(self) -> str:
            return self.mood

    whole = next(table for table in api.field_registry() if table.name == "signals.Learner")
    said = list(book.differences([Planted], []))
    assert said == ["signals.Planted is not declared: say in its app's fields why it is kept."]
    told = TableUse("signals.Planted", whole.use, "id learner_id taste")
    assert list(book.differences([Planted], [told, whole])) == [
        "signals.Learner is declared and is no table: take it out of its app's fields.",
        "signals.Planted.mood is not declared: say why it is kept.",
        "signals.Planted.taste is declared and is no column: take it out.",
    ]


def uses() -> Mapping[str, Any]:
    """Return every use by app.Model.field."""
    return {
        f"{table.name}.{name}": table.of(name)
        for table in api.field_registry()
        for name in table.names
    }


def test_every_field_says_why_how_long_and_for_whom() -> None:
    for name, use in uses().items():
        assert all((use.purpose, use.retention, use.readers)), name
        if use.basis in {Basis.INTEREST, Basis.CONSENT, Basis.EXPLAINED}:
            assert use.tier is not None, name
        if use.erase is not Erased.NOBODY:
            assert use.basis is not Basis.NOT_PERSONAL, name
        assert (use.export is Copied.NOBODY) == (use.erase is Erased.NOBODY), name


def test_the_basis_of_a_tier_is_the_one_that_consent_works_by() -> None:
    by_tier = (Basis.CONTRACT, Basis.INTEREST, Basis.CONSENT, Basis.EXPLAINED)
    assert [basis.value for basis in by_tier] == [LEGAL_BASIS[tier] for tier in Tier]
    for name, use in uses().items():
        if use.basis in by_tier and use.tier is not None:
            assert by_tier.index(use.basis) == use.tier, name


def test_what_is_about_learners_has_their_number_or_says_what_leads_to_them() -> None:
    leads = {"learner_id", "learner", "subject", "learner_ids", "mark", "username", "lookup"}
    others = {  # what is theirs by another row
        "signals.StatementFile",
        "axes.AccessAttemptExpiration",
        "admin.LogEntry",
        "sessions.Session",
        "experiments.Flag_users",
    }
    about = {table.name for table in api.field_registry() if table.about_learners}
    named = {table.name for table in api.field_registry() if table.names & leads}
    staff = {"signals.OutsideIdentity"}  # who signs in at a school to work there
    assert about == (named | others) - staff


def test_retention_is_said_as_it_is_kept() -> None:
    assert f"{RETENTION_MONTHS} months" == terms.RAW
    assert f"{TOO_OLD.days} days" == arrived.CLAIMED
    assert f"{FINDINGS_DAYS} days" == derived.FINDINGS
    assert f"{KEPT_DAYS} days" == personalize.LOGGED
    days = timedelta(seconds=settings.SESSION_COOKIE_AGE).days
    assert personalize.SIGNED_IN.startswith(f"{days} days")


def test_a_changed_default_changes_all_fields_but_exceptions() -> None:
    table = next(table for table in api.field_registry() if table.name == "signals.Event")
    changed = replace(table, use=replace(table.use, retention="a day"))
    assert changed.of("value").retention == "a day"
    assert changed.of("tx").retention == terms.RAW
