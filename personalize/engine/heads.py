"""How likely is it that a pick is opened, and that a course once begun is passed? (L3)

Learned with each model from what was shown and what came of it, kept in the model's folder, and
laid out on the catalogue when the model is loaded.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

import msgspec
import numpy as np
from django.db import connection
from numpy.typing import NDArray

from personalize.algorithms.heads.courses import Catalogue, Learned, catalogue_of
from personalize.algorithms.heads.facts import Facts, State
from personalize.algorithms.heads.features import NAMES, Known, of_learner, of_match
from personalize.algorithms.heads.head import Head
from personalize.algorithms.heads.outcomes import Shown
from personalize.algorithms.heads.training import COMPLETE, ENGAGE, LISTS_DAYS, Heads, train
from personalize.engine.packing import positions
from signals import api
from signals.data import CourseInfo

PREFIX = "heads."
LEARNERS_MOST = 20_000  # whose steps are looked at, drawn evenly
LISTS_MOST = 40_000
COURSES_SHOWN = 20  # of a list
LEVELS = {"beginner": 0.0, "intermediate": 0.5, "advanced": 1.0}
DAY_S = 86_400.0
OPENED, PASSED = "opened", "passed"  # what may be told of a course

Floats = NDArray[np.float64]

# By the hash of the request, so that any number of lists is spread evenly over time.
_SHOWN = """
SELECT learner_id, extract(epoch FROM served_at)::float8, course_ids, coalesce(goal, '')
FROM personalize_decision
WHERE learner_id = ANY(%s) AND served_at >= %s AND served_at < %s AND module_ids IS NULL
ORDER BY hashtext(request_id::text) LIMIT %s
"""


def learn(
    learner_ids: NDArray[np.int64],
    course_ids: NDArray[np.int32],
    courses: Mapping[int, CourseInfo],
    *,
    now: datetime,
    rng: np.random.Generator,
) -> Heads:
    """Fit both heads for a model of these courses (ascending ids) on what its learners did.

    Raises TooFewOutcomesError where too little was shown, or came of it.
    """
    some = learner_ids
    if len(some) > LEARNERS_MOST:
        some = np.sort(rng.choice(learner_ids, size=LEARNERS_MOST, replace=False))
    steps = api.steps(some.tolist(), until=now)
    at = positions(course_ids, steps.course_ids)
    known = at >= 0
    facts = Facts.of(
        steps.learner_ids[known],
        at[known],
        steps.steps[known],
        steps.times[known],
        steps.shares[known],
    )
    infos = [courses[course_id] for course_id in course_ids.tolist()]
    catalogue, fields = _catalogue(infos)
    shown = _shown(some, course_ids, fields, now=now)
    return train(facts, shown, catalogue, until=now.timestamp() / DAY_S, rng=rng)


def pack(heads: Heads) -> dict[str, NDArray[Any]]:
    """Return the arrays of both heads under the names of their files."""
    named: dict[str, NDArray[Any]]
    named = {f"{ENGAGE}.{name}": array for name, array in heads.engage.arrays().items()}
    named |= {f"{COMPLETE}.{name}": array for name, array in heads.complete.arrays().items()}
    named |= heads.learned.arrays()
    return {f"{PREFIX}{name}": array for name, array in named.items()}


def card(heads: Heads) -> dict[str, dict[str, float]]:
    """Return how good both heads were on the newest rows, as the model card holds it."""
    return {name: msgspec.to_builtins(judged) for name, judged in heads.judged.items()}


@dataclass(frozen=True, slots=True)
class Stored:
    """Both heads as a model's folder holds them."""

    course_ids: NDArray[np.int32]
    engage: Head
    complete: Head
    learned: Learned

    @classmethod
    def of(cls, course_ids: NDArray[np.int32], arrays: Mapping[str, NDArray[Any]]) -> Self | None:
        """Open what `pack` wrote; None without heads of this form, LookupError, ValueError."""
        own = {
            name.removeprefix(PREFIX): array
            for name, array in arrays.items()
            if name.startswith(PREFIX)
        }
        if not own:
            return None
        if own[f"{ENGAGE}.weights"].shape != (len(NAMES),):
            return None  # heads of an older form; the next training brings new ones
        learned = Learned(**{name: own[name] for name in Learned.__dataclass_fields__})
        return cls(course_ids, _head(own, ENGAGE), _head(own, COMPLETE), learned)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Probabilities of one learner, parallel to the model's course_ids."""

    opened: Floats  # within 7 days of being shown
    completed: Floats  # within 30 days and with half of the points of its quizzes, once enrolled


