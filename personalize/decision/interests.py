"""Where does each interest of a learner come from, and what became of others? (L4)

The interests themselves stand in the profile; here stands how they came and went, so that each can
say since when it counts and why, and what was taken away by mistake comes back with one click.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from personalize.models import InterestChange, Profile

CHANGES_KEPT = 100  # of one learner, the newest


class Act(StrEnum):
    """What became of an interest."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"


class Origin(StrEnum):
    """Where it was said."""

    DATA = "data"  # on the page of one's data
    GOAL = "goal"  # beside the goal
    START = "start"  # the first question of the start
    ROLE = "role"  # the occupation named there asks for it
    RESTORED = "restored"  # brought back from this history


@dataclass(frozen=True, slots=True)
class Known:
    """One interest with where it was said and when; both unknown of what is older than the log."""

    skill: str
    origin: Origin | None
    at: datetime | None
    was: str = ""  # what it was called before


def of(changes: Iterable[InterestChange], interests: Sequence[str]) -> tuple[Known, ...]:
    """Return the interests with where each comes from, in their order; changes as `history`."""
    newest: dict[str, InterestChange] = {}
    for row in changes:
        newest.setdefault(row.skill, row)
    return tuple(_known(skill, newest.get(skill)) for skill in interests)


def history(learner_id: int) -> tuple[InterestChange, ...]:
    """Return how interests came and went, newest first."""
    rows = InterestChange.objects.filter(learner_id=learner_id).order_by("-at", "-pk")
    return tuple(rows[:CHANGES_KEPT])


def note(learner_id: int, after: Iterable[str], *, origin: Origin, now: datetime) -> None:
    """Write down what comes and goes against what is kept; call it before the profile is saved.

    Where exactly one goes as one comes on the page of one's data, it was renamed.
    """
    held = Profile.objects.filter(learner_id=learner_id).values_list("interests", flat=True)
    before = list(next(iter(held), []))
    wanted = list(dict.fromkeys(after))
    new = [skill for skill in wanted if skill not in before]
    gone = [skill for skill in before if skill not in wanted]
    if not new and not gone:
        return
    rows = [(Act.REMOVED, skill, "") for skill in gone] + [(Act.ADDED, skill, "") for skill in new]
    if origin is Origin.DATA and len(new) == len(gone) == 1:
        rows = [(Act.RENAMED, new[0], gone[0])]
    InterestChange.objects.bulk_create(
        InterestChange(learner_id=learner_id, origin=origin, at=now, act=act, skill=skill, was=was)
        for act, skill, was in rows
    )
    _let_go(learner_id)


def may_return(change: InterestChange, interests: Sequence[str]) -> str:
    """Return the interest a change took away that is not there again, "" where there is none."""
    lost = {Act.REMOVED: change.skill, Act.RENAMED: change.was}.get(Act(change.act), "")
    return "" if lost in interests else lost


def _known(skill: str, row: InterestChange | None) -> Known:
    if row is None or row.act == Act.REMOVED:
        return Known(skill, None, None)
    return Known(skill, Origin(row.origin), row.at, row.was)


def _let_go(learner_id: int) -> None:
    newest = InterestChange.objects.filter(learner_id=learner_id).order_by("-at", "-pk")
    kept = newest[:CHANGES_KEPT].values_list("pk", flat=True)
    newest.exclude(pk__in=list(kept)).delete()
