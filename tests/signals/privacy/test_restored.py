"""Does a backup from before an erasure forget again, whichever of the databases it is of?"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from signals import api, sealing
from signals.capture import quarantine
from signals.data import SYSTEM
from signals.models import DataKey, ErasedLearner, Learner, Quarantine, Tombstone
from signals.privacy import own_rows, registry
from tests.factories import ada, moment, new_course, new_learner, wire_event
from tests.signals.door import Door
from tests.signals.xapi.lms import Lms, statement

pytestmark = pytest.mark.django_db


@contextmanager
def restored(alias: str) -> Iterator[None]:
    """Let a database be as it was before the block, as a backup taken then would make it."""
    before = transaction.savepoint(using=alias)
    yield
    transaction.savepoint_rollback(before, using=alias)
    api.forget_caches()


def replayed(tmp_path: Path) -> dict[str, int]:
    """Run the command and return what it says it did."""
    out = tmp_path / "replayed.json"
    call_command("replay_tombstones", "--json", str(out))
    said: dict[str, int] = json.loads(out.read_text())
    return said


def somebody() -> int:
    """Return a learner with rows of every sort, refused input among them."""
    person, door = ada(), Door()
    new_course("c1:c1")
    door.send(wire_event(course="c1:c1"), wire_event("no.kind"), wire_event("no.kind", learner="b"))
    door.post(b'{"batch": {"learner": "ada"}}')
    door.post(b'{"batch": {"learner": "ben"}}')
    door.post(b"no JSON, and perhaps about anybody")
    Lms(profile="store").post(statement())
    return person.learner_id


def test_a_restored_backup_is_told_who_was_erased_since(tmp_path: Path) -> None:
    learner_id, other = somebody(), new_learner("ben")
    with restored("default"):
        api.erase_learner(learner_id, actor=SYSTEM, now=moment(seconds=-1))
    assert Learner.objects.filter(learner_id=learner_id).exists()
    assert not Tombstone.objects.exists()
    assert api.external_id(learner_id) is None  # its key is gone: the backup cannot be read
    said = replayed(tmp_path)
    assert (said["learners"], said["tombstones"], said["refused"]) == (1, 1, 3)
    assert own_rows.left(learner_id) == 0
    left = [quarantine.opened(row) for row in Quarantine.objects.all()]
    assert len(left) == 2
    assert not any(b'"ada"' in body for body in left)
    with pytest.raises(api.ErasedLearnerError):
        api.ensure_learner("ada", now=moment())
    assert Learner.objects.filter(learner_id=other).exists()
    assert replayed(tmp_path) | {"remembered": 1} == dict.fromkeys(said, 0) | {"remembered": 1}


def test_restored_keys_are_destroyed_again(tmp_path: Path) -> None:
    learner_id = somebody()
    with restored("keys"):
        api.erase_learner(learner_id, actor=SYSTEM, now=moment(seconds=-1))
    assert DataKey.objects.filter(learner_id=learner_id).exists()
    assert not ErasedLearner.objects.exists()
    said = replayed(tmp_path)
    assert (said["remembered"], said["keys"]) == (1, 1)
    with pytest.raises(sealing.KeyGoneError):
        sealing.seal(learner_id, b"x", use="text")


def test_who_was_never_erased_stays(tmp_path: Path) -> None:
    learner_id = somebody()
    rows = own_rows.left(learner_id)
    assert set(replayed(tmp_path).values()) == {0}
    assert own_rows.left(learner_id) == rows
    assert api.external_id(learner_id) == "ada"


def test_a_replay_that_cannot_end_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learner_id = somebody()
    with restored("default"):
        api.erase_learner(learner_id, actor=SYSTEM, now=moment(seconds=-1))

    def away(_learner_id: int) -> int:
        raise ConnectionError("the cache is away")

    with monkeypatch.context() as patch:
        patch.setitem(registry._erase, "personalize.cache", ("caches", away))
        with pytest.raises(CommandError, match="run replay_tombstones again"):
            replayed(tmp_path)
    assert replayed(tmp_path)["waiting"] == 0
    assert own_rows.left(learner_id) == 0
