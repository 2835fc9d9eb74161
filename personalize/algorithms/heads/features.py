"""What do the heads look at, for one learner and every course? (L3, pure)

Nothing here knows a time after `now`: the state was read before it, and so was what is known of
the courses. The learner's own part is the same for all courses, the course's own part the same for
all learners; only what matches the two is worked out for each request.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.heads.courses import Catalogue, Floats, Learned
from personalize.algorithms.heads.facts import State, Touch

LATELY_DAYS = 30.0
STALE_DAYS = 14.0  # an open course not touched for so long
FADING_DAYS = 30.0  # half-life of what history says about fields
NEWEST = 3  # enrolments after which something is taken next
LONG_AGO_DAYS = 60.0
SCORE_FROM = 1.5  # courses until which what quizzes say of somebody counts half

OF_LEARNER = (
    "taken",
    "completed",
    "completed_lately",
    "open",
    "open_stale",
    "left",
    "looked_at",
    "finishes",
    "idle",
    "idle_day",
    "new",
    "score",
    "scored",
)
OF_COURSE = ("popularity", "completion", "level", "minutes", "modules", "needs_others")
OF_MATCH = (
    "field_share",
    "field_lately",
    "field_new",
    "followed",
    "next_step",
    "prepared",
    "prepared_lately",
    "viewed",
    "viewed_lately",
    "left_it",
    "goal",
)
# What one did last says less the longer ago it is: the same once more, times how long one is idle.
AFTER_PAUSE = OF_MATCH[: OF_MATCH.index("left_it")]
NAMES = OF_LEARNER + OF_COURSE + OF_MATCH + tuple(f"{name}_after_pause" for name in AFTER_PAUSE)
IDLE = OF_LEARNER.index("idle")


def of_learner(state: State, now: float) -> Floats:
    """Return what holds for the learner whatever the course, in the order of OF_LEARNER."""
    touches, ago = state.touches, now - state.last_at
    done, left = touches == Touch.COMPLETED, touches == Touch.LEFT
    at_hand = (touches == Touch.ENROLLED) | (touches == Touch.STARTED)
    n_done, n_open, n_left = int(done.sum()), int(at_hand.sum()), int(left.sum())
    idle = float(ago.min(initial=LONG_AGO_DAYS))
    n_taken = n_done + n_open + n_left
    # Both together let the fit find the score that nobody is better or worse for.
    scored = 0.0 if np.isnan(state.score) else n_taken / (n_taken + SCORE_FROM)
    return np.array(
        [
            np.log1p(n_taken),
            np.log1p(n_done),
            np.log1p(int((done & (ago <= LATELY_DAYS)).sum())),
            min(n_open, 5),
            np.log1p(int((at_hand & (ago > STALE_DAYS)).sum())),
            np.log1p(n_left),
            np.log1p(int((touches == Touch.VIEWED).sum())),
            (n_done + 2.0) / (n_taken + 2.5),
            np.log1p(min(idle, LONG_AGO_DAYS)),
            float(idle < 1.0),
            float(not len(touches)),
            scored * state.score if scored else 0.0,
            scored,
        ]
    )


def of_courses(catalogue: Catalogue, learned: Learned) -> Floats:
    """Return what holds for each course whoever asks: (n, len(OF_COURSE))."""
    needs = np.bincount(catalogue.needing, minlength=len(catalogue.fields))
    known = ~np.isnan(catalogue.levels)
    middle = float(catalogue.levels[known].mean()) if known.any() else 0.0
    return np.column_stack(
        [
            learned.popularity,
            learned.completion,
            np.where(known, catalogue.levels, middle),
            np.log1p(catalogue.minutes),
            np.log1p(catalogue.modules),
            np.minimum(needs, 3),
        ]
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the courses before some moment, ready to be matched with learners."""

    catalogue: Catalogue
    learned: Learned
    columns: Floats  # of_courses
    needing: NDArray[np.int64]  # courses with prerequisites, ascending
    needed: NDArray[np.int64]  # their prerequisites, one after the other
    starts: NDArray[np.int64]  # where those of each begin

    @classmethod
    def of(cls, catalogue: Catalogue, learned: Learned) -> "Known":
        """Work out what does not depend on the learner."""
        order = np.argsort(catalogue.needing, kind="stable")
        needing, starts = np.unique(catalogue.needing[order], return_index=True)
        columns = of_courses(catalogue, learned)
        return cls(catalogue, learned, columns, needing, catalogue.needed[order], starts)


