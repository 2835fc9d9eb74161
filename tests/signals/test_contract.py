"""Does the published contract say what the doors do, and does a change of it get a new version?"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.test import Client

from signals import api, sealing
from signals.capture import published
from signals.data import ContractField, ContractKind, Tier
from signals.kinds import registry
from signals.kinds.kind import Need, Value
from signals.models import Event, ForumPost, SearchQuery
from tests.factories import ada, new_course, wire_event
from tests.signals.door import Door

ADDRESS = "/signals/v1/contract"
MAY_BE_SENT = [kind for kind in api.contract().kinds if kind.sent_by != "nobody"]


def sample(field: ContractField) -> object:
    """Return something the contract says may stand in a field."""
    if field.choices:
        return field.choices[-1]
    if field.type == "text":
        return "EUR" if field.pattern else "w" * int(field.low or 3)
    at_least = field.low if field.low is not None else (field.above or 0) + 1
    return {
        "number": at_least,
        "integer": int(at_least),
        "true or false": True,
        "UUID": str(uuid4()),
    }[field.type]


def event_of(kind: ContractKind, **changed: object) -> dict[str, object]:
    """Return an event with every field that the contract names."""
    return wire_event(
        kind.name,
        learner="ada",
        course="c1",
        module="m1",
        value=kind.value.high if kind.value else None,
        context={field.name: sample(field) for field in kind.context},
    ) | dict(changed)


def test_everyone_reads_the_contract_as_json_with_its_version() -> None:
    answer = Client().get(ADDRESS)
    told: dict[str, Any] = msgspec.json.decode(answer.content)
    assert answer["Content-Type"] == "application/json"
    assert told["version"] == registry.VERSION
    assert {kind["name"] for kind in told["kinds"]} == set(registry.KINDS)
    assert told["limits"]["oldest_days"] == 35
    assert Client().post(ADDRESS).status_code == 405


def test_a_changed_contract_needs_a_new_version() -> None:
    told = api.contract()
    assert registry.VERSIONS[told.version] == told.digest, (
        "The contract changed. Add a line with a new version and the digest "
        f"{told.digest} to VERSIONS in signals/kinds/registry.py."
    )


def test_versions_only_go_up_and_no_digest_comes_twice() -> None:
    numbers = [tuple(map(int, version.split("."))) for version in registry.VERSIONS]
    assert all(len(number) == 3 for number in numbers)
    assert numbers == sorted(set(numbers))
    assert len(set(registry.VERSIONS.values())) == len(numbers)


@pytest.mark.parametrize(
    "change",
    [
        {"tier": Tier.FINE_GRAINED},
        {"purpose": "sell it"},
        {"retention_months": 24},
        {"noted": ()},
        {"course": Need.REQUIRED},
        {"value": Value(low=0, high=9, unit="words")},
        {"server_only": True},
    ],
)
def test_any_change_of_a_kind_is_another_digest(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    before = api.contract().digest
    kind = registry.KINDS["forum.posted"]
    monkeypatch.setitem(registry.KINDS, kind.name, replace(kind, **change))
    assert api.contract().digest != before


def test_a_change_of_a_limit_is_another_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    before = api.contract().digest
    monkeypatch.setattr(published, "LIMITS", {**published.LIMITS, "late_hours": 24})
    assert api.contract().digest != before


@pytest.fixture
def door(db: None) -> Door:
    """A platform's key, a learner with every consent and a course with a module."""
    ada()
    new_course("c1", modules=["m1"])
    return Door()


@pytest.mark.parametrize("kind", MAY_BE_SENT, ids=lambda kind: kind.name)
def test_an_event_made_of_the_contract_is_kept_as_it_says(door: Door, kind: ContractKind) -> None:
    counts = door.send(event_of(kind))
    assert counts["accepted"] == 1, counts["errors"]
    event = Event.objects.get()
    clear = {field.name for field in kind.context if field.kept == "clear"}
    assert set(event.context or {}) | ({"request_id"} if event.request_id else set()) == clear
    assert event.kind == kind.code
    assert (event.value is not None) == (kind.value is not None or kind.value_made_here)
    noted = [field.name for field in kind.context if field.kept == "whether"]
    assert list(ForumPost.objects.values_list("reply", flat=True)) == [True] * len(noted)
    assert list(sealed_texts(event.learner_id)) == [
        sample(field) for field in kind.context if field.kept == "sealed"
    ]


def sealed_texts(learner_id: int) -> Iterator[object]:
    """Open what is kept sealed of a learner."""
    texts = [
        *SearchQuery.objects.values_list("sealed", flat=True),
        *ForumPost.objects.values_list("sealed", flat=True),
    ]
    for opened in sealing.unseal_many([(learner_id, bytes(text)) for text in texts]):
        yield opened.decode() if opened else None


@pytest.mark.parametrize("kind", MAY_BE_SENT, ids=lambda kind: kind.name)
def test_what_the_contract_requires_is_refused_where_it_is_missing(
    door: Door, kind: ContractKind
) -> None:
    required = [field.name for field in kind.context if field.required]
    whole = {field.name: sample(field) for field in kind.context}
    lacking = [
        event_of(kind, context={name: part for name, part in whole.items() if name != missing})
        for missing in required
    ]
    lacking += [
        event_of(kind, **{place: None})
        for place, needed in (
            ("course", kind.course == "required"),
            ("module", kind.module == "required"),
            ("value", kind.value is not None and kind.value.required),
        )
        if needed
    ]
    assert not lacking or door.send(*lacking)["quarantined"] == len(lacking)


def test_what_only_a_platform_may_send_is_refused_to_a_page(client: Client, db: None) -> None:
    person = ada()
    new_course("c1", modules=["m1"])
    client.force_login(person.account)
    events = [event_of(kind) for kind in MAY_BE_SENT]
    answer = client.post(
        "/signals/v1/batch",
        msgspec.json.encode({"batch": events}),
        content_type="application/json",
        headers={"Origin": "http://testserver"},
    )
    refused = {error["index"] for error in msgspec.json.decode(answer.content)["errors"]}
    assert refused == {
        index for index, kind in enumerate(MAY_BE_SENT) if kind.sent_by == "platform"
    }
