"""What all of it did against the comparison group: a recount, and when nothing is shown."""

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest

from experiments import assignment
from experiments.against_holdout import against_holdout
from signals import api as signals
from signals import catalogue
from signals.data import CourseInfo, Done, NewEvent, Purpose
from signals.models import Learner
from tests.factories import consents, moment, new_course, new_learner
from tests.signals.derive.happened import store

HELD, OTHERS = 12, 36
BEFORE = timedelta(days=1)  # the day of the moment asked for is not over, and does not count


def drawn(monkeypatch: pytest.MonkeyPatch, held: set[int]) -> None:
    """Let these learners be the comparison group, whatever their ids are."""
    monkeypatch.setattr(assignment, "in_holdout", held.__contains__)
    monkeypatch.setattr(assignment, "HOLDOUT_SHARE", HELD / (HELD + OTHERS))


def told(monkeypatch: pytest.MonkeyPatch, held: Done, others: Done) -> None:
    def answer(*, since: datetime, until: datetime, among: Callable[[int], bool]) -> object:
        assert (until - since).days == 28
        return held, others

    monkeypatch.setattr(signals, "done_apart", answer)


def completing(who: int, lessons: int, course: CourseInfo, *, at: datetime) -> list[NewEvent]:
    of_it, done = course.course_id, catalogue.modules(course.course_id)[:lessons]
    return [
        NewEvent("lesson.completed", who, at, course_id=of_it, module_id=one.module_id)
        for one in done
    ]


def test_it_is_the_recount_of_what_everybody_completed(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = new_course("py", modules=["a", "b", "c", "d"])
    now = moment()
    held = [new_learner() for _ in range(HELD)]
    others = [new_learner() for _ in range(OTHERS)]
    wanted_held = np.array([number % 2 + 1 for number in range(HELD)], dtype=float)
    wanted_others = np.array([number % 4 for number in range(OTHERS)], dtype=float)
    robot, objector = new_learner(kind="bot"), new_learner()
    consents(objector, Purpose.PERSONALIZATION, granted=False)
    events = [
        event
        for who, lessons in zip(
            [*held, *others, robot, objector],
            [*wanted_held, *wanted_others, 4, 4],
            strict=True,
        )
        for event in completing(who, int(lessons), course, at=now - BEFORE)
    ]
    twice = completing(held[0], 1, course, at=now - 2 * BEFORE)
    long_ago = completing(held[1], 4, course, at=now - timedelta(days=30))
    store([*events, *twice, *long_ago], now=now)
    drawn(monkeypatch, set(held))

    found = against_holdout(now)

    base, lift = wanted_held.mean(), wanted_others.mean() / wanted_held.mean() - 1
    error = (
        wanted_others.var(ddof=1) / OTHERS + (1 + lift) ** 2 * wanted_held.var(ddof=1) / HELD
    ) ** 0.5 / base
    assert found["share"] == pytest.approx(lift, abs=5e-4)
    assert (found["held"], found["others"], found["reading"]) == (10, 35, "not clear")
    assert found["low"] < lift - 1.96 * error < lift + 1.96 * error < found["high"]
    assert (found["low"] + found["high"]) / 2 == pytest.approx(lift, abs=1e-3)


def test_who_came_after_the_end_is_not_counted(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    now = moment()
    known, new = new_learner(), new_learner()
    Learner.objects.filter(pk=new).update(created_at=now)
    held, others = signals.done_apart(
        since=now - timedelta(days=28), until=now, among={known}.__contains__
    )
    assert (held.learners, others.learners) == (1, 0)


@pytest.mark.parametrize(
    ("held", "others", "reading"),
    [
        (Done(500, 250, 500.0, 1000.0), Done(9500, 6000, 11400.0, 24000.0), "better"),
        (Done(500, 250, 500.0, 1000.0), Done(9500, 3000, 7600.0, 16000.0), "worse"),
        (Done(500, 250, 500.0, 1000.0), Done(9500, 5000, 9600.0, 19500.0), "not clear"),
    ],
)
def test_the_interval_reads_it(
    monkeypatch: pytest.MonkeyPatch, held: Done, others: Done, reading: str
) -> None:
    told(monkeypatch, held, others)
    found = against_holdout(moment())
    assert found["reading"] == reading
    assert found["low"] < others.total / 9500 - 1 < found["high"]


@pytest.mark.parametrize(
    ("held", "others", "why"),
    [
        (Done(500, 9, 9.0, 9.0), Done(9500, 6000, 11400.0, 24000.0), "few"),
        (Done(0, 0, 0.0, 0.0), Done(0, 0, 0.0, 0.0), "few"),
        (Done(500, 250, 500.0, 1000.0), Done(9500, 9, 9.0, 9.0), "few"),
        (Done(700, 250, 500.0, 1000.0), Done(9300, 6000, 11400.0, 24000.0), "uneven"),
    ],
)
def test_of_too_few_and_of_a_group_that_is_not_its_share_nothing_is_shown(
    monkeypatch: pytest.MonkeyPatch, held: Done, others: Done, why: str
) -> None:
    told(monkeypatch, held, others)
    assert against_holdout(moment()) == {"why": why}
