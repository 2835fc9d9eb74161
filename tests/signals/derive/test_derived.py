"""Features, sessions and verdicts hold what the stored events say, in whatever order they came."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection, transaction

from signals import api, catalogue, tasks
from signals.data import SYSTEM, NewEvent, Purpose
from signals.derive import pending
from signals.derive.activities import MEANING
from signals.derive.quality import judge_quality
from signals.kinds.registry import KINDS
from signals.models import (
    DoubtfulCourse,
    Event,
    FormatObservation,
    LearnerCourse,
    LearnerFeature,
    LearnerQuality,
    LearnerSession,
    Module,
    PendingLearner,
    QualityFinding,
    Rollup,
    SourceDay,
    shelf,
)
from signals.processing.rules.registry import RULES
from tests.factories import consents, moment, new_course, new_learner, some_uuid
from tests.rollups import roll_up_to_here
from tests.signals.derive.caught_up import derive_to_here
from tests.signals.derive.happened import a_busy_fortnight, store

pytestmark = pytest.mark.django_db(transaction=True)

CODES = {rule.name: rule.code for rule in RULES}
DERIVED: tuple[Any, ...] = (
    LearnerFeature,
    FormatObservation,
    LearnerSession,
    LearnerQuality,
    DoubtfulCourse,
    QualityFinding,
    Rollup,
)


def view(learner_id: int, course_id: int, at: datetime) -> NewEvent:
    return NewEvent("course.viewed", learner_id, at, course_id=course_id, id=some_uuid())


def steady(learner_id: int, course_ids: Sequence[int], *, n: int = 30) -> list[NewEvent]:
    """Return what a program does: one course after the other, every two seconds."""
    began = moment(hours=5)
    return [
        view(learner_id, course_ids[step % len(course_ids)], began + timedelta(seconds=2 * step))
        for step in range(n)
    ]


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return every derived row, comparable."""
    return {model.__name__: sorted(model.objects.values(), key=repr) for model in DERIVED}


def forget_everything() -> None:
    """Empty what was stored and derived."""
    for model in (*DERIVED, Event, PendingLearner):
        model.objects.all().delete()


def fortnight(learners: int = 12) -> list[NewEvent]:
    """Return two weeks of random events of some learners, half of them with every consent."""
    course = new_course("py", modules=["a", "b"])
    modules = [module.module_id for module in catalogue.modules(course.course_id)]
    people = [new_learner() for _ in range(learners)]
    for person in people[::2]:
        consents(person, *Purpose)
    events = a_busy_fortnight(people, course, modules, end=moment())
    other, slip = new_course("sql").course_id, moment(days=20)
    more = [
        view(people[1], other, slip),
        view(people[1], course.course_id, slip + timedelta(seconds=2)),
    ]
    return [*events, *more, *steady(people[0], [course.course_id, other])]


def same_however_delivered(learners: int) -> None:
    """Derive from a fortnight as it happened, then from another delivery of it; compare."""
    happened = fortnight(learners)
    events = [NewEvent(**{**fields(event), "id": some_uuid()}) for event in happened]
    store(events, now=moment())
    derive_to_here(now=moment())
    roll_up_to_here(now=moment())
    told = everything()
    assert [len(rows) > 0 for rows in told.values()] == [True] * len(DERIVED)

    forget_everything()
    order = np.random.default_rng(3).permutation(len(events))
    for part in np.array_split(order, 4):
        again = [events[place] for place in part]
        api.record([*again, *again[:5]], now=moment())
        api.record(again[5:9], now=moment())
        derive_to_here(now=moment())
        roll_up_to_here(now=moment())

    assert everything() == told


def test_any_delivery_leaves_the_same_features_sessions_verdicts_and_rollups() -> None:
    same_however_delivered(12)


@pytest.mark.prove
def test_a_thousand_histories_leave_the_same_however_they_are_delivered() -> None:
    same_however_delivered(1000)


def fields(event: NewEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in NewEvent.__slots__}


def test_features_count_what_was_done() -> None:
    course = new_course("py", modules=["a", "b"])
    modules = catalogue.modules(course.course_id)
    person, began = new_learner(), moment(days=3)
    at: dict[str, Any] = {"course_id": course.course_id}
    store(
        [
            NewEvent("course.enrolled", person, began, **at),
            NewEvent("lesson.completed", person, began, module_id=modules[0].module_id, **at),
            NewEvent("quiz.scored", person, began + timedelta(minutes=10), value=0.8, **at),
            NewEvent("course.completed", person, began + timedelta(days=1), **at),
        ],
        now=moment(),
    )
    derive_to_here("features", "sessions", now=moment())
    row = LearnerFeature.objects.get(learner_id=person)
    assert (row.events, row.active_days >= 2, row.sessions) == (4, True, 2)
    assert (row.courses_completed, row.lessons_completed, row.score_mean) == (1, 1, 0.8)
    assert row.session_minutes == pytest.approx(10)
    assert [s.events for s in LearnerSession.objects.order_by("began_at")] == [3, 1]


