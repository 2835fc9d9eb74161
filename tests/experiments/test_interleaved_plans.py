"""May two rankers be compared in one list? What such a plan names, and how many it needs."""

from dataclasses import replace
from typing import Any

import pytest
from scipy import stats

from experiments import lifecycle
from experiments.data import FIRST_EXPERIMENT, ExperimentRefusedError
from experiments.gates.context import Context
from experiments.gates.power import needed_per_arm
from experiments.gates.registry import check_all
from experiments.stats.interleaving import voters_needed
from tests.experiments.world import START, UMA, VERA, started
from tests.personalize.decision.duel import DUEL

RANKERS = ("model", "popular")


def refusing(*, ordered_by: tuple[str, ...] = (), **changes: Any) -> dict[str, str]:
    context = Context(
        plan=replace(DUEL, **changes),
        switch="experiment:model-or-popular",
        switch_exists=True,
        surfaces=("home", "player"),
        rankers=RANKERS,
        ranker="model",
        ordered_by=ordered_by,
    )
    return {finding.gate: finding.detail for finding in check_all(context)}


def test_a_sound_plan_of_two_rankers_may_start() -> None:
    assert refusing() == {}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"surfaces": ("home", "player")}, "Name the one surface"),
        ({"variants": ("model", "newest")}, "out of: model, popular"),
        ({"variants": ("popular", "model")}, "Put model first"),
        ({"shares": (0.2, 0.3)}, "the same share"),
        ({"ramp": (0.1, 0.25, 0.5, 1.0)}, "lower the shares"),
        ({"unit": "class", "icc": 0.1, "cluster_size": 24.0, "planned_per_arm": 9_000}, "Draw lea"),
        ({"guardrails": ("lessons_preferred",), "primary_metric": "clicks_preferred"}, "lessons_"),
        ({"ordered_by": ("model-vs-generic",)}, "model-vs-generic decides what is listed"),
    ],
)
def test_what_cannot_be_drafted_or_compared_is_refused_with_what_to_do(
    changes: dict[str, Any], says: str
) -> None:
    found = refusing(**changes)
    assert set(found) == {"interleaved"}
    assert says in found["interleaved"]


def test_votes_are_no_metric_of_arms_and_arms_have_no_votes() -> None:
    assert "metrics" in refusing(guardrails=("ctr",))
    apart: dict[str, Any] = {"design": "arms", "variants": ("generic", "model"), "ramp": (1.0,)}
    assert "metrics" in refusing(**apart, primary_metric="clicks_preferred")


@pytest.mark.parametrize("lead", [0.05, 0.2, 0.5])
def test_the_size_is_that_of_the_exact_sign_test(lead: float) -> None:
    n = voters_needed(lead=lead, alpha=0.05, power=0.8)

    def power(voters: int) -> float:
        more_than_half = range(voters // 2 + 1, voters + 1)
        wins = next(k for k in more_than_half if stats.binomtest(k, voters).pvalue < 0.05)
        return float(stats.binom.sf(wins - 1, voters, 0.5 * (1 + lead)))

    assert all(power(n + more) >= 0.8 for more in range(4))
    assert power(n - 1) < 0.8


def test_looking_often_costs_voters_and_too_few_are_told_what_they_can_see() -> None:
    assert needed_per_arm(DUEL) > needed_per_arm(replace(DUEL, look_days=(28,)))
    assert "who get more from one ranker; 20 can see" in refusing(planned_per_arm=20)["power"]


@pytest.mark.django_db
def test_a_list_that_another_experiment_orders_is_not_drafted() -> None:
    started(key=FIRST_EXPERIMENT)
    lifecycle.create_draft(UMA, plan=DUEL, now=START)
    lifecycle.register(UMA, key=DUEL.key, now=START)
    lifecycle.approve(VERA, key=DUEL.key, reason="sound", now=START)
    with pytest.raises(ExperimentRefusedError, match="Stop it, and ship it"):
        lifecycle.start(UMA, key=DUEL.key, now=START)
