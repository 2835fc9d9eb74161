"""What a change is predicted to do is what then happens, and what came of it is measured."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from personalize import api
from personalize.data import Change, NewOverride
from personalize.decision.whatif import calibration, effect, gather, measured
from personalize.models import Decision, Override, ScoredRequest
from signals import api as signals
from signals.data import SYSTEM, Actor, ActorKind, Purpose
from tests.factories import consents, moment
from tests.personalize.aims import aim
from tests.personalize.shop import Shop, learner
from tests.personalize.whatif.asked import all_kinds, ask_for_lists, tell_chances

pytestmark = pytest.mark.django_db

ROOT = Actor(ActorKind.STAFF, "root", frozenset({"admin"}))


def new(course: int, change: Change, **fields: Any) -> NewOverride:
    plain = NewOverride(
        course_id=course,
        change=change,
        reason="New guidance",
        starts_at=moment(),
        ends_at=moment(days=-7),
        strength=0.2,
    )
    return replace(plain, **fields)


@pytest.fixture
def everyone(trained: Shop) -> list[int]:
    """Return learners of all kinds after they asked, with their requests ready."""
    tell_chances(trained)
    learners = all_kinds(trained, learners=24)
    ask_for_lists(learners)
    gather.prepare(now=moment())
    return learners


@pytest.mark.parametrize("change", list(Change))
def test_predicted_exposure_is_what_then_happens(
    trained: Shop, everyone: list[int], change: Change
) -> None:
    course_id = trained.field("Care")[2].course_id
    wanted = new(course_id, change, strength=0.4)
    predicted = api.foresee_override(wanted, now=moment())
    assert predicted is not None
    assert predicted.held is not None

    row = api.create_override(ROOT, wanted, now=moment())
    answers = ask_for_lists(everyone, turn=1)  # of the same second, but not the same requests

    held = [course_id in {item.course_id for item in answer.items} for answer in answers]
    assert np.mean(held) == pytest.approx(predicted.held[1], abs=1e-4)
    assert row.predicted is not None
    assert tuple(row.predicted["held"]) == predicted.held


def test_who_looks_before_the_job_has_run_gets_the_newest_requests_and_is_told_so(
    trained: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_chances(trained)
    wanted = new(trained.field("Care")[2].course_id, Change.BOOST)
    assert api.foresee_override(wanted, now=moment()) is None
    ask_for_lists(all_kinds(trained, learners=24))
    monkeypatch.setattr(gather, "AT_ONCE", 15)

    found = api.foresee_override(wanted, now=moment())

    assert found is not None
    assert (found.requests, found.whole) == (15, False)
    assert not ScoredRequest.objects.exists()
    assert gather.prepare(now=moment()).added == 24
    whole = api.foresee_override(wanted, now=moment())
    assert whole is not None
    assert (whole.requests, whole.whole) == (25, True)  # 24, to the nearest five


def test_who_looks_after_a_new_model_leaves_what_the_job_made_as_it_is(
    trained: Shop, everyone: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = new(trained.field("Care")[2].course_id, Change.BOOST)
    before = set(ScoredRequest.objects.values_list("request_id", "of"))
    monkeypatch.setattr(gather, "AT_ONCE", 15)
    with monkeypatch.context() as patch:
        patch.setattr(gather, "POLICY_VERSION", 99)
        found = api.foresee_override(wanted, now=moment())
    assert found is not None
    assert (found.requests, found.whole) == (15, False)
    assert set(ScoredRequest.objects.values_list("request_id", "of")) == before
    again = api.foresee_override(wanted, now=moment())  # by who still serves the model of before
    assert again is not None
    assert (again.requests, again.whole) == (25, True)


def test_nobody_is_told_of_a_model_that_was_asked_about_half_of_the_requests(
    trained: Shop, everyone: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather, "AT_ONCE", 10)
    monkeypatch.setattr(gather, "POLICY_VERSION", 99)
    stored, seen = gather._store, []

    def store(rows: list[ScoredRequest]) -> int:
        done = stored(rows)
        seen.append(gather.ready())
        return done

    monkeypatch.setattr(gather, "_store", store)
    gather.prepare(now=moment())
    assert seen == [None, None, None]
    ready = gather.ready()
    assert ready is not None
    assert ready[0].requests == 24


def waiting() -> gather.Waited | None:
    return gather._waited


def test_what_was_made_while_somebody_waited_goes_once_the_rest_is_ready(
    trained: Shop, everyone: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = new(trained.field("Craft")[3].course_id, Change.PIN)
    monkeypatch.setattr(gather, "POLICY_VERSION", 99)
    api.foresee_override(wanted, now=moment())
    held = waiting()
    assert held is not None
    assert list(effect._before) == [held[3]]
    del held

    gather.prepare(now=moment())
    api.foresee_override(wanted, now=moment())

    assert waiting() is None
    assert gather._opened is not None
    assert list(effect._before) == [gather._opened[1]]
    gather.forget()
    assert list(effect._before) == []


def test_what_was_made_too_long_ago_goes_with_the_next_look(
    trained: Shop, everyone: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather, "POLICY_VERSION", 99)
    api.foresee_override(new(trained.field("Craft")[3].course_id, Change.PIN), now=moment())
    assert gather.ready() is None
    assert waiting() is not None
    monkeypatch.setattr(gather, "WAITED_S", -1.0)
    assert gather.ready() is None
    assert waiting() is None
    assert list(effect._before) == []


def test_an_effect_says_what_is_pushed_out_for_whom_and_what_is_expected(
    trained: Shop, everyone: list[int]
) -> None:
    alike = [learner(f"alike-{n}", enrolled=trained.field("Data")[:4]) for n in range(20)]
    ask_for_lists(alike)
    gather.prepare(now=moment())

    found = api.foresee_override(new(trained.field("Craft")[3].course_id, Change.PIN), now=moment())

    assert found is not None
    assert found.requests == 45  # 44, to the nearest five
    assert found.changed == pytest.approx(42 / 44, abs=1e-4)  # two get what everyone gets
    (_course, lists), *_fewer = found.pushed
    assert 10 <= lists <= 20
    assert {cohort for cohort, _share in found.cohorts} == {"new", "returning"}
    for shift in (found.opened, found.completed):
        assert shift is not None
        assert shift.low <= shift.then - shift.now <= shift.high
    assert (found.finished, found.calibrated) == (0, False)


def test_an_effect_leaves_no_trace_and_other_weights_have_one_too(
    trained: Shop, everyone: list[int]
) -> None:
    logged = Decision.objects.count()
    wanted = replace(api.USUAL_OBJECTIVES, engagement=0.0, progression=0.5)

    found = api.foresee_objectives_for_all(aim(wanted), now=moment())

    assert found is not None
    assert found.completed is not None
    assert found.completed.then > found.completed.now
    assert found.held is None
    assert (Decision.objects.count(), Override.objects.count()) == (logged, 0)


def test_weights_for_some_change_nobody_elses_lists(trained: Shop, everyone: list[int]) -> None:
    wanted = replace(api.USUAL_OBJECTIVES, engagement=0.0, progression=0.5)
    for_all = api.foresee_objectives_for_all(aim(wanted), now=moment())
    for_new = api.foresee_objectives_for_all(aim(wanted, cohort="new"), now=moment())
    assert for_all is not None
    assert for_new is not None
    assert {cohort for cohort, _share in for_new.cohorts} <= {"new", "goal:Data", "goal:Web"}
    assert 0 < for_new.requests < for_all.requests


def test_who_leaves_or_switches_off_is_in_no_preview(trained: Shop, everyone: list[int]) -> None:
    gone, off, afresh, *others = everyone
    signals.erase_learner(gone, actor=SYSTEM, now=moment())
    consents(off, Purpose.PERSONALIZATION, granted=False)
    signals.reset_learner(afresh, whole=False, actor=SYSTEM, now=moment())

    left = set(ScoredRequest.objects.values_list("learner_id", flat=True))
    gather.prepare(now=moment())

    assert left == set(others)
    assert set(ScoredRequest.objects.filter(own=True).values_list("learner_id", flat=True)) <= left
    ready = gather.ready()
    assert ready is not None
    assert len(set(ready[0].own.learners.tolist())) <= len(others)


def test_requests_are_made_ready_once_and_again_for_another_model(
    trained: Shop, everyone: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    again = gather.prepare(now=moment())
    assert (again.added, again.gone, again.kept) == (0, 0, 24)
    monkeypatch.setattr(gather, "POLICY_VERSION", 99)
    assert gather.ready() is None
    anew = gather.prepare(now=moment())
    assert (anew.added, anew.gone, anew.kept) == (24, 24, 24)


def test_only_so_many_requests_are_held_as_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert gather.most_requests(240) == 10_000
    assert gather.most_requests(6_000) == 2_000


@pytest.mark.parametrize(("n", "bound"), [(9, None), (10, 9.0), (19, 16.0)])
def test_a_bound_needs_ten_changes_that_are_over(n: int, bound: float | None) -> None:
    assert calibration.bound([float(each) for each in range(1, n + 1)]) == bound


# --- afterwards ---------------------------------------------------------------------------------


def measured_now() -> dict[str, Any]:
    """Measure the only change there is, and return what was found."""
    assert measured.measure_changes(now=moment()) == 1
    found: dict[str, Any] = Override.objects.get().measured or {}
    return found


def test_a_change_is_measured_before_and_during_from_ten_learners_up(trained: Shop) -> None:
    data = trained.field("Data")
    learners = [learner(f"asks-{number}", enrolled=data[:4]) for number in range(11)]
    pinned = trained.field("Craft")[3].course_id
    for one in learners:
        api.recommend(one, now=moment(days=12))
    pin = new(pinned, Change.PIN, starts_at=moment(days=11))
    api.create_override(ROOT, pin, now=moment(days=11))
    for one in learners[:9]:
        api.recommend(one, now=moment(days=10))
    assert measured_now()["held"] is None
    for one in learners[9:]:
        api.recommend(one, now=moment(days=10))
    Override.objects.update(ends_at=moment(days=9))

    found = measured_now()

    assert found["held"][1] == 1.0
    assert found["opened"] is None  # nobody did: with one who does the next night would tell of it
    assert found["passed"] is None  # their month is not over
    assert (found["final"], found["over"]) == (True, False)

    for one in learners[:2]:
        consents(one, Purpose.PERSONALIZATION, granted=False)
    assert measured_now()["held"] is None  # nine still allow to be counted


def test_a_rate_is_a_ratio_over_learners() -> None:
    hits = [(number, number % 2, 4) for number in range(20)]
    share, error = measured.rate(hits) or (0.0, 0.0)
    assert share == 10 / 80
    values = np.array([hit[1] / 4 for hit in hits])
    assert error == pytest.approx(values.std(ddof=1) / np.sqrt(20))


@pytest.mark.parametrize(
    ("did", "did_not", "told"), [(10, 10, True), (9, 30, False), (30, 9, False), (0, 40, False)]
)
def test_a_rate_stands_for_ten_who_did_and_ten_who_did_not(
    did: int, did_not: int, told: bool
) -> None:
    hits = [(number, int(number < did), 4) for number in range(did + did_not)]
    assert (measured.rate(hits) is not None) == told
    # Learners count, not lists: a second list of each makes them no more, and who opens a pick of
    # one of two lists is one who did. Who had nothing to pass neither passed nor did not.
    assert (measured.rate([*hits, *((who, 0, 4) for who, _, _ in hits)]) is not None) == told
    assert (measured.rate([*hits, *((who, 0, 0) for who in range(90, 120))]) is not None) == told


def test_both_sides_need_ten_who_did_and_ten_who_did_not() -> None:
    some = [(number, number % 2, 4) for number in range(20)]
    none = [(number, 0, 4) for number in range(20)]
    found = measured.compared(some, some)
    assert found is not None
    assert found["difference"] == 0
    assert measured.compared(none, some) is None
    assert measured.compared(some, none) is None