def test_a_decision_reads_the_mean_of_quizzes_of_who_allows_it_alone() -> None:
    course = new_course("py")
    willing, objecting, new = new_learner(), new_learner(), new_learner()
    scored = [
        NewEvent("quiz.scored", who, moment(days=1), course_id=course.course_id, value=0.75)
        for who in (willing, objecting)
    ]
    store(scored, now=moment())
    derive_to_here("features", "sessions", now=moment())
    consents(objecting, Purpose.PERSONALIZATION, granted=False)
    states = [api.learner_state(who, now=moment()) for who in (willing, objecting, new)]
    assert [state.score_mean for state in states if state] == pytest.approx(
        [0.75, np.nan, np.nan], nan_ok=True
    )


def test_who_objects_has_no_features_and_loses_them_at_once() -> None:
    course_id = new_course("py").course_id
    ada, ben = new_learner("ada"), new_learner("ben")
    consents(ben, Purpose.PERSONALIZATION, granted=False)
    for person in (ada, ben):
        store(
            [NewEvent("course.enrolled", person, moment(days=1), course_id=course_id)], now=moment()
        )
    derive_to_here(now=moment())
    assert set(LearnerFeature.objects.values_list("learner_id", flat=True)) == {ada}
    consents(ada, Purpose.PERSONALIZATION, granted=False)
    assert not LearnerFeature.objects.exists()
    assert not LearnerSession.objects.exists()
    consents(ada, Purpose.PERSONALIZATION)
    derive_to_here(now=moment())
    assert LearnerFeature.objects.filter(learner_id=ada).exists()


def test_nobody_is_rebuilt_while_their_switches_change() -> None:
    ada = new_learner("ada")
    consents(ada, Purpose.PERSONALIZATION)  # what is asked for here is still to be done
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "INSERT INTO signals_pendinglearner VALUES ('features', %s)"
                " ON CONFLICT (reader, learner_id) DO UPDATE SET reader = excluded.reader",
                [ada],
            )
        assert claimed() == []
        other.commit()
        assert claimed() == [ada]
    finally:
        other.close()


def claimed() -> list[int]:
    """Return whose features a worker would rebuild now."""
    with transaction.atomic():
        return pending._claim("features")


def test_formats_are_observed_of_who_consents_alone() -> None:
    course = new_course("py", modules=["a"])
    module_id = catalogue.modules(course.course_id)[0].module_id
    people = [new_learner("ada"), new_learner("cold")]
    consents(people[0], Purpose.INFERRED)
    for person in people:
        done = NewEvent(
            "lesson.completed",
            person,
            moment(days=1),
            course_id=course.course_id,
            module_id=module_id,
        )
        store([done], now=moment())
    derive_to_here("features", now=moment())
    row = FormatObservation.objects.get()
    assert (row.learner_id, row.format, row.completed) == (people[0], "article", 1)
    consents(people[0], Purpose.INFERRED, granted=False)
    assert not FormatObservation.objects.exists()


@pytest.mark.parametrize(("to_s", "told"), [(4, (1, 0)), (90, (0, 1)), (30, (0, 0))])
def test_a_seek_leaves_its_direction_and_no_position(to_s: float, told: tuple[int, int]) -> None:
    course = new_course("py", modules=["a"])
    module_id = catalogue.modules(course.course_id)[0].module_id
    ada = new_learner("ada")
    consents(ada, *Purpose)
    seek = NewEvent(
        "video.seeked",
        ada,
        moment(hours=1),
        course_id=course.course_id,
        module_id=module_id,
        context={"from_s": 30, "to_s": to_s},
    )
    done = NewEvent(
        "lesson.completed", ada, moment(), course_id=course.course_id, module_id=module_id
    )
    store([seek, done], now=moment())
    stored = Event.objects.get(kind=KINDS["video.seeked"].code)
    assert (stored.value in (-1, 0, 1), stored.context) == (True, None)
    derive_to_here("features", now=moment())
    row = FormatObservation.objects.get()
    assert (row.rewinds, row.skips) == told


def test_a_preference_is_drawn_to_even_and_gone_with_consent() -> None:
    course = new_course("py", modules=["a", "b"])
    ada = new_learner("ada")
    consents(ada, *Purpose)
    Module.objects.filter(course=course.course_id, external_id="b").update(format="video")
    shelf.forget()
    for number, module in enumerate(catalogue.modules(course.course_id)):
        kinds = ("lesson.started", "lesson.completed")[: number + 1]
        for kind in kinds:
            event = NewEvent(
                kind, ada, moment(), course_id=course.course_id, module_id=module.module_id
            )
            store([event], now=moment())
    derive_to_here("features", now=moment())
    shares = api.format_preference(ada)
    assert shares == pytest.approx({"article": 4 / 9, "video": 5 / 9})
    consents(ada, Purpose.INFERRED, granted=False)
    assert api.format_preference(ada) == {}


