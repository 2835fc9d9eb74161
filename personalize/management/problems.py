"""What is to be learned from and what to be found? Evaluation problems made of files (L3).

Nothing here needs a database. Whatever is held out never reaches a fit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.core.management.base import CommandError
from numpy.typing import NDArray

from personalize.algorithms.base import History, IndexArray, Interactions
from personalize.algorithms.evaluate import Case, sample_negatives
from personalize.algorithms.holdout import histories_of
from personalize.engine import contents
from personalize.management.interaction_files import Codes, column, days, find_column, list_column
from signals.data import CourseInfo


@dataclass(frozen=True, slots=True)
class Problem:
    """What to learn from and what to find."""

    train: Interactions
    cases: list[Case]
    learners: int


Catalogue = Mapping[str, CourseInfo]
"""What is known of courses by their ids in the file; empty where nothing is."""
NOTHING: Catalogue = MappingProxyType({})


def _interactions(
    table: pa.Table, learners: Codes, courses: Codes, catalogue: Catalogue
) -> Interactions:
    who, what = learners.of(column(table, "learner")), courses.of(column(table, "course"))
    times = days(table)
    order = np.lexsort((times, who))
    return Interactions(
        learners=who[order],
        courses=what[order],
        times=times[order],
        weights=np.ones(len(who), dtype=np.float32),
        n_learners=len(learners),
        n_courses=len(courses),
        about=contents.about(catalogue.get(str(name)) for name in courses.values.to_pylist())
        if catalogue
        else None,
    )


@dataclass(frozen=True, slots=True)
class Sampling:
    """How many learners are ranked, and against how many courses each; 0 is against all."""

    learners: int
    negatives: int


def newest_held_out(
    table: pa.Table, sampling: Sampling, rng: np.random.Generator, catalogue: Catalogue = NOTHING
) -> Problem:
    """The newest course of every learner held out; a sample of learners ranked."""
    rows = _ordered(table, catalogue)
    newest = rows.starts()[1:] - 1
    kept = np.ones(len(rows.courses), dtype=bool)
    kept[newest] = False
    chosen = _drawn(rows.n_learners, sampling, rng)
    train = rows.take(kept)
    histories = histories_of(train, chosen)
    return _ranked(train, histories, rows.courses[newest[chosen]], sampling, rng)


def later_held_out(
    table: pa.Table,
    share: float,
    sampling: Sampling,
    rng: np.random.Generator,
    catalogue: Catalogue = NOTHING,
) -> Problem:
    """Learned from before one moment; the newest course of each learner after it is to be found.

    Nothing that anybody did later than the moment is learned from, so popularity is of the past
    only; what the learner did between the moment and the newest course is their history.
    """
    rows = _ordered(table, catalogue)
    past = rows.times <= np.quantile(rows.times, 1.0 - share, method="lower")
    newest = rows.starts()[1:] - 1
    able = np.flatnonzero(~past[newest] & (rows.lengths() > 1))
    chosen = able[_drawn(len(able), sampling, rng)]
    histories = [
        History.of(rows.courses[first:last])
        for first, last in zip(rows.starts()[chosen].tolist(), newest[chosen].tolist(), strict=True)
    ]
    return _ranked(rows.take(past), histories, rows.courses[newest[chosen]], sampling, rng)


def share_held_out(
    table: pa.Table,
    share: float,
    sampling: Sampling,
    rng: np.random.Generator,
    catalogue: Catalogue = NOTHING,
) -> Problem:
    """A random share of every learner's courses held out, at least one of two or more."""
    learners, courses = Codes(column(table, "learner")), Codes(column(table, "course"))
    rows = _interactions(table, learners, courses, catalogue)
    order = np.lexsort((rng.random(len(rows.courses)), rows.learners))
    lengths = rows.lengths()
    out = np.where(lengths > 1, np.maximum(np.rint(share * lengths), 1), 0).astype(np.int64)
    place = np.arange(len(order)) - rows.starts()[rows.learners]
    held = np.zeros(len(order), dtype=bool)
    held[order[place < out[rows.learners]]] = True
    train, test = rows.take(~held), rows.take(held)
    able = np.flatnonzero(out > 0)
    chosen = able[_drawn(len(able), sampling, rng)]
    starts = test.starts()
    cases = [
        Case(history=history, targets=np.unique(test.courses[first:last]))
        for history, first, last in zip(
            histories_of(train, chosen),
            starts[chosen].tolist(),
            starts[chosen + 1].tolist(),
            strict=True,
        )
    ]
    return Problem(train=train, cases=cases, learners=rows.n_learners)


