"""In which formats does a learner get on? Increments that commute, and what they say (L2, pure).

Never called a learning style: it is what was observed, editable, and a small part of a ranking.
One event maps alone to one increment, so increments may be added in any order; a seek arrives as
its direction, never as positions.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from signals.processing.activity import NOWHERE, Activity, Group, Mask

PRIOR = 8.0  # lessons an even preference is worth: little seen moves little


@dataclass(frozen=True, slots=True)
class FormatCounts:
    """What was observed of one learner in one format. Sums; adding two is adding each field."""

    started: int = 0
    completed: int = 0
    rewinds: int = 0
    skips: int = 0
    watched_s: float = 0.0
    quizzes: int = 0
    quiz_total: float = 0.0

    def __add__(self, other: "FormatCounts") -> "FormatCounts":
        """Return both together."""
        return FormatCounts(
            started=self.started + other.started,
            completed=self.completed + other.completed,
            rewinds=self.rewinds + other.rewinds,
            skips=self.skips + other.skips,
            watched_s=self.watched_s + other.watched_s,
            quizzes=self.quizzes + other.quizzes,
            quiz_total=self.quiz_total + other.quiz_total,
        )


def format_counts(
    activity: Activity, *, weights: Mask, formats: Mapping[int, str]
) -> dict[str, FormatCounts]:
    """Return what the events with weight add to each format; `formats` is by module."""
    found: dict[str, FormatCounts] = {}
    for place in np.flatnonzero(weights & (activity.modules != NOWHERE)).tolist():
        name = formats.get(int(activity.modules[place]), "")
        one = _increment(Group(int(activity.groups[place])), float(activity.values[place]))
        if name and one is not None:
            found[name] = found.get(name, FormatCounts()) + one
    return found


def _increment(group: Group, value: float) -> FormatCounts | None:
    """Return what one event adds; None where it says nothing of a format."""
    said = not np.isnan(value)
    if group & Group.LESSON_STARTED:
        return FormatCounts(started=1)
    if group & Group.LESSON_DONE:
        return FormatCounts(completed=1)
    if group & Group.SCORED and said:
        return FormatCounts(quizzes=1, quiz_total=value)
    if group & Group.WATCHED and said:
        return FormatCounts(watched_s=round(value))  # whole seconds add up alike in any order
    if group & Group.SEEKED and said and value:
        return FormatCounts(rewinds=1) if value < 0 else FormatCounts(skips=1)
    return None


def preference(counts: Mapping[str, FormatCounts]) -> dict[str, float]:
    """Return shares that add up to 1: how far a learner got in each format, drawn to even.

    A lesson completed speaks for its format, a skip against it (a tenth of a lesson), a quiz by
    its score. Empty where nothing was observed.
    """
    if not counts:
        return {}
    got_on = {
        name: max(one.completed + one.quiz_total - 0.1 * one.skips, 0.0)
        for name, one in counts.items()
    }
    even = PRIOR / len(got_on)
    total = sum(got_on.values()) + PRIOR
    return {name: (amount + even) / total for name, amount in sorted(got_on.items())}
