"""Is what shipped for everybody, held back from some, and read again until it may be believed?"""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import IntegrityError

from experiments import assignment, lifecycle, running
from experiments.api import (
    Asker,
    answer_reopened,
    assign,
    list_experiments,
    offer,
    readout,
    take_due_rereads,
)
from experiments.data import Effect, ExperimentRefusedError
from experiments.models import Answer, Experiment, Holdback
from experiments.rereads import FADED, HARM, LASTING, NOT_CLEAR, read_again
from experiments.settled import REREAD_DAYS, is_held
from signals import api as signals
from signals.data import SYSTEM, ArmMoments, Asked, Exposed
from tests.experiments.plans import plan
from tests.experiments.test_lifecycle import effect
from tests.experiments.world import (
    CLEO,
    UMA,
    VERA,
    day,
    learner,
    look,
    outside_holdout,
    started,
    tampering,
)

KEY = "short-first"
DECIDED = 29
N = 12_000
LEARNERS = outside_holdout(40, holdout_salt=assignment.HOLDOUT_SALT, share=assignment.HOLDOUT_SHARE)
NEWCOMER = 77_001


class After:
    """What signals answers so much later, and what it was asked."""

    def __init__(self, clicks: tuple[float, float], modules: tuple[float, float]) -> None:
        self.means = {"ctr": clicks, "modules_completed": modules}
        self.asked: list[tuple[str, Asked]] = []

    def measured(
        self, experiment: str, asked: Sequence[Asked], **_: object
    ) -> dict[Asked, list[ArmMoments]]:
        self.asked += [(experiment, one) for one in asked]
        return {
            one: [
                ArmMoments(arm, N, N * mean, N * (1.5 * mean + mean**2))
                for arm, mean in zip(("generic", "model"), self.means[one.metric], strict=True)
            ]
            for one in asked
        }


LASTS = After((0.1, 0.2), (1.2, 1.2))
FADES = After((0.1, 0.1), (1.2, 1.2))
HARMS = After((0.1, 0.2), (1.2, 0.9))


def seen(who: int, *, at: float) -> str | None:
    """What a learner is shown of the experiment."""
    return assign(who, surface="home", now=day(at)).variant(KEY)


def taken_in() -> dict[int, str]:
    """Start, and let them in."""
    started()
    for number in LEARNERS:
        learner(number)
    running.forget_caches()
    return {number: str(seen(number, at=1)) for number in LEARNERS}


def ended(verdict: str) -> None:
    lifecycle.stop(UMA, key=KEY, reason="all looks taken", now=day(28))
    lifecycle.decide(UMA, key=KEY, verdict=verdict, reason="the last look", now=day(DECIDED))
    running.forget_caches()


def answered(*, keeps: bool) -> None:
    answer_reopened(VERA, key=KEY, keeps=keeps, reason="we looked into it", now=day(60))
    running.forget_caches()


def shipped() -> dict[int, str]:
    arms = taken_in()
    effects = [effect("ctr", 0.1, 0.3), effect("modules_completed", -0.1, 0.2)]
    look(
        number=3,
        results={
            "trustworthy": True,
            "effects": effects,
            "n": {"generic": 3000, "model": 3000},
            "confidence": 0.95,
            "advice": "ship",
            "sentence": "Model is better than generic.",
        },
    )
    ended("ship")
    return arms


def later(monkeypatch: pytest.MonkeyPatch, found: After, *, days: float) -> list[Any]:
    monkeypatch.setattr(signals, "measured", found.measured)
    return take_due_rereads(now=day(DECIDED + days))


def waiting(arms: dict[int, str], *, at: float) -> list[int]:
    """Learners of the control who still see it."""
    return [who for who, arm in arms.items() if arm == "generic" and seen(who, at=at) == "generic"]


def test_what_shipped_is_for_everybody_but_half_of_the_control(db: None) -> None:
    arms = shipped()
    assert {seen(who, at=40) for who, arm in arms.items() if arm == "model"} == {"model"}
    assert seen(NEWCOMER, at=40) == "model"
    held = waiting(arms, at=40)
    in_control = sum(arm == "generic" for arm in arms.values())
    assert 0.2 * in_control <= len(held) <= 0.8 * in_control
    assert waiting(arms, at=100) == held


def test_nobody_waits_any_more_once_the_last_reread_is_due(db: None) -> None:
    arms = shipped()
    assert waiting(arms, at=DECIDED + REREAD_DAYS[-1]) == []


