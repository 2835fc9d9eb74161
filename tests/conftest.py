"""What every test finds: both databases, a cheap password hasher, nothing left in a cache."""

import os
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from typing import cast

import pytest
from django.conf import settings
from django.core.cache import cache, caches
from django.db import connection, connections
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from experiments.stats.bucketing import in_share

BOTH = ["default", "keys"]
WITH_DATABASE = {"db", "transactional_db", "client", "admin_client", "live_server"}
TRANSACTIONAL = {"transactional_db", "live_server"}
KEPT = {"django_content_type", "auth_permission"}  # what Django itself writes for all tables
PUBLIC = ("signals.api", "experiments.api", "personalize.api")

# Workers of pytest-xdist share one Valkey: each clears a database of its own.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_cache = cast("dict[str, str]", settings.CACHES["default"])
_cache["LOCATION"] = f"{_cache['LOCATION'].partition('?')[0]}?db={2 + _worker % 14}"
settings.SPOOL_DIR = settings.SPOOL_DIR.with_name(f"spool-of-tests-{os.getpid()}")
settings.LEDGER_ANCHOR_FILE = settings.SPOOL_DIR / "anchors.jsonl"
settings.STATIC_ROOT = settings.BASE_DIR / "static"  # the collected files exist in deployments only
settings.WHITENOISE_AUTOREFRESH = True  # else every client of a test lists all static files anew
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# How long one example takes says more about the machine's other work than about the product; and
# the same examples each time: who runs the tests must not find what whoever wrote them did not.
hypothesis_settings.register_profile("northway", deadline=None, derandomize=True)
hypothesis_settings.load_profile("northway")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test that uses the database the keys database as well."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        marks = list(item.iter_markers("django_db"))
        for mark in marks:
            kwargs = {"databases": BOTH, **mark.kwargs}
            item.add_marker(pytest.mark.django_db(*mark.args, **kwargs), append=False)
        if not marks and names & WITH_DATABASE:
            whole = bool(names & TRANSACTIONAL)
            item.add_marker(pytest.mark.django_db(transaction=whole, databases=BOTH))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let tests that commit empty the ledger behind them; what refuses it has a test of its own."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE signals_ledgerentry DISABLE TRIGGER ledger_not_emptied")


@pytest.fixture(autouse=True, scope="session")
def _empty_quickly() -> Iterator[None]:
    """Empty, after a test that commits, the tables it filled; Django empties them all.

    It also makes all content types and permissions anew, which took most of a second: kept here.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _empty_what_is_filled)
        yield


def _empty_what_is_filled(case: TransactionTestCase) -> None:
    for alias in [one for one in BOTH if one in case.databases]:
        connection = connections[alias]
        tables = connection.introspection.django_table_names(only_existing=True)
        asked = [f"SELECT '{one}' WHERE EXISTS (SELECT FROM {one})" for one in set(tables) - KEPT]  # noqa: S608  names of tables
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(asked))
            filled = [name for (name,) in cursor.fetchall()]
            if filled:
                cursor.execute(f"TRUNCATE {', '.join(filled)} CASCADE")


@pytest.fixture(autouse=True, scope="session")
def _addresses() -> None:
    """Import every view first: one imported while a test has a name replaced would keep that."""
    import_module(settings.ROOT_URLCONF)


@pytest.fixture(autouse=True)
def _same_learners(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the ids of learners from the test's name, outside the comparison group.

    An id decides the arm, and one in twenty falls into the comparison group: a test that the next
    run decides anew tells nobody anything. Tests of the group itself choose its learners by hand.
    """
    assignment = import_module("experiments.assignment")
    share, salt, numbers = assignment.HOLDOUT_SHARE, assignment.HOLDOUT_SALT, count()

    def drawn() -> int:
        for number in numbers:
            text = f"{request.node.nodeid} {number}".encode()
            unit = int.from_bytes(sha256(text).digest()[:8]) >> 1
            if not in_share(unit=unit, salt=salt, share=share):
                return unit
        raise AssertionError

    monkeypatch.setattr("signals.privacy.identity.new_learner_id", drawn)


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    """Empty what a process remembers: each app's `api.forget_caches`, and the cache."""
    yield
    for name in PUBLIC:
        if find_spec(name) is not None:
            getattr(import_module(name), "forget_caches", lambda: None)()
    cache.clear()
    caches["flags"].clear()
