"""A platform that stands still: learners come and go, ask, see, open and begin courses for days.

As many come each day as leave, as fresh as the first were, so that after some days no figure moves
but by chance and by what people decide. All luck hangs on the day and the learner's place, not on
what was shown: the same days can be played twice, without a rule and with it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from django.db import transaction
from numpy.typing import NDArray

from personalize.decision import exploring, log, memory, upkeep
from personalize.decision.context import Ask
from personalize.decision.log import Entry
from personalize.decision.recommend import recommend
from personalize.decision.surfaces import SURFACES
from personalize.models import Profile
from signals.models import LearnerCourse
from tests.factories import moment, new_learner
from tests.personalize.shop import FIELDS, Shop

PLACES = 8
LEAVES, ASKS = 0.15, 0.7  # shares of learners a day
OPENS, BEGINS = 0.04, 0.02  # shares of picks shown
DAYS_MOST = 28  # before today, on which the first day lies

Lists = NDArray[np.bool_]  # (lists, courses) which held which


class _RolledBackError(Exception):
    """What was played is as if it had not been."""


class Platform:
    """So many learners at a time. What one day leaves behind is read again by the next."""

    def __init__(self, shop: Shop, monkeypatch: pytest.MonkeyPatch, *, learners: int) -> None:
        self.shop = shop
        self.day = 0
        self.first = moment(days=DAYS_MOST)
        self.seen: dict[int, dict[int, int]] = {}
        self.logs = False
        self.courses = np.array([course.course_id for course in shop.courses])
        self.lives = [0] * learners  # who took each place, counted
        self.learners = [new_learner(f"place-{number}") for number in range(learners)]
        for place in range(learners):
            self._comes(place, np.random.default_rng([17, place]), self.first)
        pool = exploring.pool
        monkeypatch.setattr(exploring, "pool", lambda _day, *of: pool(self._same_day(), *of))
        monkeypatch.setattr(log, "write", self._write)  # a day's rows at once
        monkeypatch.setattr(memory, "seen", lambda one: dict(self.seen.get(one, {})))
        monkeypatch.setattr(memory, "remember", lambda _entries: None)
        self._look = upkeep.look
        self._known = self._look()
        monkeypatch.setattr(upkeep, "look", lambda: self._known)  # once a day, not at each list

    def passes(self, days: int, *, logs: bool = False) -> tuple[Lists, NDArray[np.int64]]:
        """Let days pass; return what the lists held, and whose place each was of."""
        self.logs, held, whose = logs, [], []
        for _ in range(days):
            self.look_again()
            for place, courses in self._one_day():
                held.append(np.isin(self.courses, courses))
                whose.append(place + 10_000 * self.lives[place])
            self.day += 1
        return np.array(held), np.array(whose)

    def look_again(self) -> None:
        """Read anew what people decided."""
        self._known = self._look()

    @contextmanager
    def as_if(self) -> Iterator[None]:
        """Undo what is played and decided within."""
        kept = (self.day, deepcopy(self.seen), list(self.lives))
        try:
            with transaction.atomic():
                yield
                raise _RolledBackError
        except _RolledBackError:
            self.day, self.seen, self.lives = kept
            self.look_again()

    def _one_day(self) -> Iterator[tuple[int, list[int]]]:
        viewed: list[LearnerCourse] = []
        begun: list[LearnerCourse] = []
        start = self.first + timedelta(days=self.day)
        for place, learner_id in enumerate(self.learners):
            rng = np.random.default_rng([23, self.day, place])
            at = start + timedelta(seconds=place)
            if rng.random() < LEAVES:
                self._comes(place, rng, at)
            if rng.random() >= ASKS:
                continue
            entropy, luck = rng.bytes(8), rng.random(len(self.courses))
            courses = self._asks(learner_id, at, entropy)
            for course, said in zip(self.courses.tolist(), luck.tolist(), strict=True):
                if course not in courses or said >= BEGINS + OPENS:
                    continue
                row = LearnerCourse(learner_id=learner_id, course_id=course, last_at=at)
                if said < BEGINS:
                    row.enrolled_at = at
                    begun.append(row)
                else:
                    row.viewed_at = at
                    viewed.append(row)
            yield place, courses
        _did(viewed, "viewed_at")
        _did(begun, "enrolled_at")
        if self.logs:
            log.flush()

    def _asks(self, learner_id: int, at: datetime, entropy: bytes) -> list[int]:
        found = recommend(
            Ask(
                learner_id=learner_id,
                external_id=None,
                surface=SURFACES["home"],
                unit="course",
                intent=None,
                k=PLACES,
                now=at,
                entropy=entropy,
            )
        )
        return [item.course_id for item in found.items]

    def _comes(self, place: int, rng: np.random.Generator, at: datetime) -> None:
        """Let somebody new take a place, with some history from elsewhere and mostly a goal."""
        self.lives[place] += 1
        learner_id = self.learners[place]
        self.seen.pop(learner_id, None)
        LearnerCourse.objects.filter(learner_id=learner_id).delete()
        Profile.objects.filter(learner_id=learner_id).delete()
        own = self.shop.field(FIELDS[int(rng.integers(len(FIELDS)))])
        before = [own[at].course_id for at in rng.permutation(len(own))[: int(rng.integers(6))]]
        when = [at - timedelta(days=ago) for ago in range(len(before), 0, -1)]
        LearnerCourse.objects.bulk_create(
            LearnerCourse(learner_id=learner_id, course_id=course, last_at=then, enrolled_at=then)
            for course, then in zip(before, when, strict=True)
        )
        if rng.random() < 2 / 3:
            goal = FIELDS[int(rng.integers(len(FIELDS)))]
            Profile.objects.create(learner_id=learner_id, goal=goal, updated_at=at)

    def _same_day(self) -> date:
        """Return a day that is the same whenever this is played: what is tried out hangs on it."""
        return date(2026, 10, 25) + timedelta(days=self.day)

    def _write(self, entry: Entry) -> None:
        if entry.remember is not None:
            self.seen[entry.remember.learner_id] = entry.remember.seen
        if self.logs:
            log._waiting.append(entry)  # flushed once a day


def _did(rows: list[LearnerCourse], what: str) -> None:
    LearnerCourse.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["learner_id", "course_id"],
        update_fields=["last_at", what],
    )
