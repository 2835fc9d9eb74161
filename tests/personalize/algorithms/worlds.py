"""Small planted worlds in which the right answer is known."""

from dataclasses import replace

import numpy as np

from personalize.algorithms.about import Said, vectors
from personalize.algorithms.base import History, Interactions


def rows(sequences: list[list[int]], *, n_courses: int, ordered: bool = True) -> Interactions:
    """One learner a sequence, oldest course first."""
    lengths = [len(sequence) for sequence in sequences]
    positions = np.concatenate([np.arange(length) for length in lengths])
    return Interactions(
        learners=np.repeat(np.arange(len(sequences)), lengths).astype(np.int32),
        courses=np.concatenate([np.array(s, dtype=np.int32) for s in sequences]),
        times=positions.astype(np.float64) if ordered else np.zeros(len(positions)),
        weights=np.ones(len(positions), dtype=np.float32),
        n_learners=len(sequences),
        n_courses=n_courses,
    )


def checkerboard(*, learners: int = 80, n_courses: int = 20, ordered: bool = True) -> Interactions:
    """Even learners take even courses, odd ones odd courses, in random order, two left out.

    The courses' titles say which they are.
    """
    rng = np.random.default_rng(3)
    sequences = [
        rng.permutation(np.arange(learner % 2, n_courses, 2))[2:].tolist()
        for learner in range(learners)
    ]
    says = vectors([Said(("Even", "Odd")[course % 2]) for course in range(n_courses)])
    return replace(rows(sequences, n_courses=n_courses, ordered=ordered), about=says)


def ring(*, learners: int = 120, n_courses: int = 12, steps: int = 5) -> Interactions:
    """Everyone walks upwards round a ring from a random start."""
    rng = np.random.default_rng(5)
    return rows(
        [
            [(start + step) % n_courses for step in range(steps)]
            for start in rng.integers(0, n_courses, learners).tolist()
        ],
        n_courses=n_courses,
    )


def pairs_in_order(*, learners: int = 200, n_courses: int = 30) -> Interactions:
    """Everyone takes two pairs (c, c + 1), each after a random course.

    Only order tells c + 1 from c - 1.
    """
    rng = np.random.default_rng(6)
    sequences: list[list[int]] = []
    while len(sequences) < learners:
        a, b = rng.integers(n_courses - 1, size=2).tolist()
        one, two = rng.integers(n_courses, size=2).tolist()
        if len({one, a, a + 1, two, b, b + 1}) == 6:
            sequences.append([one, a, a + 1, two, b, b + 1])
    return rows(sequences, n_courses=n_courses)


def some_histories(n_courses: int = 20) -> list[History]:
    """Empty, short, long, weighted, repeated, and with courses the model has never seen."""
    return [
        History.of([]),
        History.of([3]),
        History.of([3, 5, 9]),
        History.of(list(range(n_courses))),
        History(
            courses=np.array([2, 4, 6, 4], dtype=np.int32),
            weights=np.array([0.5, 1.0, 3.0, 1.0], dtype=np.float32),
        ),
        History.of([-1, 4, n_courses, 8, 10_000]),
    ]
