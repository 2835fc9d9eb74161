"""How do the two heads come about? (L3, pure) Facts and shown lists in, heads and their card out.

Every row is looked at with what was known strictly before it: of the learner up to the moment, of
the courses up to the week it lies in. Rows are split by time: learned from, calibrated on, judged.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.heads import outcomes
from personalize.algorithms.heads.courses import Catalogue, Floats, Learned, learn
from personalize.algorithms.heads.facts import Days, Facts, state_before
from personalize.algorithms.heads.features import NAMES, Known, matrix
from personalize.algorithms.heads.head import STRENGTH, Head, fit
from personalize.algorithms.heads.judge import Judged, judge
from personalize.algorithms.heads.outcomes import COMPLETE_DAYS, ENGAGE_DAYS, Shown
from personalize.algorithms.heads.passing import PASSED

LISTS_DAYS = 35.0  # lists older than this are of other times: what is wanted moves on
LISTS_MOST = 20_000  # looked at, drawn evenly over time
ENROLMENTS_MOST = 30_000
LEARNED_SHARE, CALIBRATED_SHARE = 0.7, 0.85  # of the rows, by time; the rest is judged
OPEN_DAYS = 7.0  # younger enrolments are mostly open, and all estimated alike: they flatten a fit
NEWER_SHARE = 0.5  # of enrolments, by time: what the last fit takes its level from begins here
WEEK_DAYS = 7.0

ENGAGE, COMPLETE = "engage", "complete"

# What makes the heads of a model, their data apart: plain values, so that they can be compared.
RULES: Mapping[str, Mapping[str, object]] = {
    "heads": {"looks_at": list(NAMES), "penalty": 1.0 / STRENGTH},
    ENGAGE: {"within_days": ENGAGE_DAYS, "lists_days": LISTS_DAYS, "lists_most": LISTS_MOST},
    COMPLETE: {
        "within_days": COMPLETE_DAYS,
        "points_least": PASSED,
        "enrolments_most": ENROLMENTS_MOST,
        "open_days": OPEN_DAYS,
        "level_from": NEWER_SHARE,
    },
}


@dataclass(frozen=True, slots=True)
class Rows:
    """Features with what came of them, in the order of time."""

    matrix: Floats  # (n, len(NAMES))
    outcomes: Floats  # 0..1
    moments: Days
    learners: NDArray[np.int64]

    def take(self, which: slice) -> "Rows":
        """Return some of the rows."""
        return Rows(
            self.matrix[which], self.outcomes[which], self.moments[which], self.learners[which]
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What was said to be likely for each of some learners, and what came of it, on average."""

    learners: NDArray[np.int64]
    said: Floats
    happened: Floats


@dataclass(frozen=True, slots=True)
class Heads:
    """Both heads, what was known of the courses when they were fitted, and how good they were."""

    engage: Head
    complete: Head
    learned: Learned
    judged: Mapping[str, Judged]
    told: Told  # by `engage` on the rows it was judged by; nobody where it tells the base rate


class Past:
    """Facts before `until`, with what was known of the courses at the beginning of each week."""

    def __init__(self, facts: Facts, catalogue: Catalogue, *, until: float) -> None:
        """Forget what is not before `until`."""
        self.facts = facts.before(until)
        self.until = until
        self._catalogue = catalogue
        self._known: dict[int, Known] = {}

    def known(self, moment: float) -> Known:
        """Return what was known of the courses in the week of a moment."""
        week = int(np.floor(moment / WEEK_DAYS))
        if week not in self._known:
            learned = learn(self.facts, len(self._catalogue.fields), moment=week * WEEK_DAYS)
            self._known[week] = Known.of(self._catalogue, learned)
        return self._known[week]

    def looked_at(self, shown: Shown, outcomes_of: Floats | None = None) -> Rows:
        """Return a row for each course of each list; outcomes are a list's own where given."""
        order = np.argsort(shown.moments, kind="stable")
        parts: list[Floats] = []
        came: list[Floats] = []
        sizes = np.zeros(len(order), dtype=np.int64)
        for place, at in enumerate(order.tolist()):
            moment = float(shown.moments[at])
            own = self.facts.of_learner(int(shown.learners[at]))
            courses = shown.courses[at][shown.courses[at] >= 0]
            state = state_before(own, moment)
            goal = int(shown.goal_fields[at])
            parts.append(
                matrix(self.known(moment), state, now=moment, goal_field=goal, rows=courses)
            )
            if outcomes_of is None:
                came.append(outcomes.opened(own, moment, courses).astype(np.float64))
            else:
                came.append(np.full(len(courses), outcomes_of[at]))
            sizes[place] = len(courses)
        rows = np.repeat(order, sizes)
        return Rows(
            np.concatenate([*parts, np.zeros((0, len(NAMES)))]),
            np.concatenate([*came, np.zeros(0)]),
            shown.moments[rows],
            shown.learners[rows],
        )

    def lists(self, shown: Shown) -> Rows:
        """Return rows of lists with what was opened; only those a whole week old have an answer."""
        return self.looked_at(shown.take(shown.moments <= self.until - ENGAGE_DAYS))

    def enrolments(self, begun: Shown) -> Rows:
        """Return rows of enrolments with what is known of their end."""
        return self.looked_at(begun, outcomes.completed(self.facts, begun, until=self.until))


