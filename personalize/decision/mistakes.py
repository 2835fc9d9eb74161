"""How many picks were wrong, by kind of learner? (L4) For the review of models.

A pick is wrong where its learner said so (not for me, snoozed), left it within a minute for another
course and did not come back in a week, knew the course already, or lacked what it builds on. Only
picks that ranking made count: pins and exploration are decisions of others. What leaves here stands
for ten learners and more, in counts to the nearest five.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from personalize.algorithms.heads.facts import Facts, Kind, Touch, state_before
from personalize.data import Action, Mistaken, Slot, Source
from personalize.decision.partitions import share_to_read
from personalize.models.decisions import SLOT_CODES, SOURCE_CODES
from signals import api, catalogue
from signals.aggregates import publishable

LISTS_MOST = 5_000  # looked through, spread evenly
ANSWER_DAYS = 7.0  # in which a word on a pick, or a leaving, is about that pick
LEFT_AT_ONCE_DAYS = 60 / 86_400  # a minute
DAY_S = 86_400.0
Z95 = 1.959964
DIGITS = 3

REFUSED, SNOOZED, LEFT = "not_for_me", "snoozed", "left_at_once"
UNPREPARED, KNOWN = "prerequisite_missing", "known_already"
REASONS = (REFUSED, SNOOZED, LEFT, UNPREPARED, KNOWN)
EVERYBODY = ("all", "all")
NOTHING: frozenset[int] = frozenset()

_RANKED = [SOURCE_CODES[source] for source in (Source.MODEL, Source.ONBOARDING)]
_SHOWN = """
SELECT d.learner_id, extract(epoch FROM d.served_at)::float8, shown.course_id,
       f.action, extract(epoch FROM f.at)::float8
FROM (SELECT * FROM personalize_decision TABLESAMPLE SYSTEM (%(percent)s) REPEATABLE (0)
      WHERE served_at >= %(since)s AND served_at < %(until)s AND learner_id IS NOT NULL
        AND module_ids IS NULL AND source = ANY(%(sources)s)
      ORDER BY hashtext(request_id::text) LIMIT %(most)s) d
CROSS JOIN LATERAL unnest(d.course_ids, d.slots) AS shown (course_id, slot)
LEFT JOIN personalize_feedback f
  ON (f.learner_id, f.course_id) = (d.learner_id, shown.course_id)
