"""What has this learner told us? (L4) Goal, interests, words on courses: one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import orjson
from django.db import transaction

from personalize.data import Action
from personalize.models import LearningPath, PathChange, Profile
from signals import api as signals
from signals.hot import HotStatement

UNUSED = "unused"

# One row a word on a course; the interests, rarely any, come as a JSON list.
_STANDING = HotStatement("""
SELECT p.goal, to_json(p.interests)::text, f.course_id, f.action
FROM (SELECT $1::bigint AS learner_id) l
LEFT JOIN personalize_profile p USING (learner_id)
LEFT JOIN (
    SELECT learner_id, course_id, action FROM personalize_feedback
    WHERE until IS NULL OR until > $2::timestamptz
    UNION ALL SELECT learner_id, course_id, 'unused' FROM personalize_unusedcourse
) f USING (learner_id)
""")


@dataclass(frozen=True, slots=True)
class Standing:
    """A learner's stated goal and interests, and the courses they spoke about (course_ids)."""

    goal: str = ""
    interests: tuple[str, ...] = ()
    refused: tuple[int, ...] = ()
    snoozed: tuple[int, ...] = ()
    more: tuple[int, ...] = ()
    unused: tuple[int, ...] = ()  # of their own, that shall not count

    def kept_away(self) -> frozenset[int]:
        """Return the courses that may not be shown now."""
        return frozenset(self.refused) | frozenset(self.snoozed)


def read(learner_id: int, *, now: datetime) -> Standing:
    """Return what the learner told us. Raises django.db.Error where the database is away."""
    rows = _STANDING.rows(learner_id, now)
    said: dict[str, list[int]] = {action: [] for action in (*Action, UNUSED)}
    for _goal, _interests, course_id, action in rows:
        if course_id is not None and action is not None:
            said[action.decode()].append(int.from_bytes(course_id))
    goal, interests = rows[0][0], rows[0][1]
    return Standing(
        goal=(goal or b"").decode(),
        interests=tuple(orjson.loads(interests)) if interests else (),
        refused=tuple(said[Action.NOT_FOR_ME]),
        snoozed=tuple(said[Action.SNOOZE]),
        more=tuple(said[Action.MORE]),
        unused=tuple(said[UNUSED]),
    )


def state_goal(
    learner_id: int, *, goal: str, interests: Sequence[str], minutes_per_week: int, now: datetime
) -> None:
    """Keep what a learner states; an empty goal takes it back. ErasedLearnerError for who is gone.

    The session of somebody who is just being erased may still be at work.
    """
    with transaction.atomic():
        if learner_id not in signals.storing([learner_id]):
            raise signals.ErasedLearnerError("There is no such learner any more.")
        # Another field than before is another goal: the occupation behind the last one goes.
        Profile.objects.filter(learner_id=learner_id).exclude(goal=goal).update(role="")
        Profile.objects.update_or_create(
            learner_id=learner_id,
            defaults={
                "goal": goal,
                "interests": list(dict.fromkeys(interests)),
                "minutes_per_week": minutes_per_week,
                "updated_at": now,
            },
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """What a learner states at the start or beside their path."""

    goal: str = ""  # a field of the catalogue
    interests: tuple[str, ...] = ()  # skills
    minutes_per_week: int = 0
    role: str = ""  # key of an occupation
    known_skills: tuple[str, ...] = ()
    by_when: date | None = None


def state_wish(learner_id: int, wish: Wish, *, now: datetime) -> None:
    """Keep what a learner wants and knows; ErasedLearnerError for who is gone."""
    with transaction.atomic():
        if learner_id not in signals.storing([learner_id]):
            raise signals.ErasedLearnerError("There is no such learner any more.")
        Profile.objects.update_or_create(
            learner_id=learner_id,
            defaults={
                "goal": wish.goal,
                "interests": list(dict.fromkeys(wish.interests)),
                "minutes_per_week": wish.minutes_per_week,
                "role": wish.role,
                "known_skills": list(dict.fromkeys(wish.known_skills)),
                "by_when": wish.by_when,
                "updated_at": now,
            },
        )


def state_format(learner_id: int, *, format: str, now: datetime) -> None:
    """Keep which format a learner wants more of; "none" for none, "" for as was observed."""
    with transaction.atomic():
        if learner_id not in signals.storing([learner_id]):
            raise signals.ErasedLearnerError("There is no such learner any more.")
        Profile.objects.update_or_create(
            learner_id=learner_id, defaults={"format": format, "updated_at": now}
        )


def forget(learner_id: int) -> None:
    """Forget what a learner stated, and the path that was planned from it."""
    for rows in (Profile.objects, LearningPath.objects, PathChange.objects):
        rows.filter(learner_id=learner_id).delete()


def profile(learner_id: int) -> Profile:
    """Return what a learner stated, an empty one where they stated nothing."""
    return Profile.objects.filter(learner_id=learner_id).first() or Profile(learner_id=learner_id)
