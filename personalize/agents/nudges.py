"""What could be said to bring somebody back, and is it true? (L5) One reminder, built from facts.

A proposal: whom it may be shown to, where and how often, whoever asks decides. What is not known
is not said, and where nothing is true and useful there is no reminder.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from signals.data import CourseInfo, ModuleInfo, ModuleState

PAUSE_DAYS = 3  # away from a course for so long, before anything is said
PAUSE_AT_STOP_DAYS = 2  # where many stop, a little earlier
FORGOTTEN_DAYS = 60  # who stays away longer has decided; nobody reminds them of it
PASSED = 0.6  # share of a quiz from which it is passed
NEARLY = 0.15  # so little below it is nearly passed
STOP_SHARE = 0.3  # of those who finish one module and not the next: many stop there


class Kind(StrEnum):
    """What a reminder is about."""

    NEXT = "next"  # the next module of a course that was begun
    QUIZ = "quiz"  # a quiz that was nearly passed
    PATH = "path"  # the next course of the learner's path


@dataclass(frozen=True, slots=True)
class Begun:
    """A course a learner is in the middle of, and how far; reach counts learners by module."""

    course: CourseInfo
    modules: Sequence[ModuleInfo]
    states: Mapping[int, ModuleState]  # by module
    last_at: datetime
    reach: Mapping[int, int]  # how many learners finished a module, of those that ten or more did


@dataclass(frozen=True, slots=True)
class Step:
    """The next course of a learner's path, not begun yet, and when they were last active."""

    course: CourseInfo
    number: int  # from 1
    of: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Nudge:
    """One reminder: every number in it is a fact at the moment it is made."""

    kind: Kind
    course_id: int
    module_id: int  # 0 where it is about a whole course
    number: int  # of the module in its course, or of the step in the path, from 1
    of: int
    minutes: int  # of the module or the course; 0 where the catalogue does not say
    done: int  # modules of the course
    after: int  # modules that are left after this one
    after_minutes: int  # of those; 0 where the catalogue does not say of each
    days: int  # since the last step in this course, or anywhere, for a path
    score: float | None = None  # 0..1
    finished: int = 0  # learners, rounded, who finished the module before this one ...
    went_on: int = 0  # ... and those who finished this one; both 0 where few are known

    @property
    def key(self) -> str:
        """Return what tells one reminder from another: the same thing is said once."""
        return f"{self.kind}:{self.course_id}:{self.module_id}"

    @property
    def share(self) -> float:
        """Return how much of the course is done, 0..1."""
        return self.done / self.of if self.kind is not Kind.PATH else 0.0


def propose(
    begun: Iterable[Begun],
    step: Step | None,
    *,
    now: datetime,
    said: AbstractSet[str] = frozenset(),
) -> Nudge | None:
    """Return the one reminder worth giving, or None where there is no true fact to give.

    The course that was open last comes first, a nearly passed quiz before the next module, and the
    path only where no course is half done. `said` are keys of what was said before.
    """
    half_done = sorted(begun, key=lambda one: one.last_at, reverse=True)
    for one in half_done:
        for found in (_quiz(one, now=now), _next(one, now=now)):
            if found is not None and found.key not in said:
                return found
    if half_done or step is None:
        return None
    found = _path(step, now=now)
    return found if found is not None and found.key not in said else None


def _next(one: Begun, *, now: datetime) -> Nudge | None:
    """Return what comes next in a course, after a pause."""
    left = [module for module in one.modules if not _finished(one, module)]
    if not left:
        return None
    following = left[0]
    finished, went_on = _stops(one, following)
    days = (now - one.last_at).days
    pause = PAUSE_AT_STOP_DAYS if finished else PAUSE_DAYS
    if not pause <= days <= FORGOTTEN_DAYS:
        return None
    return _about(one, Kind.NEXT, following, days=days, finished=finished, went_on=went_on)


def _quiz(one: Begun, *, now: datetime) -> Nudge | None:
    """Return the newest quiz of a course that was nearly passed, after a pause."""
    days = (now - one.last_at).days
    if not PAUSE_DAYS <= days <= FORGOTTEN_DAYS:
        return None
    near = [
        (state.last_at, module, state.score)
        for module in one.modules
        if (state := one.states.get(module.module_id)) is not None
        and state.score is not None
        and PASSED - NEARLY <= state.score < PASSED
    ]
    if not near:
        return None
    _at, module, score = max(near, key=lambda found: (found[0], -found[1].position))
    return _about(one, Kind.QUIZ, module, days=days, score=score)


def _path(step: Step, *, now: datetime) -> Nudge | None:
    days = (now - step.last_at).days
    if not PAUSE_DAYS <= days <= FORGOTTEN_DAYS:
        return None
    return Nudge(
        kind=Kind.PATH,
        course_id=step.course.course_id,
        module_id=0,
        number=step.number,
        of=step.of,
        minutes=step.course.minutes,
        done=0,
        after=step.of - step.number,
        after_minutes=0,
        days=days,
    )


def _about(
    one: Begun,
    kind: Kind,
    module: ModuleInfo,
    *,
    days: int,
    score: float | None = None,
    finished: int = 0,
    went_on: int = 0,
) -> Nudge:
    left = [m for m in one.modules if not _finished(one, m) and m.module_id != module.module_id]
    told = all(m.minutes > 0 for m in left)
    return Nudge(
        kind=kind,
        course_id=one.course.course_id,
        module_id=module.module_id,
        number=[m.module_id for m in one.modules].index(module.module_id) + 1,
        of=len(one.modules),
        minutes=module.minutes,
        done=sum(_finished(one, m) for m in one.modules),
        after=len(left),
        after_minutes=sum(m.minutes for m in left) if told else 0,
        days=days,
        score=score,
        finished=finished,
        went_on=went_on,
    )


def _finished(one: Begun, module: ModuleInfo) -> bool:
    state = one.states.get(module.module_id)
    return state is not None and state.completed_at is not None


def _stops(one: Begun, module: ModuleInfo) -> tuple[int, int]:
    """Return (learners who finished the module before, and this one) where many stop, else 0, 0."""
    at = [m.module_id for m in one.modules].index(module.module_id)
    if at == 0:
        return 0, 0
    before, here = (one.reach.get(one.modules[i].module_id, 0) for i in (at - 1, at))
    return (before, here) if before and here and here <= (1 - STOP_SHARE) * before else (0, 0)