class Outlooks:
    """Both heads laid out on a catalogue, ready to be asked."""

    def __init__(self, stored: Stored, courses: Mapping[int, CourseInfo]) -> None:
        """Work out what does not depend on the learner."""
        infos = [courses.get(course_id) for course_id in stored.course_ids.tolist()]
        catalogue, self._fields = _catalogue(infos)
        self._stored = stored
        self._known = Known.of(catalogue, stored.learned)

    @property
    def orders_by(self) -> tuple[str, ...]:
        """Return which of OPENED and PASSED tell courses apart; a flat head does not."""
        both = ((OPENED, self._stored.engage), (PASSED, self._stored.complete))
        return tuple(name for name, head in both if head.tells)

    def of(
        self,
        course_ids: NDArray[np.int32],
        touches: NDArray[np.int8],
        last_at: Floats,
        *,
        goal: str,
        now: datetime,
        score: float = math.nan,
    ) -> Outlook:
        """Return both probabilities of every course; last_at in seconds since the epoch.

        score is the learner's mean share of the points of quizzes, nan without any.
        """
        at = positions(self._stored.course_ids, course_ids)
        here = at >= 0
        days = now.timestamp() / DAY_S
        # A clock that ran ahead must not make somebody more recent than now.
        last = np.minimum(last_at[here] / DAY_S, days)
        state = State(at[here], touches[here], last, score)
        match = of_match(self._known, state, now=days, goal_field=self._fields.get(goal, -1))
        own, static = of_learner(state, days), self._known.columns
        return Outlook(
            opened=self._stored.engage.laid_out(own, static, match),
            completed=self._stored.complete.laid_out(own, static, match),
        )


def _head(arrays: Mapping[str, NDArray[Any]], name: str) -> Head:
    return Head.from_arrays({key: arrays[f"{name}.{key}"] for key in ("weights", "numbers")})


def _catalogue(infos: Sequence[CourseInfo | None]) -> tuple[Catalogue, dict[str, int]]:
    """Return the courses as arrays, and the codes of fields; None is no longer in the catalogue."""
    names = sorted({info.field for info in infos if info and info.field})
    codes = {name: code for code, name in enumerate(names)}
    place = {info.course_id: at for at, info in enumerate(infos) if info}
    pairs = [
        (at, place[needed])
        for at, info in enumerate(infos)
        if info
        for needed in info.prerequisites
        if needed in place
    ]
    catalogue = catalogue_of(
        [codes.get(info.field, -1) if info else -1 for info in infos],
        [LEVELS.get(info.level, np.nan) if info else np.nan for info in infos],
        [info.minutes if info else 0 for info in infos],
        [info.modules if info else 0 for info in infos],
        pairs,
    )
    return catalogue, codes


def _shown(
    learner_ids: NDArray[np.int64],
    course_ids: NDArray[np.int32],
    fields: Mapping[str, int],
    *,
    now: datetime,
) -> Shown:
    """Read lists of courses that these learners were given."""
    since = now - timedelta(days=LISTS_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_SHOWN, [learner_ids.tolist(), since, now, LISTS_MOST])
        rows = cursor.fetchall()
    courses = np.full((len(rows), COURSES_SHOWN), -1, np.int32)
    for at, row in enumerate(rows):
        found = positions(course_ids, np.array(row[2][:COURSES_SHOWN], np.int32))
        courses[at, : len(found)] = found
    return Shown(
        learners=np.array([row[0] for row in rows], np.int64),
        moments=np.array([row[1] for row in rows]) / DAY_S,
        courses=courses,
        goal_fields=np.array([fields.get(row[3], -1) for row in rows], np.int32),
    )
