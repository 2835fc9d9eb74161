"""What has this learner told us? (L4) Goal, skills, languages, words on courses: one read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import orjson
from django.db import transaction

from personalize.data import Action
from personalize.decision import interests as kept_interests
from personalize.decision.interests import Origin
from personalize.models import InterestChange, LearningPath, PathChange, Profile
from signals import api as signals
from signals.hot import HotStatement

UNUSED = "unused"

# One row a word on a course; the interests, rarely any, come as a JSON list.
_STANDING = HotStatement("""
SELECT p.goal, to_json(p.interests)::text, f.course_id, f.action,
       to_json(p.known_skills)::text, to_json(p.languages)::text
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
    known: tuple[str, ...] = ()  # skills, as claimed
    languages: tuple[str, ...] = ()  # they read, two letters each; () not stated
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
    for _goal, _interests, course_id, action, _known, _languages in rows:
        if course_id is not None and action is not None:
            said[action.decode()].append(int.from_bytes(course_id))
    goal, interests, known, languages = rows[0][0], rows[0][1], rows[0][4], rows[0][5]
    return Standing(
        goal=(goal or b"").decode(),
        interests=_names(interests),
        known=_names(known),
        languages=_names(languages),
        refused=tuple(said[Action.NOT_FOR_ME]),
        snoozed=tuple(said[Action.SNOOZE]),
        more=tuple(said[Action.MORE]),
        unused=tuple(said[UNUSED]),
    )


def _names(told: bytes | None) -> tuple[str, ...]:
    return tuple(orjson.loads(told)) if told else ()


def state_goal(
    learner_id: int,
    *,
    goal: str,
    interests: Sequence[str],
    minutes_per_week: int,
    now: datetime,
    origin: Origin = Origin.GOAL,
) -> None:
    """Keep what a learner states; an empty goal takes it back. ErasedLearnerError for who is gone.

    The session of somebody who is just being erased may still be at work. origin is where
    interests that are new were said.
    """
    with transaction.atomic():
        if learner_id not in signals.storing([learner_id]):
            raise signals.ErasedLearnerError("There is no such learner any more.")
        # Another field than before is another goal: the occupation behind the last one goes.
        Profile.objects.filter(learner_id=learner_id).exclude(goal=goal).update(role="")
        kept_interests.note(learner_id, interests, origin=origin, now=now)
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


def state_wish(
    learner_id: int,
    wish: Wish,
    *,
    now: datetime,
    origin: Origin = Origin.START,
) -> None:
    """Keep what a learner wants and knows; ErasedLearnerError for who is gone."""
    with transaction.atomic():
        if learner_id not in signals.storing([learner_id]):
            raise signals.ErasedLearnerError("There is no such learner any more.")
        kept_interests.note(learner_id, wish.interests, origin=origin, now=now)
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


def state_languages(learner_id: int, languages: Sequence[str], *, now: datetime) -> None:
    """Keep which languages a learner reads; () takes it back."""
    with transaction.atomic():
        if learner_id not in signals.storing([learner_id]):
            raise signals.ErasedLearnerError("There is no such learner any more.")
        Profile.objects.update_or_create(
            learner_id=learner_id,
            defaults={"languages": list(dict.fromkeys(languages)), "updated_at": now},
        )


def forget(learner_id: int) -> None:
    """Forget what a learner stated, how that came about, and the path that was planned from it."""
    stated = (Profile.objects, InterestChange.objects)
    for rows in (*stated, LearningPath.objects, PathChange.objects):
        rows.filter(learner_id=learner_id).delete()


def profile(learner_id: int) -> Profile:
    """Return what a learner stated, an empty one where they stated nothing."""
    return Profile.objects.filter(learner_id=learner_id).first() or Profile(learner_id=learner_id)