def of_match(known: Known, state: State, *, now: float, goal_field: int = -1) -> Floats:
    """Return what learner and course have with each other: (len(OF_MATCH), n)."""
    catalogue = known.catalogue
    n = len(catalogue.fields)
    taken = (state.touches >= Touch.ENROLLED) & (state.touches <= Touch.COMPLETED)
    share, lately = _fields(catalogue, state, now)
    prepared, prepared_lately, next_step = _prepared(known, state, now)
    viewed, viewed_lately, left_it = np.zeros(n), np.zeros(n), np.zeros(n)
    looked = state.touches == Touch.VIEWED
    viewed[state.courses[looked]] = 1.0
    viewed_lately[state.courses[looked]] = 0.5 ** ((now - state.last_at[looked]) / 3.0)
    left_it[state.courses[state.touches == Touch.LEFT]] = 1.0
    return np.vstack(
        [
            share,
            lately,
            (share == 0.0) * float(taken.any()),
            _followed(known.learned, state.courses[taken][-NEWEST:], n),
            next_step,
            prepared,
            prepared_lately,
            viewed,
            viewed_lately,
            left_it,
            (catalogue.fields == goal_field) * float(goal_field >= 0),
        ]
    )


def matrix(
    known: Known,
    state: State,
    *,
    now: float,
    goal_field: int = -1,
    rows: NDArray[np.integer] | None = None,
) -> Floats:
    """Return every feature of some courses, or all: (k, len(NAMES))."""
    match = of_match(known, state, now=now, goal_field=goal_field).T
    columns = known.columns
    if rows is not None:
        match, columns = match[rows], columns[rows]
    own = np.broadcast_to(of_learner(state, now), (len(match), len(OF_LEARNER)))
    after_pause = match[:, : len(AFTER_PAUSE)] * own[:, IDLE : IDLE + 1]
    return np.hstack([own, columns, match, after_pause])


def _fields(catalogue: Catalogue, state: State, now: float) -> tuple[Floats, Floats]:
    """Return which share of the history, and of the fading one, lies in each course's field."""
    own = catalogue.fields[state.courses]
    stated = own >= 0
    weights = np.where(state.touches == Touch.VIEWED, 0.3, 1.0)[stated]
    fading = weights * 0.5 ** ((now - state.last_at[stated]) / FADING_DAYS)
    both = []
    for weight in (weights, fading):
        by_field = np.bincount(own[stated], weights=weight, minlength=catalogue.n_fields + 1)
        by_field[-1] = 0.0  # where courses of no field are looked up
        both.append((by_field / max(float(by_field.sum()), 1e-9))[catalogue.fields])
    return both[0], both[1]


def _prepared(known: Known, state: State, now: float) -> tuple[Floats, Floats, Floats]:
    """Return the share of prerequisites completed, how fresh the weakest is, and what opens next.

    A course without prerequisites is prepared in full.
    """
    n = len(known.columns)
    share, weakest, opens = np.ones(n), np.ones(n), np.zeros(n)
    if len(known.needing):
        done = state.touches == Touch.COMPLETED
        fresh = np.zeros(n)
        fresh[state.courses[done]] = 0.5 ** ((now - state.last_at[done]) / FADING_DAYS)
        needed = fresh[known.needed]
        each = np.diff(known.starts, append=len(needed))
        met = np.add.reduceat((needed > 0).astype(np.float64), known.starts)
        share[known.needing] = met / each
        weakest[known.needing] = np.minimum.reduceat(needed, known.starts)
        opens[known.needing] = weakest[known.needing] * (met == each)
    return share, weakest, opens


def _followed(learned: Learned, newest: NDArray[np.int32], n: int) -> Floats:
    """Return how often each course was taken next after the learner's newest ones."""
    found = np.zeros(n)
    for course in newest.tolist():
        begin, end = learned.follow_starts[course], learned.follow_starts[course + 1]
        found[learned.follow_courses[begin:end]] += learned.follow_shares[begin:end]
    return np.sqrt(found / max(len(newest), 1))
