"""Votes made ahead: a look counts the same, whatever came, went or was taken back since."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from experiments import served
from experiments.ahead import count_ahead
from experiments.data import ServedReader, Team
from experiments.metrics import CLICKS_PREFERRED, LESSONS_PREFERRED
from experiments.models import Experiment
from experiments.preferences import Votes, count_votes
from signals import api as signals
from signals.data import Answered, Purpose
from signals.derive import credited as derived
from signals.models import Exposure
from tests.factories import consents
from tests.personalize.decision.duel import KEY, answering, at_look, drafting, of
from tests.personalize.shop import Shop

pytestmark = pytest.mark.django_db

LEARNERS = 4


class Asked:
    """The log of decisions, and of how many answers it was asked whose they were."""

    def __init__(self) -> None:
        self.answers = 0
        self.log = served.reader()

    def teams(self, experiment_id: int, told: Sequence[Answered], within: timedelta) -> Any:
        self.answers += len(told)
        return self.log.teams(experiment_id, told, within)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    log = Asked()
    known = ServedReader(log.log.against_will, log.log.model_ages, teams=log.teams)
    monkeypatch.setattr(served, "reader", lambda: known)
    return log


@pytest.fixture(autouse=True)
def changed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Learners whose events changed: told by hand, since a test never commits."""
    learners: list[int] = []

    def forget(*, now: object) -> int:
        Exposure.objects.filter(learner_id__in=learners).update(**Exposure.UNMEASURED)
        learners.clear()
        return 0

    monkeypatch.setattr(derived, "changed", lambda: list(learners))
    monkeypatch.setattr(derived, "forget_changed", forget)
    return learners


def voted(shop: Shop) -> Experiment:
    """Learners who took up what the variant put on their list; the last took up nothing."""
    drafting()
    answering(shop, LEARNERS, lambda number, one: of(one, Team.VARIANT)[: number < LEARNERS - 1])
    return Experiment.objects.get(key=KEY)


def known(name: str) -> int:
    found = signals.find_learner(name)
    assert found is not None
    return found


def lessons(experiment: Experiment, *, at: Any = None) -> Votes:
    return count_votes(experiment, as_of=at or at_look())[LESSONS_PREFERRED]


def test_a_look_reads_what_was_counted_ahead_and_asks_the_log_of_nobody(
    trained: Shop, asked: Asked
) -> None:
    experiment = voted(trained)
    before, by_look = count_votes(experiment, as_of=at_look()), asked.answers
    assert by_look == 2 * (LEARNERS - 1)
    assert count_ahead(now=at_look()) == LEARNERS
    assert count_ahead(now=at_look()) == 0
    asked.answers = 0
    assert count_votes(experiment, as_of=at_look()) == before
    assert before[CLICKS_PREFERRED] == before[LESSONS_PREFERRED] == Votes(wins=LEARNERS - 1)
    assert asked.answers == 0


def test_whose_events_changed_is_counted_anew(
    trained: Shop, asked: Asked, changed: list[int]
) -> None:
    experiment = voted(trained)
    count_ahead(now=at_look())
    changed.append(known("learner-0"))
    asked.answers = 0
    assert lessons(experiment) == Votes(wins=LEARNERS - 1)
    assert asked.answers == 2  # a click and a lesson of that one
    assert count_ahead(now=at_look()) == 1
    assert count_ahead(now=at_look()) == 0


def test_as_of_a_moment_before_an_answer_it_is_no_vote(trained: Shop, asked: Asked) -> None:
    experiment = voted(trained)
    count_ahead(now=at_look())
    first = Exposure.objects.get(learner_id=known("learner-0")).exposed_at
    assert lessons(experiment, at=first) == Votes()
    assert lessons(experiment, at=first + timedelta(days=1)) == Votes(wins=LEARNERS - 1)


def test_an_answer_of_this_minute_waits_for_the_log(trained: Shop, asked: Asked) -> None:
    experiment = voted(trained)
    soon = Exposure.objects.get(learner_id=known("learner-0")).exposed_at
    assert count_ahead(now=soon) == 1  # the one who answered nothing
    assert Exposure.objects.filter(measured__isnull=False).count() == 1
    assert lessons(experiment) == Votes(wins=LEARNERS - 1)


def test_whoever_objects_takes_what_was_counted_along(trained: Shop, asked: Asked) -> None:
    experiment = voted(trained)
    count_ahead(now=at_look())
    objecting = known("learner-1")
    consents(objecting, Purpose.PERSONALIZATION, granted=False)
    assert lessons(experiment) == Votes(wins=LEARNERS - 2)
    assert Exposure.objects.get(learner_id=objecting).measured is None


def test_another_way_of_crediting_counts_everybody_anew(
    trained: Shop, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = voted(trained)
    count_ahead(now=at_look())
    monkeypatch.setattr("experiments.preferences.FORM", 2)
    assert lessons(experiment) == Votes(wins=LEARNERS - 1)
    assert asked.answers == 4 * (LEARNERS - 1)
    assert count_ahead(now=at_look()) == LEARNERS
