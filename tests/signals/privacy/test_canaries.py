"""Is a learner's word found anywhere after they are erased? It would be, were it there.

The same with a hundred learners, a model and a backup: test_hundred.py, by `make prove`.
"""

import logging
import secrets
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from time import time

import pytest
from pytest_django import Settings

from signals.privacy import rewrite
from tests.factories import moment
from tests.signals.privacy import crawl, planted
from tests.signals.privacy.canaries import Words, World, derive

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Return what this process says in its logs."""
    text = StringIO()
    handler = logging.StreamHandler(text)
    logging.getLogger().addHandler(handler)
    yield text
    logging.getLogger().removeHandler(handler)


@pytest.fixture(autouse=True)
def node(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test a node's folders of its own, and no thread of another's."""
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.MODELS_DIR = tmp_path / "models"
    settings.SNAPSHOT_DIR = tmp_path / "snapshot"
    monkeypatch.setattr("personalize.decision.background.allowed_here", lambda: False)


def new_prefix() -> str:
    """Return a word no file holds by chance."""
    return "".join(secrets.choice("bcdfghjkmnpqrtvwxz") for _ in range(12))


def test_a_planted_word_is_found_in_every_kind_of_place(log: StringIO, tmp_path: Path) -> None:
    since, word = time(), new_prefix()
    planted.plant(word)
    said = log.getvalue().encode()
    hits = crawl.everywhere(crawl.wanted(word), folders=[tmp_path], logs=said, since=since)
    assert {hit.place for hit in hits} == planted.PLACES


def test_nothing_of_an_erased_learner_is_found(log: StringIO, tmp_path: Path) -> None:
    since = time()
    world, account = World(new_prefix(), 2, tmp_path), Words(new_prefix(), 0)
    pattern = crawl.wanted(world.prefix, account.prefix)

    def places() -> tuple[set[str], set[str]]:
        said = log.getvalue().encode()
        hits = crawl.everywhere(pattern, folders=[tmp_path], logs=said, since=since)
        first, second = ({hit.place for hit in hits if hit.which == n} for n in (0, 1))
        return first, second

    world.send()
    world.pages(Words(world.prefix, 0), known_as=account)
    derive()
    about, of_account = places()
    assert about == {"quarantine, opened", "statements, opened"}
    assert of_account == set()
    world.erase()
    assert set(world.late().values()) == {0}
    derive()
    assert rewrite.rewrite_accounts(now=moment()) > 0
    about, of_account = places()
    assert about == of_account == set()
