"""Which path does a learner have, and how did it come about? (L5)

It is planned anew whenever it is looked at and what it rests on has changed; each change is kept
with its reason. What the learner chose in it stays until they undo it or the goal is another.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language

from personalize.agents import changes
from personalize.agents import path as paths
from personalize.agents.changes import Reason
from personalize.agents.evidence import Facts
from personalize.agents.path import Choices, Path
from personalize.agents.wishes import Stated, wanted
from personalize.decision import standing
from personalize.experience import journey
from personalize.experience.people import Learner
from personalize.models import LearningPath, PathChange
from signals import api as signals

CHANGES_SHOWN = 5
CHANGES_KEPT = 100  # of one learner, the newest


@dataclass(frozen=True, slots=True)
class Kept:
    """A learner's path as it is now, the courses done on it, and how it changed, newest first."""

    path: Path
    finished: tuple[int, ...]  # course_ids
    choices: Choices
    changes: tuple[PathChange, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a learner just chose in their path, to be kept with the reason."""

    reason: Reason
    about: tuple[int, ...]
    choices: Choices


class PersonalizationOffError(Exception):
    """The learner does not allow personalization, so nothing is planned and nothing is kept."""


def stated_of(learner: Learner) -> Stated:
    """Return what a learner's profile states, for pages in their language."""
    return journey.stated_by(standing.profile(learner.learner_id), get_language() or "")


def kept(learner: Learner, *, now: datetime, choice: Choice | None = None) -> Kept:
    """Return the path of a learner, planned anew where it must be.

    Raises:
        ErasedLearnerError: who is gone.
        PersonalizationOffError: who does not allow personalization now; the path went with it.
    """
    stated, facts = stated_of(learner), journey.facts_of(learner)
    with transaction.atomic():
        allowed = signals.storing([learner.learner_id]).get(learner.learner_id)
        if allowed is None:
            raise signals.ErasedLearnerError("There is no such learner any more.")
        if not allowed.personalization:
            raise PersonalizationOffError
        row, _ = LearningPath.objects.select_for_update().get_or_create(
            learner_id=learner.learner_id, defaults={"planned_at": now}
        )
        path, choices = _planned(row, stated, facts, choice, now=now)
    history = PathChange.objects.filter(learner_id=learner.learner_id).order_by("-at", "-pk")
    return Kept(path, tuple(row.finished), choices, tuple(history[: CHANGES_SHOWN + 1]))


def _planned(
    row: LearningPath, stated: Stated, facts: Facts, choice: Choice | None, *, now: datetime
) -> tuple[Path, Choices]:
    choices = choice.choices if choice else choices_of(row)
    goal = changes.inputs(stated, facts, choices)["goal"]
    if row.inputs and row.inputs["goal"] != goal:
        choices = Choices()  # of another goal
    path = paths.make(stated, facts, today=now.date(), choices=choices)
    after = changes.inputs(stated, facts, choices)
    steps = [leg.course.course_id for leg in path.legs]
    if row.inputs == after and row.steps == steps:
        return path, choices
    _note(row, steps, after, choice, facts, now=now)
    row.finished = _done(row, facts, same_goal=not row.inputs or row.inputs["goal"] == goal)
    row.steps, row.inputs, row.planned_at = steps, after, now
    row.known, row.instead, row.without = (
        sorted(part) for part in (choices.known, choices.instead, choices.without)
    )
    row.save()
    return path, choices


def _note(
    row: LearningPath,
    steps: list[int],
    after: dict[str, object],
    choice: Choice | None,
    facts: Facts,
    *,
    now: datetime,
) -> None:
    """Keep a change of the path, if courses came, went or were finished; the oldest go."""
    reason, about = changes.reason(row.inputs, after)
    if choice is not None:
        reason, about = choice.reason, choice.about
    gone = [c for c in row.steps if c not in steps]
    new = [c for c in steps if c not in row.steps]
    if choice is None and not gone and not new:
        return
    PathChange.objects.create(
        learner_id=row.learner_id,
        at=now,
        reason=reason,
        about=[c for c in about if reason is not Reason.FINISHED or c in row.steps],
        added=new,
        removed=[c for c in gone if c not in facts.finished],
    )
    newest = PathChange.objects.filter(learner_id=row.learner_id).order_by("-at", "-pk")
    last = newest[CHANGES_KEPT : CHANGES_KEPT + 1].values_list("pk", flat=True).first()
    if last is not None:
        newest.filter(pk__lte=last).delete()


def _done(row: LearningPath, facts: Facts, *, same_goal: bool) -> list[int]:
    earlier = row.finished if same_goal else []
    return list(dict.fromkeys((*earlier, *(c for c in row.steps if c in facts.finished))))


def choices_of(row: LearningPath) -> Choices:
    """Return what a learner chose in a stored path."""
    return Choices(frozenset(row.known), frozenset(row.instead), frozenset(row.without))


def swap(learner: Learner, held: Kept, away: int, *, to: int, now: datetime) -> bool:
    """Put a course in a step's place; False where it is none of those offered there."""
    leg = next((leg for leg in held.path.legs if leg.course.course_id == away), None)
    offered = {other.course.course_id for other in leg.alternatives} if leg else set()
    if to not in offered:
        return False
    chosen = replace(
        held.choices,
        instead=held.choices.instead - {away} | {to},
        without=held.choices.without - {to} | {away},
    )
    kept(learner, now=now, choice=Choice(Reason.SWAP, (away, to), chosen))
    return True


def know(learner: Learner, held: Kept, course_id: int, *, now: datetime) -> bool:
    """Leave a step out because the learner knows it; False where it is no step."""
    if course_id not in {leg.course.course_id for leg in held.path.legs}:
        return False
    chosen = replace(held.choices, known=held.choices.known | {course_id})
    kept(learner, now=now, choice=Choice(Reason.KNOW, (course_id,), chosen))
    return True


def undo(learner: Learner, held: Kept, change_id: int, *, now: datetime) -> bool:
    """Take a choice back; False where there is none such that still stands."""
    row = PathChange.objects.filter(pk=change_id, learner_id=learner.learner_id).first()
    if row is None or not stands(row, held.choices):
        return False
    about = frozenset(row.about)
    chosen = Choices(
        held.choices.known - about, held.choices.instead - about, held.choices.without - about
    )
    kept(learner, now=now, choice=Choice(Reason.UNDO, tuple(row.about), chosen))
    return True


def stands(change: PathChange, choices: Choices) -> bool:
    """Say whether a change is a choice of the learner that is still in force."""
    if change.reason == Reason.KNOW:
        return choices.known >= {*change.about}
    if change.reason == Reason.SWAP:
        away, to = change.about
        return away in choices.without and to in choices.instead
    return False


@dataclass(frozen=True, slots=True)
class Planned:
    """A path as it was planned last: course_ids, the goal's title and the minutes a week."""

    title: str
    pace: int
    steps: tuple[int, ...]
    finished: tuple[int, ...]

    def stand(self, finished: frozenset[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the courses done on it and those ahead, in order, with what is finished now."""
        newly = (c for c in self.steps if c in finished)
        done = tuple(dict.fromkeys((*self.finished, *newly)))
        return done, tuple(c for c in self.steps if c not in finished)


def planned(learner_id: int) -> Planned | None:
    """Return the path of a learner as it was planned last, None without one. Two statements."""
    row = LearningPath.objects.filter(learner_id=learner_id).first()
    if row is None or not row.inputs:
        return None
    role, field, skills = row.inputs["goal"]
    stated = Stated(field=field, role=role, skills=tuple(skills))
    return Planned(wanted(stated).title, row.inputs["pace"], tuple(row.steps), tuple(row.finished))


def planned_now(learner: Learner, *, now: datetime) -> Planned | None:
    """Return the path of who has a goal and none kept, planned; None where none may be kept."""
    try:
        kept(learner, now=now)
    except (PersonalizationOffError, signals.ErasedLearnerError):
        return None
    return planned(learner.learner_id)


def step_of(learner_id: int, finished: frozenset[int]) -> tuple[int, int, int] | None:
    """Return (which step comes, of how many, its course_id) of the path as it was planned last.

    None without a path, or where it is done. Two statements.
    """
    held = planned(learner_id)
    done, ahead = held.stand(finished) if held else ((), ())
    return (len(done) + 1, len(done) + len(ahead), ahead[0]) if ahead else None