def train(
    facts: Facts,
    shown: Shown,
    catalogue: Catalogue,
    *,
    until: float,
    rng: np.random.Generator,
) -> Heads:
    """Fit, calibrate and judge both heads on what happened before `until`.

    One that says nothing true of the newest rows tells the base rate alone: no ranking follows it.

    Raises TooFewOutcomesError where there is too little of either outcome.
    """
    past = Past(facts, catalogue, until=until)
    lists = _settled_lists(past, shown, rng)
    engage, engage_judged = _head(lists)
    complete, complete_judged = fit_complete(past, rng=rng)
    return Heads(
        engage=engage if engage_judged.holds else engage.flat(),
        complete=complete if complete_judged.holds else complete.flat(),
        learned=learn(past.facts, len(catalogue.fields), moment=until),
        judged={ENGAGE: engage_judged, COMPLETE: complete_judged},
        told=_told(engage, lists if engage_judged.holds else lists.take(slice(0))),
    )


def fit_engage(past: Past, shown: Shown, *, rng: np.random.Generator) -> tuple[Head, Judged]:
    """Fit how likely a course that is shown is opened; TooFewOutcomesError."""
    return _head(_settled_lists(past, shown, rng))


def fit_complete(past: Past, *, rng: np.random.Generator) -> tuple[Head, Judged]:
    """Fit how likely a course that is begun is completed and passed; TooFewOutcomesError."""
    begun = outcomes.enrolments(past.facts)
    begun = begun.take(begun.moments <= past.until - OPEN_DAYS)
    rows = past.enrolments(_some(begun, ENROLMENTS_MOST, rng))
    head, judged = _head(rows)
    return _level(rows) if judged.holds else head, judged


def _settled_lists(past: Past, shown: Shown, rng: np.random.Generator) -> Rows:
    settled = shown.moments <= past.until - ENGAGE_DAYS
    known = shown.take(settled & (shown.moments > past.until - LISTS_DAYS))
    return past.lists(_some(known, LISTS_MOST, rng))


def _told(head: Head, rows: Rows) -> Told:
    """Return one row a learner, of the newest: what one sees of many rows counts once."""
    judged = rows.take(slice(int(np.ceil(CALIBRATED_SHARE * len(rows.moments))), None))
    learners, whose, counts = np.unique(judged.learners, return_inverse=True, return_counts=True)
    said = head.probabilities(judged.matrix) if len(learners) else np.zeros(0)
    return Told(
        learners,
        np.bincount(whose, weights=said, minlength=len(learners)) / counts,
        np.bincount(whose, weights=judged.outcomes, minlength=len(learners)) / counts,
    )


def _some(shown: Shown, most: int, rng: np.random.Generator) -> Shown:
    """Return at most so many, drawn evenly."""
    if len(shown.moments) <= most:
        return shown
    return shown.take(np.sort(rng.choice(len(shown.moments), size=most, replace=False)))


def _level(rows: Rows) -> Head:
    """Fit on all rows, with the level of the newer half.

    A calibration on few of the newest enrolments, whose ends are mostly estimates, moves with the
    draw; half of all rows do not.
    """
    place = np.arange(len(rows.moments)) / max(len(rows.moments), 1)
    everything = np.ones(len(place), dtype=bool)
    return fit(rows.matrix, rows.outcomes, learn_from=everything, calibrate_on=place >= NEWER_SHARE)


def _head(rows: Rows) -> tuple[Head, Judged]:
    place = np.arange(len(rows.moments)) / max(len(rows.moments), 1)
    head = fit(
        rows.matrix,
        rows.outcomes,
        learn_from=place < LEARNED_SHARE,
        calibrate_on=(place >= LEARNED_SHARE) & (place < CALIBRATED_SHARE),
    )
    judged = place >= CALIBRATED_SHARE
    return head, judge(head.probabilities(rows.matrix[judged]), rows.outcomes[judged])
