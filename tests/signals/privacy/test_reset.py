"""What goes when a learner starts afresh, and what stays? Asked of every table there is."""

from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

from signals import api
from signals.data import SYSTEM, NewEvent, Tier
from signals.derive import features
from signals.kinds.registry import KINDS
from signals.models import (
    Event,
    LearnerCourse,
    LearnerFeature,
    LearnerModule,
    PendingLearner,
    SearchQuery,
)
from tests.factories import ada, moment, new_course, new_learner, wire_event
from tests.signals.door import Door
from tests.signals.privacy.lived import every_table, lived, number_of

pytestmark = pytest.mark.django_db

NEEDED = {kind.code for kind in KINDS.values() if kind.tier is Tier.NEEDED}
GOES = {
    "personalize.CampaignLearner": "that somebody stood still in a course",
    "personalize.Decision": "what was recommended, and why",
    "personalize.Feedback": "what was hidden and snoozed",
    "personalize.Guide": "which steps and tips were met",
    "personalize.LearningPath": "planned from what was stated, made again",
    "personalize.PathChange": "what became of that path",
    "personalize.ScoredRequest": "what a model says, made again from what was recommended",
    "personalize.UnusedCourse": "what was not to count",
    "signals.DoubtfulCourse": "worked out of events",
    "signals.FormatObservation": "worked out of events",
    "signals.ForumPost": "tier 1",
    "signals.LearnerFeature": "worked out of events",
    "signals.LearnerQuality": "worked out of events",
    "signals.LearnerSession": "worked out of events",
    "signals.QualityFinding": "worked out of events",
    "signals.SearchQuery": "tier 1",
}
THINNED = {
    "signals.Event": "the steps of tier 0 stay, until the whole history goes",
    "signals.LearnerCourse": "what was enrolled in and completed stays, views and ratings go",
    "signals.LearnerModule": "what was begun, done and scored stays, how far somebody read goes",
}
STAYS = {
    "experiments.Assignment": "which arm somebody is in, for fair comparisons",
    "experiments.Exclusion": "that somebody takes no part in comparisons",
    "personalize.InterestChange": "how stated interests came about, as long as they stay",
    "personalize.Profile": "a goal the learner stated stays until they take it back",
    "personalize.Reminder": "that something was said, so that it is not said again; its facts go",
    "personalize.ReminderChoice": "how somebody wants to be reminded",
    "signals.Account": "the account",
    "signals.Consent": "the switches",
    "signals.ConsentChange": "the proof of the switches",
    "signals.DataKey": "the key of what stays sealed",
    "signals.Document": "what the platform keeps for the learner to go on with",
    "signals.Exposure": "which arm somebody saw first, for fair comparisons",
    "signals.Identity": "who the learner is",
    "signals.Learner": "who the learner is",
    "signals.Membership": "in which groups the learner is",
    "signals.PendingLearner": "work to be done: what is left is judged anew",
}


@pytest.fixture(autouse=True)
def _no_comparison_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("experiments.assignment.HOLDOUT_SHARE", 0.0)


def rows_of(learner_id: int) -> dict[str, int]:
    """Return how many rows each table holds about a learner."""
    return {
        model._meta.label: model._default_manager.filter(learner_id=learner_id).count()
        for model in every_table()
    }


def start_afresh(learner_id: int, *, whole: bool = False) -> dict[str, int]:
    _receipt, removed = api.reset_learner(learner_id, whole=whole, actor=SYSTEM, now=moment())
    return removed


