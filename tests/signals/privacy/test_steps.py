"""Does an erasure reach its end, whoever is killed and whatever is away, and say so truly?"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.core.management import call_command

from signals import api, ledger
from signals.data import SYSTEM, Actor, ActorKind
from signals.models import DataKey, ErasedLearner, Learner, PrivacyRequest, Quarantine, Tombstone
from signals.privacy import erasure, own_rows, registry, requests
from signals.tasks import go_on_with_erasures
from tests.factories import ada, ben, moment, new_course, wire_event
from tests.signals.derive.rows import one_of_each
from tests.signals.door import Door

pytestmark = pytest.mark.django_db

STEPS = (
    "tombstone",
    "refused",
    "rows",
    "sessions",
    "spool",
    "caches",
    "models",
    "keys",
    "requests",
)


class Killed(BaseException):
    """Stands for the end of a process: nothing of the product catches it."""


def somebody() -> int:
    """Return a learner with rows, refused input and an earlier request."""
    person, course = ada(), new_course("c1")
    Door().send(
        wire_event("course.enrolled", course="c1"),
        wire_event("search.performed", value=1, context={"query": "bread"}),
        wire_event("no.kind"),
    )
    one_of_each(person.learner_id, course_id=course.course_id)
    me = Actor(ActorKind.LEARNER, str(person.learner_id))
    api.reset_learner(person.learner_id, actor=me, now=moment())
    return person.learner_id


@contextmanager
def killed_at(step: str, *, after: bool) -> Iterator[None]:
    """Kill whoever comes to a step: when it is done and about to be written down, or before."""
    note, is_done = requests.note, requests.is_done

    def noting(receipt: UUID, name: str, **said: object) -> None:
        if name == step:
            raise Killed
        note(receipt, name, **said)  # type: ignore[arg-type]

    def asking(receipt: UUID, name: str) -> bool:
        if name == step:
            raise Killed
        return is_done(receipt, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests, *(("note", noting) if after else ("is_done", asking)))
        with pytest.raises(Killed):
            yield


def is_gone(learner_id: int) -> bool:
    """Ask the tables themselves, not what was written down."""
    rows = own_rows.left(learner_id) + DataKey.objects.filter(learner_id=learner_id).count()
    return rows == Learner.objects.filter(learner_id=learner_id).count() == 0


@pytest.mark.parametrize("step", STEPS)
def test_whoever_is_killed_at_a_step_is_followed_by_another(step: str) -> None:
    learner_id = somebody()
    with killed_at(step, after=True):
        api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    if step != "requests":
        with killed_at(step, after=False):
            api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    assert go_on_with_erasures() == 1
    assert is_gone(learner_id)
    assert not Quarantine.objects.exists()
    assert Tombstone.objects.count() == ErasedLearner.objects.count() == 1
    request = PrivacyRequest.objects.get(kind="erase")
    assert request.done_at is not None
    assert {said["name"]: said["left"] for said in request.steps} == dict.fromkeys(STEPS, 0)
    assert go_on_with_erasures() == 0
    assert ledger.verify().entries > 0


def test_a_receipt_says_what_went_and_names_nobody() -> None:
    learner_id = somebody()
    me = Actor(ActorKind.LEARNER, str(learner_id))
    receipt = api.erase_learner(learner_id, actor=me, now=moment())
    assert receipt["waiting"] == []
    found = api.request_of(UUID(str(receipt["receipt"])))
    assert found is not None
    assert found.done_at is not None
    assert [step.name for step in found.steps] == list(STEPS)
    counts = {step.name: step.count for step in found.steps}
    assert (counts["tombstone"], counts["refused"], counts["keys"]) == (1, 1, 1)
    assert counts["rows"] > 5
    assert counts["requests"] == 2  # with the reset before it
    said = str(list(PrivacyRequest.objects.values()))
    assert str(learner_id) not in said


def test_a_cache_that_is_away_is_waited_for_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    learner_id = somebody()

    def away(_learner_id: int) -> int:
        raise ConnectionError("the cache is away")

    with monkeypatch.context() as patch:
        patch.setitem(registry._erase, "personalize.cache", ("caches", away))
        receipt = api.erase_learner(learner_id, actor=SYSTEM, now=moment())
        assert receipt["waiting"] == ["caches"]
        assert is_gone(learner_id)
        assert api.requests_made(waiting=True)[0].done_at is None
        assert go_on_with_erasures() == 0
    assert go_on_with_erasures() == 1
    assert api.requests_made(waiting=True) == []


def test_what_a_query_still_finds_keeps_an_erasure_open(monkeypatch: pytest.MonkeyPatch) -> None:
    learner_id = somebody()
    with monkeypatch.context() as patch:
        patch.setitem(registry._left, "a test", ("models", lambda _learner_id: 2))
        receipt = api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    assert receipt["waiting"] == ["models"]
    [step] = [one for one in api.requests_made(waiting=True)[0].steps if one.name == "models"]
    assert step.left == 2
    call_command("resume_erasures")
    assert api.requests_made(waiting=True) == []


def test_one_erasure_that_fails_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    first, other = somebody(), ben().learner_id
    for learner_id in (first, other):
        with killed_at("refused", after=False):
            api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    own = own_rows.erase

    def broken(learner_id: int) -> int:
        if learner_id == first:
            raise RuntimeError("broken")
        return own(learner_id)

    with monkeypatch.context() as patch:
        patch.setitem(registry._erase, "signals", ("rows", broken))
        assert erasure.resume(now=moment()) == 1
    assert is_gone(other)
    assert erasure.resume(now=moment()) == 1
    assert is_gone(first)


def test_what_was_being_refused_meanwhile_is_found_a_little_later() -> None:
    somebody()
    learner_id = api.find_learner("ada")
    assert learner_id is not None
    row = Quarantine.objects.get()
    api.erase_learner(learner_id, actor=SYSTEM, now=moment())
    row.pk, row.mark = None, None
    row.save()  # as by a request that looked for tombstones before there was one
    go_on_with_erasures()
    assert not Quarantine.objects.exists()
