"""What did a learner finish since their last visit? (L5) Also where it was nothing, or less."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from signals.data import ModuleState

WEEK = timedelta(days=7)
PERCENT = 100


@dataclass(frozen=True, slots=True)
class Since:
    """What was done, and how that is beside the week before; either part may be empty."""

    done: str
    weeks: str


def since(states: Iterable[ModuleState], *, before: datetime, now: datetime) -> Since:
    """Return what was finished since a visit that began then, in words without a judgement."""
    finished = [
        (state.completed_at, state.score) for state in states if state.completed_at is not None
    ]
    fresh = [score for at, score in finished if at > before]
    return Since(done=_done(fresh, before), weeks=_weeks([at for at, _s in finished], now=now))


def _done(fresh: list[float | None], before: datetime) -> str:
    if not fresh:
        return gettext("Since your visit on %s no lesson was finished.") % date_format(
            before, "j F"
        )
    lessons = ngettext("%d lesson finished", "%d lessons finished", len(fresh)) % len(fresh)
    scores = [score for score in fresh if score is not None]
    if not scores:
        return gettext("Since last time: %s.") % lessons
    quizzes = ngettext(
        "%(n)d quiz, your result %(mean)d%%",
        "%(n)d quizzes, %(mean)d%% on average",
        len(scores),
    ) % {"n": len(scores), "mean": round(PERCENT * sum(scores) / len(scores))}
    return gettext("Since last time: %(lessons)s, %(quizzes)s.") % {
        "lessons": lessons,
        "quizzes": quizzes,
    }


def _weeks(finished: list[datetime], *, now: datetime) -> str:
    """Return the last seven days beside the seven before, where there was anything in them."""
    last = sum(now - WEEK < at <= now for at in finished)
    earlier = sum(now - 2 * WEEK < at <= now - WEEK for at in finished)
    if not earlier:
        return ""
    return gettext("Lessons in the last 7 days: %(last)d. In the 7 days before: %(earlier)d.") % {
        "last": last,
        "earlier": earlier,
    }