WHERE shown.slot = %(greedy)s
"""
_SAID = {Action.NOT_FOR_ME: REFUSED, Action.SNOOZE: SNOOZED}


@dataclass(frozen=True, slots=True)
class _Pick:
    """A course as it was shown to somebody; times are days since the epoch."""

    learner_id: int
    at: float
    course_id: int
    said: str  # a word on it within ANSWER_DAYS, "" for none


def false_recommendations(*, since: datetime, until: datetime) -> tuple[Mistaken, ...]:
    """Return how many picks of closed days were wrong, for all and for each kind of learner.

    Kinds are those of signals (tenure, activity, language and what a platform tells), as known at
    the end. Where one kind alone would be hidden, the smallest shown one is hidden with it.
    """
    picks = _picks(since, until)
    wrong = _wrong(picks, until)
    learners = sorted({pick.learner_id for pick in picks})
    kinds = api.cohorts_of(learners, at=until) if learners else {}
    place = {learner_id: at for at, learner_id in enumerate(learners)}
    whose = np.array([place[pick.learner_id] for pick in picks], dtype=np.int64)
    everybody = _cells({EVERYBODY: np.ones(len(learners), bool)}, whose, wrong)
    found = list(everybody)
    for cohort, values in kinds.items():
        told = np.array(values)
        masks = {(cohort, str(value)): told == value for value in sorted(set(values))}
        found += _cells(masks, whose, wrong)
    return tuple(found)


def _cells(
    masks: Mapping[tuple[str, str], np.ndarray], whose: np.ndarray, wrong: np.ndarray
) -> list[Mistaken]:
    """Return the cells that may be shown of one way of telling learners apart."""
    counted = []
    for (cohort, value), mask in masks.items():
        mine = mask[whose] if len(whose) else np.zeros(0, bool)
        learners = len(np.unique(whose[mine]))
        counted.append((learners, cohort, value, mine))
    shown = sorted((cell for cell in counted if publishable(cell[0])), key=lambda cell: cell[0])
    if len(counted) - len(shown) == 1:
        shown = shown[1:]
    return [_cell(cohort, value, whose[mine], wrong[mine]) for _n, cohort, value, mine in shown]


def _cell(cohort: str, value: str, whose: np.ndarray, wrong: np.ndarray) -> Mistaken:
    is_wrong = np.asarray(wrong.any(axis=1))
    any_of_them = _counted(whose, is_wrong)
    picks = publishable(len(wrong)) or 0
    low, high = interval(whose, is_wrong) if any_of_them is not None else (None, None)
    return Mistaken(
        cohort=cohort,
        value=value,
        learners=publishable(len(np.unique(whose))) or 0,
        picks=picks,
        share=None if any_of_them is None else round(any_of_them / picks, 3),
        by_reason={reason: _counted(whose, wrong[:, at]) for at, reason in enumerate(REASONS)},
        low=low,
        high=high,
    )


def interval(whose: np.ndarray, is_wrong: np.ndarray) -> tuple[float, float]:
    """Return the 95% interval of the share: a ratio over learners, whose picks are alike."""
    _, at = np.unique(whose, return_inverse=True)
    picks, wrong = np.bincount(at), np.bincount(at, weights=is_wrong)
    n, share = len(picks), float(wrong.sum() / picks.sum())
    apart = wrong - share * picks
    half = Z95 * float(np.sqrt(np.square(apart).sum() * n / max(n - 1, 1))) / float(picks.sum())
    return round(max(share - half, 0.0), DIGITS), round(min(share + half, 1.0), DIGITS)


def _counted(whose: np.ndarray, of_them: np.ndarray) -> int | None:
    """Return how many picks, None where fewer than ten learners had such a one."""
    if publishable(len(np.unique(whose[of_them]))) is None:
        return None
    return publishable(int(of_them.sum()))


def _picks(since: datetime, until: datetime) -> list[_Pick]:
    given: dict[str, Any] = {
        "since": since,
        "until": until,
        "sources": _RANKED,
        "most": LISTS_MOST,
        "percent": share_to_read(LISTS_MOST, since=since, until=until),
        "greedy": SLOT_CODES[Slot.GREEDY],
    }
    with connection.cursor() as cursor:
        cursor.execute(_SHOWN, given)
        rows = sorted(cursor.fetchall(), key=lambda row: row[:2])
    return [
        _Pick(learner_id, at / DAY_S, course_id, _answer(at, action, said_at))
        for learner_id, at, course_id, action, said_at in rows
    ]


def _answer(at: float, action: str | None, said_at: float | None) -> str:
    if action is None or said_at is None or action not in _SAID:
        return ""
    return _SAID[Action(action)] if 0 <= said_at - at <= ANSWER_DAYS * DAY_S else ""


def _wrong(picks: Sequence[_Pick], until: datetime) -> np.ndarray:
    """Return for each pick which reasons hold: (n, len(REASONS)) bool."""
    steps = api.steps(sorted({pick.learner_id for pick in picks}), until=until)
    facts = Facts.of(steps.learner_ids, steps.course_ids, steps.steps, steps.times)
    needs = {course.course_id: course.prerequisites for course in catalogue.courses().values()}
    wrong = np.zeros((len(picks), len(REASONS)), dtype=bool)
    last, own, has, opened = (0, 0.0), facts.of_learner(0), NOTHING, NOTHING
    for at, pick in enumerate(picks):
        if (pick.learner_id, pick.at) != last:  # the picks of a list follow each other
            last = pick.learner_id, pick.at
            own = facts.of_learner(pick.learner_id)
            begin, end = np.searchsorted(own.times, [pick.at, pick.at + ANSWER_DAYS])
            opened = frozenset(own.courses[begin:end].tolist())
            state = state_before(own, pick.at)
            taken = (state.touches == Touch.ENROLLED) | (state.touches == Touch.COMPLETED)
            has = frozenset(state.courses[taken].tolist())
        wrong[at] = (
            pick.said == REFUSED,
            pick.said == SNOOZED,
            pick.course_id in opened and _left_at_once(own, pick),
            not has.issuperset(needs.get(pick.course_id, ())),
            pick.course_id in has,
        )
    return wrong


def _left_at_once(own: Facts, pick: _Pick) -> bool:
    """Say whether the course was opened, left within a minute for another, and not taken up."""
    begin, end = np.searchsorted(own.times, [pick.at, pick.at + ANSWER_DAYS])
    courses, kinds, times = own.courses[begin:end], own.kinds[begin:end], own.times[begin:end]
    mine = courses == pick.course_id
    if not mine.any() or (kinds[mine] != Kind.VIEWED).any():
        return False
    after = times[~mine] - times[mine].max()
    return bool(((after >= 0) & (after <= LEFT_AT_ONCE_DAYS)).any())