@pytest.mark.parametrize("whole", [False, True])
def test_every_table_is_emptied_thinned_or_left_as_declared_and_nobody_elses_is(
    tmp_path: Path,
    whole: bool,
) -> None:
    mine, other = (number_of(words) for words in lived(tmp_path, learners=2))
    before, others = rows_of(mine), rows_of(other)

    removed = start_afresh(mine, whole=whole)

    after = rows_of(mine)
    left = set(Event.objects.filter(learner_id=mine).values_list("kind", flat=True))
    assert set(before) == set(GOES) | set(THINNED) | set(STAYS)
    assert all(before.values()), before
    assert {name for name, n in after.items() if n == 0} - {"signals.Event"} == set(GOES)
    assert left == (set() if whole else left & NEEDED)
    assert bool(left) is not whole
    assert {n: after[n] for n in STAYS if n != "signals.PendingLearner"} == {
        n: before[n] for n in STAYS if n != "signals.PendingLearner"
    }
    assert rows_of(other) == others
    gone = sum(before[name] - after[name] for name in (*GOES, *THINNED))
    assert 0 < gone <= sum(removed.values())  # keys of the cache are counted as well


def test_no_word_of_a_search_or_post_and_no_reason_is_left(tmp_path: Path) -> None:
    (words,) = lived(tmp_path)
    mine = number_of(words)
    before = str(api.export_learner(mine))
    start_afresh(mine)

    copy: Any = api.export_learner(mine)

    said = {what: words.say(what) in str(copy["signals"]) for what in ("qr", "po")}
    assert words.say("qr") in before
    assert said == {"qr": False, "po": False}
    assert copy["personalize"]["recommendations"] == []


def history() -> tuple[int, dict[str, int]]:
    """Return ada, and courses of which she enrolled in one and looked at others."""
    person, door = ada(), Door()
    names = ("taken", "viewed", "rated", "read")
    courses = {n: new_course(n, modules=[f"{n}-1", f"{n}-2"]).course_id for n in names}
    door.send(
        wire_event("course.enrolled", course="taken"),
        wire_event("course.viewed", course="taken"),
        wire_event("course.rated", course="taken", value=5),
        wire_event("lesson.completed", course="taken", module="taken-1"),
        wire_event("lesson.progressed", course="taken", module="taken-1", value=1.0),
        wire_event("lesson.progressed", course="taken", module="taken-2", value=0.5),
        wire_event("course.viewed", course="viewed"),
        wire_event("course.rated", course="rated", value=4),
        wire_event("lesson.progressed", course="read", module="read-1", value=0.5),
    )
    return person.learner_id, courses


def test_models_learn_from_what_is_left_alone() -> None:
    learner_id, courses = history()
    before = api.training_rows()
    start_afresh(learner_id)
    after = api.training_rows()

    assert set(before.course_ids.tolist()) == set(courses.values())
    assert after.course_ids.tolist() == [courses["taken"]]
    assert np.array_equal(after.weights, np.ones(1, dtype=np.float32))


def test_where_a_learner_stands_stays_without_views_ratings_and_reading() -> None:
    learner_id, courses = history()
    start_afresh(learner_id)

    (course,) = LearnerCourse.objects.filter(learner_id=learner_id)
    (module,) = LearnerModule.objects.filter(learner_id=learner_id)

    assert course.course_id == courses["taken"]
    assert (course.viewed_at, course.rating, course.rated_at) == (None, None, None)
    assert course.last_at == max(filter(None, (course.enrolled_at, course.started_at)))
    assert (module.completed_at is None, module.progress) == (False, 1.0)


@pytest.mark.parametrize("whole", [False, True])
def test_the_history_counts_the_events_that_are_left(
    whole: bool,
) -> None:
    """What is learned from compares the two; a count that is too high would hide a robot."""
    learner_id, courses = history()
    start_afresh(learner_id, whole=whole)

    (course,) = LearnerCourse.objects.filter(learner_id=learner_id)

    left = Event.objects.filter(learner_id=learner_id, course_id=courses["taken"]).count()
    assert (course.events, left) == ((0, 0) if whole else (2, 2))


def test_what_is_derived_again_is_derived_from_what_is_left() -> None:
    learner_id, _courses = history()
    start_afresh(learner_id)
    asked = set(
        PendingLearner.objects.filter(learner_id=learner_id).values_list("reader", flat=True)
    )
    features.derive_features(now=moment())

    (row,) = LearnerFeature.objects.filter(learner_id=learner_id)

    assert asked == {"features", "measured", "quality", "sessions"}
    assert (row.events, row.courses_touched) == (2, 1)


