"""For whom is a trained model good? A planted skew in its lists is refused, and chance is not."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from personalize.algorithms.base import Interactions
from personalize.algorithms.blend import Blend
from personalize.algorithms.fairness import calibration_gaps
from personalize.algorithms.heads.training import Told
from personalize.algorithms.holdout import hold_out_newest
from personalize.algorithms.popularity import Popularity
from personalize.engine import assess
from personalize.engine.assess import Sample
from personalize.engine.gates.cohort_gaps import cohort_gaps
from personalize.engine.trial import cases_of
from tests.personalize.algorithms.worlds import rows
from tests.personalize.engine.test_gates import context

LEARNERS, COURSES, FIELDS = 800, 150, 6
EACH, FOREIGN = 8, 4  # one learner in four speaks the language that is served worse
SEEDS = range(20)


def world(*, skewed: bool) -> tuple[Interactions, NDArray[np.str_]]:
    """Learners keep to one field; in a skewed world those of one language choose anything."""
    rng = np.random.default_rng(11)
    language = np.where(np.arange(LEARNERS) % FOREIGN == 0, "de", "en")
    sequences = []
    for learner in range(LEARNERS):
        wanders = skewed and language[learner] == "de"
        among = np.arange(COURSES) if wanders else np.arange(learner % FIELDS, COURSES, FIELDS)
        sequences.append(rng.choice(among, EACH, replace=False).tolist())
    return rows(sequences, n_courses=COURSES), language


def looked_at(data: Interactions) -> Sample:
    """Train a model without the newest choices, and look at the lists of whose they are."""
    rng = np.random.default_rng(7)
    holdout = hold_out_newest(data, learners=LEARNERS, rng=rng)
    weights = {"item_knn": 0.9, "popularity": 0.1}
    model = Blend(members=tuple(weights), weights=weights).fit(holdout.train, rng=rng)
    popular = Popularity().fit(holdout.train, rng=rng)
    cases = cases_of(holdout, COURSES, rng)
    return assess.sample(model, popular, cases, holdout.learners, holdout.train)


@pytest.fixture(scope="module")
def balanced() -> Sample:
    """Return what a model trained on a balanced world shows."""
    return looked_at(world(skewed=False)[0])


def test_a_kind_a_trained_model_finds_less_for_raises_its_alarm_and_is_refused() -> None:
    data, language = world(skewed=True)
    found = looked_at(data)
    judged = assess.assess(found, {"language": language[found.learners].tolist()})
    (behind,) = [gap for gap in judged.gaps if gap.alarm]
    assert (behind.cohort, behind.value) == ("language", "de")
    assert behind.high < 0.8
    finding = cohort_gaps(context(gaps=judged.gaps))
    assert not finding.passed
    assert "Language de: the next course is found for" in finding.detail


def test_in_a_balanced_world_no_seed_raises_an_alarm(balanced: Sample) -> None:
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        n = len(balanced.learners)
        cohorts = {
            "language": rng.choice(["de", "en", "fr"], n).tolist(),
            "device": rng.choice(["phone", "desktop"], n).tolist(),
            "organisation": rng.choice([f"school-{k}" for k in range(8)], n).tolist(),
        }
        judged = assess.assess(balanced, cohorts)
        assert len(judged.gaps) == 13
        assert cohort_gaps(context(gaps=judged.gaps)).passed


def test_its_figures_are_those_of_the_lists_it_would_show(balanced: Sample) -> None:
    judged = assess.assess(balanced, {})
    recall, precision = judged.figures["recall@10"], judged.figures["precision@10"]
    assert recall.value == pytest.approx(np.mean(balanced.own.ranks < 10))
    assert precision.value == pytest.approx(recall.value / 10)
    assert recall.low is not None
    assert recall.high is not None
    assert recall.low < recall.value < recall.high
    assert judged.figures["ndcg@10"].value > judged.popular["ndcg@10"].value
    assert judged.figures["novelty"].value > judged.popular["novelty"].value
    assert judged.figures["gini"].value < judged.popular["gini"].value
    assert judged.figures["lift"].value < judged.popular["lift"].value
    assert recall.base == len(balanced.learners)


def test_the_more_is_known_of_the_same_learners_the_better_and_never_below_popularity(
    balanced: Sample,
) -> None:
    judged = assess.assess(balanced, {})
    assert [row.known for row in judged.by_signals] == ["0", "1-2", "3-5", "6+"]
    first, *more = judged.by_signals
    assert (first.ndcg, first.error) == (first.popular, 0.0)
    assert all(row.ndcg > first.ndcg + 0.1 for row in more)
    assert all(
        row.ndcg + 2 * row.error >= before.ndcg for before, row in pairwise(judged.by_signals)
    )
    nothing, allowed, everything = judged.by_tier
    assert nothing.ndcg == nothing.popular
    assert allowed.ndcg == everything.ndcg == more[-1].ndcg


def test_a_kind_that_is_promised_too_much_is_refused_whatever_its_cohort() -> None:
    rng = np.random.default_rng(3)
    n = 2_000
    tenure = rng.choice(["new", "returning"], n)
    said = np.full(n, 0.4)
    happened = (rng.random(n) < np.where(tenure == "new", 0.2, 0.4)).astype(float)
    told = Told(np.arange(n), said, happened)
    gaps = assess.chances(told, {"tenure": tenure.tolist()})
    assert gaps == calibration_gaps(said, happened, {"tenure": tenure})
    assert {gap.value for gap in gaps if gap.alarm} == {"new"}


def test_where_no_probability_is_told_there_is_no_gap_of_it() -> None:
    nobody = Told(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    assert assess.chances(None, {}) == assess.chances(nobody, {"tenure": ()}) == ()


def test_who_is_new_is_found_less_for_and_that_alone_refuses_no_model(balanced: Sample) -> None:
    """Of who has just come less is known: an alarm, and nobody served better by a refusal."""
    found = balanced.own.found
    tenure = np.where(found > 0, "returning", "new")
    tenure[::3] = "new"
    judged = assess.assess(balanced, {"tenure": tenure.tolist()})
    assert any(gap.alarm for gap in judged.gaps)
    assert cohort_gaps(context(gaps=judged.gaps)).passed
