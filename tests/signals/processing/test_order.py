"""Whatever order events arrive in, and however often: the same sessions, features, verdicts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.processing.activity import Activity
from signals.processing.features import features
from signals.processing.formats import FormatCounts, format_counts, preference
from signals.processing.quality import judge
from signals.processing.sessions import sessions
from tests.signals.processing.lives import AROUND, FORMATS, a_life, activity, delivered

SUITE, PROVE = 50, 1000


def derived(of: Activity) -> object:
    """Return all that is computed of one learner, comparable exactly."""
    verdict = judge(of, AROUND)
    counts = format_counts(of, weights=verdict.weights, formats=FORMATS)
    return (
        sessions(of),
        features(of, weights=verdict.weights),
        counts,
        preference(counts),
        (verdict.score, verdict.weight, verdict.doubtful, verdict.findings),
        verdict.weights.tolist(),
    )


def same_however_delivered(histories: int) -> None:
    """Compare each life as it happened with two other deliveries of it."""
    for seed in range(histories):
        rng = np.random.default_rng([1, seed])
        life = a_life(rng, events=int(rng.integers(1, 120)))
        told = derived(activity(*life))
        assert derived(activity(*delivered(life, rng))) == told, seed
        assert derived(activity(*reversed(life))) == told, seed


def test_fifty_lives_are_the_same_however_they_are_delivered() -> None:
    same_however_delivered(SUITE)


@pytest.mark.prove
def test_a_thousand_lives_are_the_same_however_they_are_delivered() -> None:
    same_however_delivered(PROVE)


def test_what_arrives_late_changes_what_its_absence_said() -> None:
    rng = np.random.default_rng(5)
    life = a_life(rng)
    early = activity(*life[: len(life) // 2])
    whole = activity(*life)
    assert derived(early) != derived(whole)
    assert derived(activity(*life[len(life) // 2 :], *life[: len(life) // 2])) == derived(whole)


@given(st.lists(st.integers(0, 2**31), min_size=2, max_size=4, unique=True))
def test_increments_of_parts_add_up_to_those_of_the_whole(seeds: list[int]) -> None:
    rng = np.random.default_rng(seeds)
    of = activity(*a_life(rng, events=40))
    part = rng.integers(0, 3, size=len(of))
    added: dict[str, FormatCounts] = {}
    for number in rng.permutation(3).tolist():
        for name, counts in format_counts(of, weights=part == number, formats=FORMATS).items():
            added[name] = added.get(name, FormatCounts()) + counts
    whole = format_counts(of, weights=np.ones(len(of), bool), formats=FORMATS)
    assert added.keys() == whole.keys()
    for name, counts in whole.items():
        assert added[name].quiz_total == pytest.approx(counts.quiz_total)
        assert (added[name].rewinds, added[name].watched_s) == (counts.rewinds, counts.watched_s)
