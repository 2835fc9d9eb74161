"""GrowthBook's and Unleash's public specifications: every case in scope, the rest named."""

import os
from collections import Counter
from pathlib import Path

import pytest

from experiments.management.vectors import growthbook, unleash
from experiments.stats.bucketing import bucket_ranges, choose_range, growthbook_hash
from experiments.stats.features import Context, evaluate, run
from experiments.stats.targeting import meets
from experiments.stats.unleash import is_enabled, murmur3

FOLDER = Path(os.environ.get("NORTHWAY_DATA", "")) / "vectors"
with_data = pytest.mark.skipif(not (FOLDER / "unleash").is_dir(), reason="skipped: no data")


@with_data
def test_every_growthbook_case_in_scope_passes() -> None:
    report = growthbook.run(FOLDER / "growthbook_cases.json")
    assert report.failures == []
    assert (report.passed, report.skipped) == (255, 7)
    assert set(report.skipped_because) == {"decrypt", "urlRedirect"}


@with_data
def test_every_unleash_case_of_rollouts_and_variants_passes() -> None:
    report = unleash.run(FOLDER / "unleash")
    assert report.failures == []
    assert report.passed == 55
    assert report.passed + report.skipped == 146
    assert all(reason.strip() for reason in report.skipped_because.values())


@pytest.mark.parametrize(
    ("key", "value"),
    [(b"", 0), (b"hello", 0x248BFA47), (b"hello, world", 0x149BBB7F), (b"test", 0xBA6BD213)],
)
def test_murmur_gives_the_published_values(key: bytes, value: int) -> None:
    assert murmur3(key) == value


def test_growing_the_coverage_moves_nobody() -> None:
    places = [growthbook_hash(seed="s", value=str(unit), version=2) or 0.0 for unit in range(2_000)]
    small = [choose_range(place, bucket_ranges(3, coverage=0.2)) for place in places]
    large = [choose_range(place, bucket_ranges(3, coverage=0.7)) for place in places]
    assert all(after == before for before, after in zip(small, large, strict=True) if before >= 0)
    assert large.count(-1) < small.count(-1)


def test_the_shares_of_a_public_experiment_are_those_asked_for() -> None:
    experiment = {"key": "e", "variations": ["a", "b"], "weights": [0.3, 0.7], "hashVersion": 2}
    values = Counter(
        run(experiment, Context(attributes={"id": f"learner-{unit}"})).value
        for unit in range(10_000)
    )
    assert abs(values["a"] / 10_000 - 0.3) < 0.02


@pytest.mark.parametrize(
    "condition",
    [{"plan": {"$nonsense": 1}}, {"plan": {"$regex": "("}}, {"plan": {"$in": "pro"}}],
)
def test_a_condition_that_cannot_be_understood_lets_nobody_in(
    condition: dict[str, object],
) -> None:
    assert not meets({"plan": "pro"}, condition)


def test_true_is_not_one() -> None:
    assert not meets({"n": True}, {"n": {"$in": [1]}})
    assert not meets({"n": 1}, {"n": {"$eq": True}})


def test_flags_that_wait_for_each_other_are_off() -> None:
    waiting = {"rules": [{"parentConditions": [{"id": "other", "condition": {"value": 1}}]}]}
    other = {"rules": [{"parentConditions": [{"id": "flag", "condition": {"value": 1}}]}]}
    found = evaluate("flag", Context(features={"flag": waiting, "other": other}))
    assert (found.value, found.source) == (None, "cyclicPrerequisite")


@pytest.mark.parametrize(
    "strategy",
    [
        {"name": "somethingElse"},
        {"name": "default", "segments": [1]},
        {"name": "default", "constraints": [{"contextName": "userId", "operator": "NUM_GT"}]},
    ],
)
def test_an_unleash_strategy_that_is_not_known_lets_nobody_in(strategy: dict[str, object]) -> None:
    assert not is_enabled({"enabled": True, "strategies": [strategy]}, {"userId": "1"}, draw=0.0)
