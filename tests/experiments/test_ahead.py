"""Counted ahead by the clock, an experiment reads the same; closed experiments are left alone."""

from datetime import timedelta

import pytest

from experiments import lifecycle
from experiments.ahead import AHEAD, count_ahead
from experiments.metrics import AHEAD_DAYS, MEASURED
from experiments.models import Experiment
from experiments.samples import samples_of
from experiments.surfaces import codes_of
from signals import api as signals
from signals.data import Exposed, NewEvent
from signals.request_ids import Arm
from tests.experiments.world import UMA, day, learner, started
from tests.rollups import pass_the_horizon

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "short-first"
LEARNERS = range(1, 13)


def busy() -> Experiment:
    """A running experiment with learners of both arms, some of whom stopped learning."""
    plan = started()
    for number in LEARNERS:
        learner(number)
        arm = plan.variants[number % 2]
        signals.expose([Exposed(KEY, number, arm, day(1))])
        home = min(codes_of(plan.surfaces))
        seen = signals.new_request_id(at=day(1), surface=home, arm=Arm.PERSONAL, learner_id=number)
        context = {"request_id": str(seen)}
        moments = [day(2 + n) for n in range(number % 4)]
        events = [NewEvent("rec.shown", number, day(1), context=context)]
        events += [NewEvent("live.joined", number, at) for at in moments]
        assert signals.record(events, now=day(6)).accepted == len(events)
    pass_the_horizon()  # or the clock would take them for new once more
    return Experiment.objects.get(key=KEY)


def test_what_is_counted_ahead_is_what_a_look_would_count() -> None:
    plan = busy().plan
    metrics = [key for key in MEASURED if MEASURED[key].longest_days <= AHEAD_DAYS]
    before = samples_of(plan, metrics, as_of=day(40))
    assert count_ahead(now=day(40)) == len(LEARNERS)
    assert repr(samples_of(plan, metrics, as_of=day(40))) == repr(before)
    assert any(float(arm.post.n) for arms in before.values() for arm in arms.values())


def test_who_was_counted_is_not_counted_again() -> None:
    busy()
    count_ahead(now=day(40))
    assert count_ahead(now=day(40) + timedelta(minutes=5)) == 0


def test_what_is_archived_is_not_counted() -> None:
    busy()
    lifecycle.stop(UMA, key=KEY, reason="Seen enough.", now=day(30))
    lifecycle.decide(UMA, key=KEY, verdict="review", reason="Seen enough.", now=day(30))
    assert count_ahead(now=day(40)) == 0


def test_every_metric_with_an_early_window_is_counted_ahead() -> None:
    assert {one.metric for one in AHEAD} == set(MEASURED) - {"retention_d90", "retention_d180"}
