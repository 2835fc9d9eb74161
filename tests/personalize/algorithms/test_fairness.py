"""Gaps between kinds of learners: a planted skew is found, and a balanced world has none."""

import numpy as np
import pytest
from numpy.typing import NDArray

from personalize.algorithms.fairness import Gap, calibration_gaps, recall_gaps

COHORTS = {
    "language": ("de", "en", "fr"),
    "device": ("phone", "desktop"),
    "region": ("north", "south", "east", "west"),
    "tenure": ("new", "returning"),
    "activity": ("none", "some", "much"),
    "organisation": tuple(f"school-{n}" for n in range(12)),
}
SEEDS = range(20)
LEARNERS = 6_000
RECALL = 0.3


def labels(rng: np.random.Generator) -> dict[str, NDArray[np.str_]]:
    return {cohort: rng.choice(values, LEARNERS) for cohort, values in COHORTS.items()}


def alarms(gaps: tuple[Gap, ...]) -> set[tuple[str, str]]:
    return {(gap.cohort, gap.value) for gap in gaps if gap.alarm}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_balanced_world_raises_no_alarm(seed: int) -> None:
    rng = np.random.default_rng(seed)
    of = labels(rng)
    said = rng.beta(2, 5, LEARNERS)
    found = (rng.random(LEARNERS) < RECALL).astype(float)
    happened = (rng.random(LEARNERS) < said).astype(float)
    recall, calibration = recall_gaps(found, of), calibration_gaps(said, happened, of)
    assert len(recall) == len(calibration) == sum(map(len, COHORTS.values()))
    assert alarms(recall) == alarms(calibration) == set()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("cohort", COHORTS)
def test_a_kind_that_is_found_half_as_often_raises_its_alarm(cohort: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    of, behind = labels(rng), COHORTS[cohort][0]
    chance = np.where(of[cohort] == behind, RECALL * 0.3, RECALL)
    found = (rng.random(LEARNERS) < chance).astype(float)
    assert (cohort, behind) in alarms(recall_gaps(found, of))
    assert {name for name, _ in alarms(recall_gaps(found, of))} == {cohort}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("cohort", COHORTS)
def test_a_kind_that_is_promised_too_much_raises_its_alarm(cohort: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    of, flattered = labels(rng), COHORTS[cohort][-1]
    said = rng.beta(2, 5, LEARNERS)
    true = np.where(of[cohort] == flattered, np.maximum(said - 0.2, 0), said)
    happened = (rng.random(LEARNERS) < true).astype(float)
    worst = max(calibration_gaps(said, happened, of), key=lambda gap: gap.gap)
    assert ((worst.cohort, worst.value), worst.alarm) == ((cohort, flattered), True)


def test_who_is_never_found_is_behind_and_no_ratio_is_told_to_those_beside_them() -> None:
    of = {"language": ["de"] * 60 + ["en"] * 600}
    (never,) = recall_gaps(np.array([0.0] * 60 + [1.0] * 600), of)
    assert (never.value, never.own, never.others, never.alarm) == ("de", 0.0, 1.0, True)
    assert 0 <= never.low < never.high < 0.8


def test_of_too_few_and_of_unknown_ones_nothing_is_said() -> None:
    of = {"language": ["de"] * 49 + ["en"] * 300 + ["unknown"] * 300 + [""] * 51}
    assert (
        recall_gaps(np.zeros(700), of) == calibration_gaps(np.zeros(700), np.zeros(700), of) == ()
    )


def test_labels_of_other_learners_are_refused() -> None:
    with pytest.raises(ValueError, match="2 labels for 3 learners"):
        recall_gaps(np.zeros(3), {"language": ["de", "en"]})


def test_the_interval_holds_the_true_ratio_as_often_as_it_says() -> None:
    rng, held = np.random.default_rng(7), 0
    of = {"device": ["phone"] * 200 + ["desktop"] * 800}
    for _ in range(1_000):
        found = (rng.random(1_000) < np.repeat([0.15, 0.3], [200, 800])).astype(float)
        gap = next(gap for gap in recall_gaps(found, of) if gap.value == "phone")
        held += gap.low <= 0.5 <= gap.high
    assert held >= 960  # 97.5% each of two