@pytest.mark.parametrize("verdict", ["roll back", "extend", "invalid", "review"])
def test_what_was_not_shipped_is_taken_back_from_everybody(db: None, verdict: str) -> None:
    arms = taken_in()
    lifecycle.stop(UMA, key=KEY, reason="it did harm", now=day(5))
    running.forget_caches()
    assert {seen(who, at=6) for who in (*arms, NEWCOMER)} == {"generic"}
    lifecycle.decide(UMA, key=KEY, verdict=verdict, reason="it did harm", now=day(7))
    running.forget_caches()
    assert {seen(who, at=8) for who in (*arms, NEWCOMER)} == {"generic"}


def test_while_it_is_paused_everybody_sees_the_control(db: None) -> None:
    arms = taken_in()
    lifecycle.pause(UMA, key=KEY, reason="the list is broken", now=day(3))
    running.forget_caches()
    assert {seen(who, at=4) for who in (*arms, NEWCOMER)} == {"generic"}
    lifecycle.resume(UMA, key=KEY, reason="mended", now=day(5))
    running.forget_caches()
    assert {who: seen(who, at=6) for who in arms} == arms


def test_who_waits_costs_a_statement_and_nobody_else(
    db: None, django_assert_num_queries: Any
) -> None:
    arms = shipped()
    variant = next(who for who, arm in arms.items() if arm == "model")
    seen(variant, at=40)
    held = waiting(arms, at=40)[0]
    with django_assert_num_queries(1):
        assign(held, surface="home", now=day(40))
    free = next(who for who in arms if who not in held_ids(arms))
    with django_assert_num_queries(0):
        assign(free, surface="home", now=day(40))


def test_of_a_class_of_the_control_all_wait_or_none(db: None) -> None:
    started(unit="class", icc=0.1, cluster_size=4.0, planned_per_arm=5_000)
    arms = {}
    for place, number in enumerate(LEARNERS):
        learner(number)
        signals.set_groups(number, {"class": f"class-{place // 4}"}, now=day(0))
        running.forget_caches()
        arms[number] = str(seen(number, at=1))
    lifecycle.stop(UMA, key=KEY, reason="all looks taken", now=day(28))
    settle(share=0.5)
    held = waiting(arms, at=40)
    classes = [LEARNERS[first : first + 4] for first in range(0, len(LEARNERS), 4)]
    together = [sum(who in held for who in one) for one in classes]
    in_control = [arms[one[0]] == "generic" for one in classes]
    assert set(together) == {0, 4}
    assert together.count(4) < sum(in_control)
    kept = {row.learner_id for row in held_rows()}
    assert kept & {who for who, arm in arms.items() if arm == "generic"} == set(held)


def settle(*, share: float) -> None:
    """Ship it as it were, with this share of the control waiting: classes are too few here."""
    experiment = Experiment.objects.get()
    with tampering():
        Experiment.objects.filter(pk=experiment.pk).update(
            state="decided", verdict="ship", decided_at=day(DECIDED)
        )
        Holdback.objects.create(experiment=experiment, share=share, until=day(DECIDED + 180))
    running.forget_caches()


def held_rows() -> list[Exposed]:
    """Return who is compared at a re-read."""
    take_due_rereads(now=day(DECIDED + 30))
    return signals.exposures(f"held:{Experiment.objects.get().pk}")


def held_ids(arms: dict[int, str]) -> set[int]:
    experiment = Experiment.objects.get()
    return {
        who
        for who in arms
        if is_held(who, experiment_id=experiment.pk, share=experiment.holdback.share)
    }


