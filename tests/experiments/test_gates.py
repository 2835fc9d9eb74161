import math
from typing import Any

import pytest

from experiments.gates import challenger
from experiments.gates.context import Context, Taken
from experiments.gates.duration import MOST_DAYS, opening_days
from experiments.gates.power import needed_per_arm
from experiments.gates.registry import GATES, check_all
from experiments.stats.power import power
from tests.experiments.plans import plan


def refusing(*, switch_exists: bool = True, **changes: Any) -> list[str]:
    context = Context(
        plan=plan(**changes),
        switch="experiment:short-first",
        switch_exists=switch_exists,
        surfaces=("home", "player"),
    )
    return [finding.gate for finding in check_all(context)]


def test_arms_name_the_live_model_and_the_one_that_waits() -> None:
    served = ("model-11111111", "model-22222222")
    refused = {
        named: challenger.check(
            Context(
                plan=plan(variants=named), switch="", switch_exists=True, surfaces=(), models=served
            )
        )
        for named in (served, ("generic", served[1]), served[::-1], (served[0], "model-2222222"))
    }
    assert [found is None for found in refused.values()] == [True, True, False, False]
    said = refused[served[0], "model-2222222"]
    assert said is not None
    assert "It is: control model-11111111, variant model-22222222." in said.detail


def test_a_sound_plan_may_start() -> None:
    assert refusing() == []


@pytest.mark.parametrize(
    ("changes", "gate"),
    [
        ({"hypothesis": ""}, "hypothesis"),
        ({"hypothesis": "It is better."}, "hypothesis"),
        ({"surfaces": ()}, "surfaces"),
        ({"surfaces": ("home", "home")}, "surfaces"),
        ({"surfaces": ("home", "hom")}, "surfaces"),
        ({"serves": "More clicks."}, "sentences"),
        ({"decision_rule": ""}, "sentences"),
        ({"margins": (0.1, 0.1)}, "margins"),
        ({"margins": (0.0,)}, "margins"),
        ({"margins": (0.3,)}, "margins"),
        ({"unit": "school"}, "draw"),
        ({"unit": "class"}, "groups"),
        ({"unit": "cohort", "icc": 0.1}, "groups"),
        ({"unit": "class", "icc": 1.0, "cluster_size": 24.0}, "groups"),
        ({"icc": 0.1, "cluster_size": 24.0}, "groups"),
        ({"targeting": "country = de"}, "targeting"),
        ({"targeting": "[]"}, "targeting"),
        ({"targeting": '{"country": {"$in": []}}'}, "targeting"),
        ({"targeting": '{"country": {"$is": "de"}}'}, "targeting"),
        ({"targeting": '{"$and": [{"courses": 1}, {"courses": 2}]}'}, "targeting"),
        ({"targeting": '{"courses": {"$gt": 3, "$lt": 3}}'}, "targeting"),
        ({"targeting": '{"$nor": [{}]}'}, "targeting"),
        ({"look_days": (28, 366)}, "duration"),
        ({"look_days": (28, 345), "ramp": (0.1, 0.25, 0.5, 1.0)}, "duration"),
        ({"targeting": '{"$or": [{"name": {"$regex": "(a+)+$"}}]}'}, "targeting"),
        ({"targeting": "[" * 100_000}, "targeting"),
        ({"ramp": ()}, "ramp"),
        ({"ramp": (0.1, 0.25, 0.5)}, "ramp"),
        ({"ramp": (0.0, 1.0)}, "ramp"),
        ({"ramp": (0.5, 0.25, 1.0)}, "ramp"),
        ({"ramp": (0.5, 0.5, 1.0)}, "ramp"),
        ({"ramp": (0.4444, 1.0)}, "ramp"),
        ({"ramp": (0.1, 1.0)}, "ramp"),
        ({"ramp": (float("nan"), 1.0)}, "ramp"),
        ({"planned_per_arm": 40_000}, "ramp"),
        ({"hash": "md5"}, "draw"),
        ({"namespace": "home", "namespace_from": 0.5, "namespace_to": 0.5}, "draw"),
        ({"namespace": "home", "namespace_to": 1.5}, "draw"),
        ({"namespace_to": 0.5}, "draw"),
        ({"variants": ("generic",), "shares": (1.0,)}, "arms"),
        ({"variants": ("same", "same")}, "arms"),
        ({"variants": ("", "model")}, "arms"),
        ({"shares": (0.6, 0.6)}, "arms"),
        ({"shares": (1.0, 0.0)}, "arms"),
        ({"shares": (0.5,)}, "arms"),
        ({"salt": ""}, "arms"),
        ({"variants": ("generic", "model-0123abcd")}, "challenger"),
        ({"variants": ("model-0123abcd", "generic")}, "challenger"),
        ({"primary_metric": "vibes"}, "metrics"),
        ({"guardrails": ("modules_completed", "vibes")}, "metrics"),
        ({"guardrails": ("modules_completed", "ctr")}, "metrics"),
        ({"guardrails": ()}, "progression"),
        ({"look_days": ()}, "looks"),
        ({"look_days": (0, 28)}, "looks"),
        ({"look_days": (21, 14, 28)}, "looks"),
        ({"look_days": (14, 14, 28)}, "looks"),
        ({"look_days": (7, 13)}, "looks"),
        ({"planned_per_arm": 2000}, "power"),
        ({"planned_per_arm": 0}, "power"),
        ({"mde": 0.0}, "power"),
        ({"mde": 1e-12}, "power"),
        ({"mde": -0.1}, "power"),
        ({"baseline_sd": 0.0}, "power"),
        ({"baseline_mean": 0.0}, "power"),
        ({"alpha": 0.5}, "power"),
        ({"power": 0.2}, "power"),
        ({"switch_exists": False}, "off_switch"),
    ],
)
def test_a_plan_with_a_hole_is_refused_by_the_gate_for_it(
    changes: dict[str, Any], gate: str
) -> None:
    assert refusing(**changes) == [gate]