def _ordered(table: pa.Table, catalogue: Catalogue) -> Interactions:
    learners, courses = Codes(column(table, "learner")), Codes(column(table, "course"))
    rows = _interactions(table, learners, courses, catalogue)
    if not rows.ordered:
        raise CommandError("--train has no time or order column, so nothing is newest; give --test")
    return rows


def _drawn(count: int, sampling: Sampling, rng: np.random.Generator) -> NDArray[np.int64]:
    drawn = rng.choice(count, min(sampling.learners, count), replace=False)
    return np.sort(drawn).astype(np.int64)


def _ranked(
    train: Interactions,
    histories: Sequence[History],
    targets: IndexArray,
    sampling: Sampling,
    rng: np.random.Generator,
) -> Problem:
    cases = [
        Case(
            history=history,
            targets=np.array([target], dtype=np.int32),
            negatives=sample_negatives(
                np.append(history.courses, target), train.n_courses, sampling.negatives, rng
            )
            if sampling.negatives
            else None,
        )
        for history, target in zip(histories, targets, strict=True)
    ]
    return Problem(train=train, cases=cases, learners=train.n_learners)


def from_files(
    train: pa.Table, test: pa.Table, negatives: pa.Table | None, catalogue: Catalogue = NOTHING
) -> Problem:
    lists = None if negatives is None else list_column(negatives, "negatives")
    spare = [] if lists is None else [lists.flatten()]
    learners = Codes(column(train, "learner"), column(test, "learner"))
    courses = Codes(column(train, "course"), column(test, "course"), *spare)
    rows = _interactions(train, learners, courses, catalogue)
    who, what = learners.of(column(test, "learner")), courses.of(column(test, "course"))
    if negatives is None or lists is None:
        cases = _cases_among_all(rows, who, what)
    else:
        values = courses.of(lists.flatten())
        bounds = np.append(0, np.cumsum(pc.list_value_length(lists).to_numpy(zero_copy_only=False)))
        each = [values[a:b] for a, b in pairwise(bounds)]
        at = _negative_rows(negatives, learners, courses, who, what)
        histories = histories_of(rows, who.astype(np.int64))
        cases = [
            Case(history=history, targets=what[i : i + 1], negatives=each[row])
            for i, (history, row) in enumerate(zip(histories, at, strict=True))
        ]
    return Problem(train=rows, cases=cases, learners=len(learners))


def _cases_among_all(rows: Interactions, who: IndexArray, what: IndexArray) -> list[Case]:
    """One list a learner, with all their test courses as targets."""
    order = np.argsort(who, kind="stable")
    unique, first = np.unique(who[order], return_index=True)
    groups: Sequence[IndexArray] = np.split(what[order], first[1:])
    histories: list[History] = histories_of(rows, unique.astype(np.int64))
    return [
        Case(history=history, targets=np.unique(targets))
        for history, targets in zip(histories, groups, strict=True)
    ]


def _negative_rows(
    negatives: pa.Table, learners: Codes, courses: Codes, who: IndexArray, what: IndexArray
) -> list[int]:
    """The row of the negatives file for each test row: by learner and course, learner, or place."""
    of_learner = find_column(negatives, "learner")
    of_course = find_column(negatives, "course")
    if of_learner is None:
        if len(negatives) != len(who):
            raise CommandError("--negatives has no learner column and not one row per test row")
        return list(range(len(who)))
    keys: list[Any] = learners.of(of_learner).tolist()
    wanted: list[Any] = who.tolist()
    if of_course is not None:
        keys = list(zip(keys, courses.of(of_course).tolist(), strict=True))
        wanted = list(zip(wanted, what.tolist(), strict=True))
    place = {key: row for row, key in enumerate(keys)}
    missing = sum(key not in place for key in wanted)
    if missing:
        raise CommandError(f"--negatives has no list for {missing} of {len(wanted)} test rows")
    return [place[key] for key in wanted]
