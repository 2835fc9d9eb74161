"""Each promotion gate lets the good model through and stops the one it is there for."""

from dataclasses import fields
from typing import Any

import pytest

from personalize.data import GateFinding
from personalize.engine.gates.beats_item_knn import beats_item_knn
from personalize.engine.gates.beats_popularity import beats_popularity
from personalize.engine.gates.bot_share import bot_share
from personalize.engine.gates.context import Champion, Duel, GateContext
from personalize.engine.gates.coverage import coverage
from personalize.engine.gates.minimum_data import minimum_data
from personalize.engine.gates.not_below_champion import not_below_champion
from personalize.engine.gates.refused_events import refused_events
from personalize.engine.gates.registry import GATES, Gate, judge
from personalize.engine.gates.silent_source import silent_source
from personalize.engine.gates.unknown_ids import unknown_ids
from signals.data import QualityShares


def context(
    *, blend: float = 0.6, neighbours: float = 0.5, covered: float = 0.5, **changes: Any
) -> GateContext:
    values: dict[str, Any] = {
        "learners": 1_000,
        "courses": 100,
        "pairs": 9_000,
        "heldout": 500,
        "metrics": {
            "blend": {"ndcg@10": blend, "coverage@10": covered},
            "popularity": {"ndcg@10": 0.3, "coverage@10": 0.1},
            "item_knn": {"ndcg@10": neighbours, "coverage@10": 0.4},
        },
        "errors": {"popularity": 0.01, "item_knn": 0.001},
        "champion": None,
    }
    return GateContext(**(values | changes))


def champion(*, recorded: float = 0.6, **duel: Any) -> Champion:
    return Champion("20260101-023000", {"ndcg@10": recorded}, Duel(**duel) if duel else None)


def test_a_good_model_passes_every_gate() -> None:
    assert [finding.passed for finding in judge(context())] == [True] * len(GATES)


def test_every_gate_is_named_after_its_function_and_speaks_in_sentences() -> None:
    findings = judge(context())
    assert [finding.gate for finding in findings] == [gate.__name__ for gate in GATES]
    assert all(finding.title and finding.detail.endswith(".") for finding in findings)


def lately(**changes: Any) -> QualityShares:
    """Return an ordinary week of signals, but for some changes."""
    values: dict[str, Any] = {
        "received": 40_000,
        "refused_share": 0.02,
        "unknown_share": 0.01,
        "learners": 900,
        "weightless_share": 0.03,
        "silent": (),
        "silent_share": 0.0,
    }
    return QualityShares(**(values | changes))


FAILURES: list[tuple[Gate, GateContext]] = [
    (refused_events, context(quality=lately(refused_share=0.301))),
    (unknown_ids, context(quality=lately(unknown_share=0.201))),
    (bot_share, context(quality=lately(weightless_share=0.251))),
    (silent_source, context(quality=lately(silent=("lms",), silent_share=0.51))),
    (minimum_data, context(heldout=29)),
    (beats_popularity, context(blend=0.3, neighbours=0.2)),
    (beats_item_knn, context(blend=0.499)),
    (beats_item_knn, context(blend=0.499, errors={"item_knn": 0.018})),
    (coverage, context(covered=0.09)),
    (not_below_champion, context(blend=0.57, champion=champion())),
    (
        not_below_champion,
        context(champion=champion(learners=100, difference=-0.02, error=0.01)),
    ),
]


@pytest.mark.parametrize(("gate", "failing"), FAILURES)
def test_each_gate_stops_what_it_is_there_for(gate: Gate, failing: GateContext) -> None:
    found = [finding.gate for finding in judge(failing) if not finding.passed]
    assert found == [gate.__name__]


PASSES: list[tuple[Gate, GateContext]] = [
    (refused_events, context(quality=lately(refused_share=0.3))),
    (unknown_ids, context(quality=lately(unknown_share=0.2))),
    (bot_share, context(quality=lately(weightless_share=0.25))),
    (silent_source, context(quality=lately(silent=("lms",), silent_share=0.5))),
    (minimum_data, context(heldout=30)),
    (beats_popularity, context(blend=0.301)),
    (beats_item_knn, context(blend=0.5)),
    (coverage, context(covered=0.1)),
    (coverage, context(covered=0.02, heldout=1, courses=100)),
    (not_below_champion, context(blend=0.581, champion=champion())),
    (
        not_below_champion,
        context(champion=champion(learners=100, difference=-0.016, error=0.01)),
    ),
]


@pytest.mark.parametrize(("gate", "passing"), PASSES)
def test_each_gate_lets_what_is_just_good_enough_pass(gate: Gate, passing: GateContext) -> None:
    assert gate(passing).passed


def test_between_the_usual_and_the_limit_a_gate_passes_and_warns() -> None:
    warned = context(
        quality=lately(refused_share=0.2, unknown_share=0.1, weightless_share=0.2, silent=("lms",))
    )
    for gate in (refused_events, unknown_ids, bot_share):
        assert gate(warned).passed
        assert "is usual" in gate(warned).detail
        assert "is usual" not in gate(context(quality=lately())).detail
    assert "lms sent nothing since yesterday" in silent_source(warned).detail


def test_too_few_new_choices_are_no_duel_with_the_champion() -> None:
    few = context(champion=champion(learners=99, difference=-0.5, error=0.001))
    found = not_below_champion(few)
    assert found.passed
    assert "Only 99 choices are newer" in found.detail


def test_evidence_is_numbers_so_that_the_tower_can_show_it() -> None:
    assert {field.name for field in fields(GateFinding)} >= {"title", "detail", "evidence"}
    values = [value for finding in judge(context()) for value in finding.evidence.values()]
    assert values
    assert all(isinstance(value, float) for value in values)
