"""A platform that trained on what it had caused: lists are clicked by position alone.

Learners have a taste and, of their own accord, take courses of it. Beside that, lists show
everybody much the same courses, and what is chosen from them depends on the place and nothing else.
One place of a tenth of the lists is drawn at random, as lists do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from personalize.algorithms.base import History, Recommender
from personalize.algorithms.evaluate import Case, evaluate
from personalize.engine import dataset
from personalize.engine.dataset import Dataset
from personalize.engine.rules.base import NOTHING_SHOWN, Shown, Spans
from signals.data import CourseInfo, TrainingRows

TASTES, PER_TASTE = 6, 12
COURSES = TASTES * PER_TASTE
OWN = 6  # courses of their own accord, the last of which is to be found
LISTS, LENGTH = 8, 10
FIRST_PLACE = 0.3  # of lists whose first course is chosen; a half at the second, and so on
EXPLORED_IN, EXPLORED_AT = 0.1, 4


@dataclass(frozen=True, slots=True)
class Platform:
    """What happened: rows, what was shown, and what each learner took next of their own accord."""

    own: TrainingRows
    everything: TrainingRows
    shown: Shown
    cases: tuple[Case, ...]

    def data(self, rows: TrainingRows, *, governed: bool) -> Dataset:
        """Return what is learned from, with the rules or with nothing known of lists."""
        shown = self.shown if governed else NOTHING_SHOWN
        return dataset.build(rows, courses=courses(), shown=shown)

    def ndcg(self, model: Recommender) -> float:
        """Return how early a model shows what learners took of their own accord."""
        return evaluate(model, self.cases)["ndcg@10"]


def courses() -> Mapping[int, CourseInfo]:
    """Return a catalogue that says nothing of its courses."""
    return {
        number: CourseInfo(
            course_id=number,
            external_id=str(number),
            slug=str(number),
            title=str(number),
            summary="",
            field="",
            level="",
            language="",
            provider="",
            minutes=0,
            skills=(),
            prerequisites=(),
            modules=0,
        )
        for number in range(COURSES)
    }


def platform(learners: int, *, rng: np.random.Generator) -> Platform:
    """Let learners live for eight weeks, a list a week."""
    own = [_own(learner, rng) for learner in range(learners)]
    lists, rows_led = [], []
    for learner in range(learners):
        seen, chosen = _from_lists(learner, set(own[learner]), rng)
        lists += seen
        rows_led += chosen
    rows_own = [
        (learner, course, 7.0 * at)
        for learner, taken in enumerate(own)
        for at, course in enumerate(taken[:-1])
    ]
    cases = tuple(
        Case(
            History(np.array(taken[:-1], np.int32), np.ones(OWN - 1, np.float32)),
            np.array(taken[-1:], np.int32),
        )
        for taken in own
    )
    return Platform(_rows(rows_own), _rows(rows_own + rows_led), _shown(lists), cases)


def _own(learner: int, rng: np.random.Generator) -> list[int]:
    taste = learner % TASTES
    among = np.arange(taste * PER_TASTE, (taste + 1) * PER_TASTE)
    liked = 1.0 / np.arange(1, PER_TASTE + 1) ** 0.7
    found: list[int] = rng.choice(among, OWN, replace=False, p=liked / liked.sum()).tolist()
    return found


def _from_lists(
    learner: int, taken: set[int], rng: np.random.Generator
) -> tuple[list[tuple[int, int, float, int, bool]], list[tuple[int, int, float]]]:
    """Return what a learner was shown (course, day, place, by chance) and chose of it."""
    seen: list[tuple[int, int, float, int, bool]] = []
    chosen: list[tuple[int, int, float]] = []
    luck = rng.random((LISTS, LENGTH)) < FIRST_PLACE / np.arange(1, LENGTH + 1)
    explores = rng.random(LISTS) < EXPLORED_IN
    for week in range(LISTS):
        shown = [course for course in range(0, COURSES, 3) if course not in taken][:LENGTH]
        if explores[week]:
            free = [course for course in range(COURSES) if course not in {*taken, *shown}]
            shown[EXPLORED_AT] = free[rng.integers(len(free))]
        day = 7.0 * week + 0.1
        by_chance = EXPLORED_AT if explores[week] else LENGTH
        seen += [(learner, one, day, at, at == by_chance) for at, one in enumerate(shown)]
        picked = [shown[at] for at in np.flatnonzero(luck[week][: len(shown)])]
        chosen += [(learner, one, day + 0.5) for one in picked]
        taken.update(picked)
    return seen, chosen


def _rows(choices: list[tuple[int, int, float]]) -> TrainingRows:
    learners, numbers, times = (np.array(column) for column in zip(*choices, strict=True))
    order = np.lexsort((times, learners))
    return TrainingRows(
        learner_ids=learners[order].astype(np.int64),
        course_ids=numbers[order].astype(np.int32),
        times=times[order].astype(np.float64),
        weights=np.ones(len(choices), np.float32),
    )


def _shown(seen: list[tuple[int, int, float, int, bool]]) -> Shown:
    """Put sights together by pair, as the log of decisions is read."""
    by_pair: dict[tuple[int, int], list[tuple[float, int, bool]]] = {}
    for learner, course, day, place, by_chance in seen:
        by_pair.setdefault((learner, course), []).append((day, place, by_chance))
    pairs = sorted(by_pair)
    days = np.array(
        [
            [min(one[0] for one in by_pair[pair]), max(one[0] for one in by_pair[pair])]
            for pair in pairs
        ]
    )
    return Shown(
        spans=Spans(
            np.array([learner for learner, _ in pairs], np.int64),
            np.array([course for _, course in pairs], np.int32),
            days[:, 0],
            days[:, 1],
        ),
        sights=np.array([len(by_pair[pair]) for pair in pairs], np.int32),
        places=np.array([min(one[1] for one in by_pair[pair]) for pair in pairs], np.int16),
        explored=np.array([all(one[2] for one in by_pair[pair]) for pair in pairs]),
    )