def test_what_comes_after_a_reset_counts_again() -> None:
    learner_id, courses = history()
    start_afresh(learner_id)
    view = NewEvent("course.viewed", learner_id, moment(), course_id=courses["viewed"])
    api.record([view], now=moment())

    state = api.learner_state(learner_id, now=moment())

    assert state is not None
    assert set(state.course_ids.tolist()) == {courses["taken"], courses["viewed"]}


def test_a_reset_is_written_down_with_its_receipt_and_changes_no_switch() -> None:
    learner_id, _courses = history()
    before = api.switches(learner_id)
    receipt, removed = api.reset_learner(learner_id, actor=SYSTEM, now=moment())

    request, entry = api.request_of(receipt), api.ledger_rows(limit=1)[0]

    assert request is not None
    assert (request.kind, request.done_at is None) == ("reset", False)
    assert (entry.action, entry.detail) == ("learner.reset", {"removed": removed})
    assert api.switches(learner_id) == before


def test_a_reset_of_who_has_nothing_removes_nothing() -> None:
    learner_id = new_learner()

    assert sum(start_afresh(learner_id).values()) == 0
    assert api.allowed(learner_id).tier(Tier.PERSONALIZATION)


def told() -> list[dict[str, object]]:
    """Return what a source tells of ada, an hour ago, under ids of its own."""
    return [
        wire_event("course.enrolled", course="c1", occurred_at=moment(hours=1).isoformat()),
        wire_event("course.viewed", course="c1", occurred_at=moment(hours=1).isoformat()),
        wire_event(
            "search.performed",
            value=1,
            context={"query": "bread"},
            occurred_at=moment(hours=1).isoformat(),
        ),
    ]


def kinds_of(learner_id: int) -> list[int]:
    return sorted(Event.objects.filter(learner_id=learner_id).values_list("kind", flat=True))


def test_a_source_that_sends_again_brings_nothing_back_after_a_reset() -> None:
    new_course("c1")
    person, door, events = ada(), Door(), told()
    door.send(*events)
    before = kinds_of(person.learner_id)
    start_afresh(person.learner_id)
    left = kinds_of(person.learner_id)

    counts = door.send(*events)

    assert len(before) == 3
    assert kinds_of(person.learner_id) == left
    assert (counts["accepted"], counts["duplicates"], counts["dropped_by_consent"]) == (0, 1, 2)
    assert not SearchQuery.objects.exists()


def test_nothing_comes_back_after_the_history_is_deleted_not_even_what_was_needed() -> None:
    new_course("c1")
    person, door, events = ada(), Door(), told()
    door.send(*events)
    start_afresh(person.learner_id, whole=True)

    assert door.send(*events)["dropped_by_consent"] == 3
    assert kinds_of(person.learner_id) == []


def test_what_happens_after_a_reset_is_taken_in() -> None:
    new_course("c1")
    person, door = ada(), Door()
    api.reset_learner(person.learner_id, whole=True, actor=SYSTEM, now=moment(minutes=5))

    event = wire_event("course.viewed", course="c1", occurred_at=moment().isoformat())
    assert door.send(event)["accepted"] == 1


def test_an_import_brings_nothing_back_after_the_history_is_deleted(tmp_path: Path) -> None:
    new_course("c1")
    person = ada()
    start_afresh(person.learner_id, whole=True)
    path = tmp_path / "history.csv"
    path.write_text("learner,course,time\nada,c1,2026-01-02\nben,c1,2026-01-02\n")

    call_command("import_interactions", str(path), stdout=StringIO(), stderr=StringIO())

    assert LearnerCourse.objects.filter(learner_id=person.learner_id).count() == 0
    assert LearnerCourse.objects.count() == 1
