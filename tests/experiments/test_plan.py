from dataclasses import fields, replace
from typing import Any

import pytest

from experiments.data import Plan
from tests.experiments.plans import SOUND, plan

OTHER: dict[str, Any] = {
    "key": "other",
    "title": "Other",
    "hypothesis": "Something else.",
    "surfaces": ("home", "explore"),
    "primary_metric": "enrolments",
    "guardrails": (),
    "mde": 0.24,
    "baseline_mean": 0.081,
    "baseline_sd": 0.26,
    "planned_per_arm": 2999,
    "look_days": (13, 21, 28),
    "variants": ("model", "generic"),
    "shares": (0.5, 0.49),
    "salt": "short-first:2",
    "alpha": 0.051,
    "power": 0.81,
    "exploratory": True,
    "serves": "Something else.",
    "decision_rule": "Something else.",
    "margins": (0.05,),
    "unit": "class",
    "hash": "growthbook",
    "namespace": "home",
    "namespace_from": 0.1,
    "namespace_to": 0.9,
    "ramp": (0.25, 1.0),
    "widens_by_itself": False,
    "icc": 0.05,
    "cluster_size": 24.0,
    "targeting": '{"country": "de"}',
    "design": "interleaved",
    "format": 1,
}
# As registered before there were outcome, rule, margins, unit, hash and namespace.
OLD = replace(SOUND, format=1, serves="", decision_rule="")


def test_every_field_has_a_changed_value_to_try() -> None:
    assert {field.name for field in fields(Plan)} == set(OTHER)


@pytest.mark.parametrize("name", OTHER)
def test_changing_any_field_changes_the_digest(name: str) -> None:
    assert plan(**{name: OTHER[name]}).digest() != SOUND.digest()


def test_the_digest_of_a_plan_is_the_same_everywhere() -> None:
    assert plan().digest() == SOUND.digest()
    assert SOUND.digest() == "634c1e723ad5b6c3e03998a91d09e20e2fde26f6a3ef71f2a3e62732eaec1913"


def test_digests_of_an_older_format_stay_valid() -> None:
    assert OLD.digest() == "33ff1136fc2070ad849484e46d2b1b4fad6b97bc1c3b112eaa0f85fdaed33793"
    third = replace(SOUND, format=3)
    assert third.digest() == "3ee4a92645971befd5179d5ab4200452415021565acd2f6a7321bb37dab080cf"
    second = replace(SOUND, format=2)
    assert second.digest() == "47f468d5ac0a0edb72987075b93c6922e21fea8f7d2c1683e6ac70da22651d20"


@pytest.mark.parametrize("name", sorted(set(OTHER) - {"format"}))
def test_a_plan_of_an_older_format_is_frozen_in_its_newer_fields_too(name: str) -> None:
    assert replace(OLD, **{name: OTHER[name]}).digest() != OLD.digest()


def test_a_guardrail_without_a_margin_of_its_own_has_the_usual_one() -> None:
    assert plan(margins=(0.05,)).margin("modules_completed") == 0.05
    assert plan().margin("modules_completed") == plan(margins=(0.05,)).margin("ctr") == 0.1


def test_looks_are_fractions_of_the_planned_days() -> None:
    assert plan(look_days=(7, 14, 28)).fractions == (0.25, 0.5, 1.0)
