"""A surface is one file and one line of the registry."""

from types import ModuleType
from uuid import UUID

import pytest
from django.test import Client

from personalize.decision import surfaces
from personalize.decision.surfaces.base import declared
from signals.request_ids import read_request_id
from tests.factories import new_key
from tests.personalize.shop import Shop, learner


def test_codes_and_switches_are_used_once() -> None:
    known = surfaces.SURFACES.values()

    assert len({surface.code for surface in known}) == len(known)
    assert len({surface.off_switch for surface in known}) == len(known)
    assert all(1 <= surface.code <= 255 for surface in known)


def test_a_new_surface_is_asked_for_like_the_others(
    client: Client, trained: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = ModuleType("personalize.decision.surfaces.email")
    file.__dict__.update(
        KEY="email",
        CODE=200,
        SENTENCE="The weekly e-mail",
        UNIT="course",
        EXPERIMENT="",
        OFF_SWITCH="surface-email-off",
        K=4,
    )
    monkeypatch.setitem(surfaces.SURFACES, "email", declared(file))
    learner("ada", enrolled=trained.field("Data")[:4])
    headers = {"Authorization": f"Bearer {new_key('lms', 'recommend')}"}

    answer = client.get(
        "/personalize/v1/recommendations",
        {"learner": "ada", "surface": "email"},
        headers=headers,
    ).json()

    assert answer["source"] == "model"
    assert len(answer["items"]) == 4
    assert read_request_id(UUID(answer["request_id"]))[1] == 200