def test_a_small_platform_is_told_what_it_can_see_and_may_run_it_as_exploratory() -> None:
    context = Context(
        plan=plan(planned_per_arm=150), switch="s", switch_exists=True, surfaces=("home",)
    )
    (finding,) = check_all(context)
    assert "150 can see" in finding.detail
    assert finding.evidence["visible"] == pytest.approx(
        0.25 * math.sqrt(needed_per_arm(context.plan) / 150)
    )
    assert refusing(planned_per_arm=150, exploratory=True) == []


def test_the_needed_number_is_that_of_one_look_and_the_price_of_the_others() -> None:
    three, one = needed_per_arm(plan()), needed_per_arm(plan(look_days=(28,)))
    assert 1.01 < three / one < 1.03
    assert power(per_arm=one, effect=0.02, sd=0.27, alpha=0.05) == pytest.approx(0.8, abs=0.001)


def test_plans_that_were_registered_without_the_sentences_may_go_on() -> None:
    assert refusing(format=1, serves="", decision_rule="") == []


@pytest.mark.parametrize(
    ("other", "free"),
    [
        (Taken("other", "blake2b", 0.5, 1.0), True),
        (Taken("other", "blake2b", 0.4, 0.6), False),
        (Taken("other", "growthbook", 0.5, 1.0), False),
    ],
)
def test_only_a_free_part_of_a_namespace_is_drawn_from(other: Taken, free: bool) -> None:
    context = Context(
        plan=plan(namespace="home", namespace_to=0.5),
        switch="s",
        switch_exists=True,
        surfaces=("home",),
        taken=(other,),
    )
    assert [finding.gate for finding in check_all(context)] == ([] if free else ["draw"])


def test_every_finding_says_what_to_change() -> None:
    holes = plan(
        hypothesis="",
        surfaces=(),
        variants=("generic", "model-0"),
        shares=(),
        primary_metric="x",
        guardrails=(),
        look_days=(400, 300),
        mde=0,
        serves="",
        margins=(0.5,),
        namespace_from=0.5,
        icc=0.5,
        targeting="x",
        ramp=(0.5,),
        design="x",
    )
    found = check_all(Context(plan=holes, switch="s", switch_exists=False, surfaces=("home",)))
    assert len(found) == len(GATES)
    assert all(finding.title and finding.detail.endswith(".") for finding in found)


@pytest.mark.parametrize(
    "condition",
    [
        '{"country": "de"}',
        '{"$not": {"country": "de"}}',
        '{"courses": {"$gt": 3, "$lt": 5}}',
        '{"courses": {"$in": [1]}}',
        '{"$or": [{"age_band": "under18"}, {"courses": {"$gte": 3}}]}',
        '{"tags": {"$elemMatch": {"$gt": 3}}}',
        '{"tags": {"$all": ["a", "b"]}}',
        '{"tags": {"$size": 3}}',
        '{"app.version": {"$vgt": "1.2.3"}}',
        '{"country": {"$nin": ["de"]}, "plan": {"$exists": false}}',
        '{"place": {"city": "Bonn"}}',
    ],
)
def test_a_condition_that_somebody_can_meet_is_let_pass(condition: str) -> None:
    assert refusing(targeting=condition) == []


def test_a_condition_with_more_learners_than_can_be_tried_is_let_pass() -> None:
    many = ", ".join(f'"a{number}": {number}' for number in range(30))
    assert refusing(targeting=f"{{{many}}}") == []


@pytest.mark.parametrize(
    ("changes", "a_day", "days"),
    [
        ({"ramp": (1.0,)}, 100, 0),
        ({}, math.inf, 15 + 2 * 3),  # the window of the guardrail holds the first step up
        ({"guardrails": ()}, math.inf, 3 * 3),
    ],
)
def test_opening_takes_as_long_as_its_steps_and_the_window_of_what_may_not_fall(
    changes: dict[str, Any], a_day: float, days: int
) -> None:
    wanted = {"ramp": (0.1, 0.25, 0.5, 1.0), **changes}
    assert opening_days(plan(**wanted), a_day=a_day) == days


def test_fewer_learners_a_day_open_it_later_and_none_never() -> None:
    climbing = plan(ramp=(0.1, 0.25, 0.5, 1.0))
    found = [opening_days(climbing, a_day=a_day) for a_day in (1_000, 100, 50, 0)]
    assert found == sorted(found)
    assert found[1] < found[2] < found[3] == MOST_DAYS + 1