def test_each_reread_is_taken_once_and_compares_with_those_who_waited(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    arms = shipped()
    assert later(monkeypatch, LASTS, days=29.9) == []
    (first,) = later(monkeypatch, LASTS, days=30)
    assert (first.day, first.reading) == (30, LASTING)
    assert later(monkeypatch, LASTS, days=31) == []
    assert [each.day for each in later(monkeypatch, LASTS, days=200)] == [90, 180]
    key, asked = LASTS.asked[0]
    assert (asked.metric, asked.window_days, asked.from_days) == ("ctr", 14, 30)
    assert signals.exposed_counts(key, as_of=day(60)) == {
        "generic": len(waiting(arms, at=40)),
        "model": sum(arm == "model" for arm in arms.values()),
    }
    found = readout(KEY, now=day(300))
    assert [each.reading for each in found.rereads] == [LASTING] * 3
    assert found.reopened_at is None


def test_rereads_to_come_have_their_dates(db: None) -> None:
    shipped()
    found = readout(KEY, now=day(40)).rereads
    assert [each.due for each in found] == [day(DECIDED + later).date() for later in REREAD_DAYS]
    assert {each.reading for each in found} == {""}


@pytest.mark.parametrize(("found", "reading"), [(HARMS, HARM), (FADES, FADED)])
def test_a_reread_that_speaks_against_it_opens_the_decision_again(
    db: None, monkeypatch: pytest.MonkeyPatch, found: After, reading: str
) -> None:
    shipped()
    later(monkeypatch, found, days=30)
    (info,) = list_experiments(now=day(300))
    assert info.reopened_at == day(DECIDED + 30)
    shown = readout(KEY, now=day(60))
    assert shown.rereads[0].reading == reading
    assert shown.reopened_reason
    (entry,) = signals.ledger_rows(action_prefix="experiment.reopened")
    assert entry.subject == KEY


def test_what_is_taken_back_is_gone_for_everybody_and_read_no_more(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    arms = shipped()
    later(monkeypatch, HARMS, days=30)
    answered(keeps=False)
    assert {seen(who, at=61) for who in (*arms, NEWCOMER)} == {"generic"}
    stranger, known = offer(KEY, Asker(None), now=day(61)), offer(KEY, Asker(NEWCOMER), now=day(61))
    assert stranger == known
    assert stranger is not None
    assert stranger.value == "generic"
    assert later(monkeypatch, LASTS, days=200) == []
    assert list_experiments(now=day(300))[0].reopened_at is None
    assert [each.day for each in readout(KEY, now=day(300)).rereads] == [30]


def test_what_is_kept_is_read_again_and_may_be_opened_again(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped()
    later(monkeypatch, FADES, days=30)
    answered(keeps=True)
    assert list_experiments(now=day(300))[0].reopened_at is None
    assert seen(NEWCOMER, at=61) == "model"
    later(monkeypatch, FADES, days=90)
    assert list_experiments(now=day(300))[0].reopened_at == day(DECIDED + 90)


@pytest.mark.parametrize(
    ("actor", "reason", "said"),
    [
        (SYSTEM, "because", "Only a person"),
        (CLEO, "because", "admins and analysts"),
        (VERA, " ", "Give a reason"),
    ],
)
def test_only_people_who_decide_answer_and_say_why(
    db: None, monkeypatch: pytest.MonkeyPatch, actor: Any, reason: str, said: str
) -> None:
    shipped()
    later(monkeypatch, HARMS, days=30)
    with pytest.raises(ExperimentRefusedError, match=said):
        answer_reopened(actor, key=KEY, keeps=False, reason=reason, now=day(60))


def test_nothing_is_answered_that_was_not_asked(db: None) -> None:
    shipped()
    with pytest.raises(ExperimentRefusedError, match="No re-read"):
        answer_reopened(VERA, key=KEY, keeps=False, reason="I never liked it", now=day(60))


def test_the_database_takes_no_answer_past_the_step(db: None) -> None:
    shipped()
    answer = Answer(
        experiment=Experiment.objects.get(), number=1, at=day(60), by="staff:vera", keeps=False
    )
    with pytest.raises(IntegrityError, match="steps of an experiment"):
        answer.save(force_insert=True)


def told(metric: str, low: float, high: float) -> Effect:
    return Effect(**effect(metric, low, high))


@pytest.mark.parametrize(
    ("effects", "reading"),
    [
        ([told("ctr", 0.05, 0.3), told("modules_completed", -0.1, 0.2)], LASTING),
        ([told("ctr", 0.05, 0.3), told("modules_completed", -0.3, -0.1)], HARM),
        ([told("ctr", -0.3, -0.05)], HARM),
        ([told("ctr", -0.1, 0.15)], FADED),  # it was shipped for a fifth
        ([told("ctr", -0.1, 0.25)], NOT_CLEAR),
        ([told("modules_completed", -0.1, 0.2)], NOT_CLEAR),
        ([], NOT_CLEAR),
    ],
)
def test_what_a_reread_says(effects: list[Effect], reading: str) -> None:
    assert read_again(plan(), effects, promised=told("ctr", 0.1, 0.3)) == reading


def test_a_metric_with_a_day_of_its_own_is_asked_as_it_is(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped()
    found = After((0.1, 0.2), (1.2, 1.2))
    found.means["retention_d30"] = (0.5, 0.6)
    monkeypatch.setattr(
        "experiments.rereads._held_plan",
        lambda experiment: plan(primary_metric="retention_d30"),
    )
    later(monkeypatch, found, days=30)
    asked = next(one for _key, one in found.asked if one.metric == "retention_d30")
    assert (asked.window_days, asked.from_days) == (7, 30)
