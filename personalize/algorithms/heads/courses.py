"""What is known of courses strictly before a moment? (L3, pure) Catalogue and learned shares."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.heads.facts import Facts, Kind
from personalize.algorithms.heads.passing import passed

SMOOTHING = 20.0  # endings a course needs until its own completions count half
FOLLOWERS_MOST = 100  # courses remembered as taken next, for each course
FOLLOWED_FROM = 20.0  # enrolments a course needs until what followed it counts half

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the catalogue states, in parallel arrays of n courses; -1 and 0 where nothing is."""

    fields: NDArray[np.int32]
    levels: Floats  # 0 beginner, .5 intermediate, 1 advanced, nan where not stated
    minutes: Floats
    modules: Floats
    needing: NDArray[np.int64]  # with `needed`: pairs of a course and a prerequisite
    needed: NDArray[np.int64]

    @property
    def n_fields(self) -> int:
        """Return how many fields there are."""
        return int(self.fields.max(initial=-1)) + 1


@dataclass(frozen=True, slots=True)
class Learned:
    """What learners did with each course before a moment; arrays of n courses, plain to store."""

    popularity: Floats  # log of the share of enrolments times n: 0 is average
    completion: Floats  # smoothed share of endings that were completions with the quizzes passed
    # What was taken next, as the rows of a sparse matrix: shares of the next enrolments.
    follow_starts: NDArray[np.int64]  # (n + 1,)
    follow_courses: NDArray[np.int32]
    follow_shares: Floats

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return everything under its name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def learn(facts: Facts, n: int, *, moment: float) -> Learned:
    """Return what the facts before a moment say of n courses."""
    known = facts.before(moment)
    enrolled = known.take(known.kinds == Kind.ENROLLED)
    counts = np.bincount(enrolled.courses, minlength=n).astype(np.float64)
    share = (counts + 1.0) / (counts.sum() + n)
    starts, courses, shares = _followers(enrolled, counts)
    return Learned(
        popularity=np.log(share * n),
        completion=_completion(known, n),
        follow_starts=starts,
        follow_courses=courses,
        follow_shares=shares,
    )


def _completion(known: Facts, n: int) -> Floats:
    """Of the times somebody ended a course: which share was by completing it and passing?

    Ended ones alone, so that a young platform is not read as one where nobody completes.
    """
    ended = np.isin(known.kinds, (Kind.COMPLETED, Kind.LEFT))
    pairs = known.learners * n + known.courses
    ends = known.take(known.kinds == Kind.COMPLETED)
    good = ends.take(passed(known, ends.learners, ends.courses, until=ends.times))
    done = np.unique(good.learners * n + good.courses) % n
    either = np.unique(pairs[ended]) % n
    finished = np.bincount(done, minlength=n).astype(np.float64)
    all_ = np.bincount(either, minlength=n).astype(np.float64)
    overall = (finished.sum() + 1.0) / (all_.sum() + 2.0)
    shares: Floats = (finished + SMOOTHING * overall) / (all_ + SMOOTHING)
    return shares


def _followers(
    enrolled: Facts, counts: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats]:
    """Return which share of each course's learners enrolled in which course next."""
    n = len(counts)
    same = enrolled.learners[1:] == enrolled.learners[:-1]
    codes = enrolled.courses[:-1][same].astype(np.int64) * n + enrolled.courses[1:][same]
    found, times = np.unique(codes, return_counts=True)
    rows, columns = found // n, (found % n).astype(np.int32)
    shares = times / (counts[rows] + FOLLOWED_FROM)
    order = np.lexsort((-shares, rows))
    rows, columns, shares = rows[order], columns[order], shares[order]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = rank < FOLLOWERS_MOST
    starts = np.searchsorted(rows[kept], np.arange(n + 1)).astype(np.int64)
    return starts, columns[kept], shares[kept]


def catalogue_of(
    fields_of: Sequence[int],
    levels: Sequence[float],
    minutes: Sequence[float],
    modules: Sequence[int],
    pairs: Sequence[tuple[int, int]],
) -> Catalogue:
    """Return a catalogue from plain lists; pairs are (course, prerequisite)."""
    needing, needed = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Catalogue(
        fields=np.array(fields_of, dtype=np.int32),
        levels=np.array(levels, dtype=np.float64),
        minutes=np.array(minutes, dtype=np.float64),
        modules=np.array(modules, dtype=np.float64),
        needing=needing,
        needed=needed,
    )