def test_a_long_past_is_noted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        here = cursor.fetchone()[0]
    monkeypatch.setattr(pending, "SPAN", here // 3)
    store(fortnight(), now=moment())
    derive_to_here("quality", now=moment())
    counted = sum(SourceDay.objects.values_list("events", flat=True))
    assert counted == Event.objects.count() > 0


def test_a_program_and_a_test_account_and_a_slip_train_nothing() -> None:
    courses = [new_course(name).course_id for name in ("a", "b", "c", "d", "e")]
    ada, robot, tester = new_learner("ada"), new_learner("r-1"), new_learner("test-7")
    slip = moment(hours=3)
    store(
        [
            *steady(robot, courses),
            view(tester, courses[0], moment(hours=2)),
            view(ada, courses[0], moment(hours=4)),
            view(ada, courses[1], slip),
            NewEvent("course.enrolled", ada, slip + timedelta(seconds=2), course_id=courses[2]),
        ],
        now=moment(),
    )
    before = api.training_rows()
    assert set(before.learner_ids.tolist()) == {ada, robot}  # an id gave the other away
    assert len(before.course_ids) == len(courses) + 3
    derive_to_here("quality", now=moment())
    rows = api.training_rows()
    assert set(rows.learner_ids.tolist()) == {ada}
    assert sorted(rows.course_ids.tolist()) == sorted([courses[0], courses[2]])
    found = QualityFinding.objects.values_list("learner_id", "rule", "events")
    assert set(found) == {
        (robot, CODES["identical_intervals"], 30),
        (tester, CODES["test_account"], 1),
        (ada, CODES["accidental_click"], 1),
    }


def test_what_the_history_knows_from_before_is_not_lost_to_a_slip() -> None:
    a, b, c = (new_course(name).course_id for name in ("a", "b", "c"))
    ada, slip = new_learner("ada"), moment(days=1)
    before = {"learner_id": ada, "last_at": moment(days=700)}
    LearnerCourse.objects.create(**before, course_id=a, enrolled_at=moment(days=700), events=0)
    LearnerCourse.objects.create(**before, course_id=c, viewed_at=moment(days=700), events=3)
    later = timedelta(seconds=2)
    store(
        [view(ada, a, slip), view(ada, c, slip + later), view(ada, b, slip + 2 * later)],
        now=moment(),
    )
    derive_to_here("quality", now=moment())
    assert set(DoubtfulCourse.objects.values_list("course_id", flat=True)) == {a, c}
    assert sorted(api.training_rows().course_ids.tolist()) == sorted([a, b, c])


def test_a_slip_that_was_followed_up_later_counts_again() -> None:
    a, b = new_course("a").course_id, new_course("b").course_id
    ada, slip = new_learner("ada"), moment(days=1)
    store([view(ada, a, slip), view(ada, b, slip + timedelta(seconds=2))], now=moment())
    derive_to_here("quality", now=moment())
    assert api.training_rows().course_ids.tolist() == [b]
    store([view(ada, a, moment(hours=1))], now=moment())
    derive_to_here("quality", now=moment())
    assert sorted(api.training_rows().course_ids.tolist()) == [a, b]


def test_an_erased_learner_leaves_nothing_derived() -> None:
    courses = [new_course(name).course_id for name in ("a", "b")]
    robot = new_learner("robot")
    consents(robot, *Purpose)
    store(steady(robot, courses), now=moment())
    derive_to_here(now=moment())
    assert LearnerQuality.objects.exists()
    api.erase_learner(robot, actor=SYSTEM, now=moment())
    derive_to_here(now=moment())
    assert {name: rows for name, rows in everything().items() if rows} == {}


def test_a_second_run_finds_nothing_to_do() -> None:
    store(fortnight(), now=moment())
    derive_to_here("quality", now=moment())
    assert judge_quality(now=moment()) == 0
    assert not PendingLearner.objects.filter(reader="quality").exists()


def test_every_kind_with_a_meaning_exists() -> None:
    assert set(MEANING) <= set(KINDS)


@pytest.mark.parametrize(
    ("command", "task", "says"),
    [
        ("derive_features", "rebuild_features", "learners rebuilt"),
        ("derive_sessions", "rebuild_sessions", "learners rebuilt"),
        ("judge_quality", "judge_what_is_new", "learners judged"),
        ("count_quality", "count_what_rules_found", "cells that may be shown"),
    ],
)
def test_every_conductor_has_a_command_and_a_task(command: str, task: str, says: str) -> None:
    out = StringIO()
    call_command(command, stdout=out)
    assert out.getvalue().strip().endswith(says)
    assert getattr(tasks, task)() == 0
