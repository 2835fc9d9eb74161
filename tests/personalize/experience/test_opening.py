"""A surface opens by its experiment or its list of early accounts; a switch closes it."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError

from experiments import api as experiments
from experiments.models import Experiment, Flag
from personalize.experience.opening import is_open, is_open_to_guests
from personalize.experience.surfaces import SURFACES
from personalize.experience.surfaces.base import WITH
from signals.data import Purpose
from tests.experiments.world import tampering
from tests.factories import ada, consents, moment, new_learner

pytestmark = pytest.mark.django_db
EVERY = sorted(SURFACES)


@pytest.fixture
def opened() -> None:
    call_command("ensure_experiments", stdout=StringIO())
    experiments.forget_caches()


@pytest.mark.parametrize("key", EVERY)
def test_every_surface_comes_with_an_experiment_that_opens_it_to_a_tenth(
    opened: None, key: str
) -> None:
    row = Experiment.objects.get(key=f"opening-{key}")
    assert (row.state, row.opened_to) == (Experiment.State.RUNNING, 0.1)


def test_a_surface_is_open_to_those_who_were_drawn_and_to_nobody_else(opened: None) -> None:
    found: dict[bool, list[bool]] = {}
    for _ in range(120):
        learner_id = new_learner()
        arm = experiments.expected_arm(learner_id, experiment="opening-path")
        found.setdefault(arm == WITH, []).append(
            is_open("path", learner_id, now=moment(seconds=-2))
        )
    assert not any(found[False])
    assert all(found.get(True, [True]))


def test_a_surface_without_its_experiment_is_closed() -> None:
    assert not is_open("path", new_learner(), now=moment())


def test_the_list_of_early_accounts_opens_it_without_counting_them(opened: None) -> None:
    person = ada()
    learner_id = person.learner_id
    experiments.list_on_flag("surface-path-early", accounts=[person.account.pk])
    assert is_open("path", learner_id, now=moment(seconds=-2))
    assert experiments.assigned_arm(learner_id, experiment="opening-path") is None


def test_the_off_switch_closes_it_for_everybody(opened: None) -> None:
    person = ada()
    learner_id = person.learner_id
    experiments.list_on_flag("surface-path-early", accounts=[person.account.pk])
    Flag.objects.create(name="surface-path-off", everyone=True).flush()
    assert not is_open("path", learner_id, now=moment(seconds=-2))


def test_who_does_not_allow_personalization_takes_no_part(opened: None) -> None:
    for _ in range(40):
        learner_id = new_learner()
        consents(learner_id, Purpose.PERSONALIZATION, granted=False)
        assert not is_open("path", learner_id, now=moment(seconds=-2))


def test_starting_twice_changes_nothing(opened: None) -> None:
    before = list(Experiment.objects.order_by("pk").values_list("key", "state", "started_at"))
    call_command("ensure_experiments", stdout=StringIO())
    assert before == list(
        Experiment.objects.order_by("pk").values_list("key", "state", "started_at")
    )


def decided(verdict: str) -> None:
    """Let the experiment that opens the path be over, with this verdict."""
    with tampering():
        Experiment.objects.filter(key="opening-path").update(
            state=Experiment.State.DECIDED, verdict=verdict
        )
    experiments.forget_caches()


def test_guests_see_a_surface_once_it_was_shipped_until_its_switch_closes_it(opened: None) -> None:
    assert not is_open_to_guests("path", now=moment())
    decided("rollback")
    assert not is_open_to_guests("path", now=moment())
    decided("ship")
    assert is_open_to_guests("path", now=moment())
    assert not is_open_to_guests("answers", now=moment())
    Flag.objects.create(name="surface-path-off", everyone=True).flush()
    assert not is_open_to_guests("path", now=moment())


def test_a_surface_without_its_experiment_is_closed_to_guests() -> None:
    assert not is_open_to_guests("path", now=moment())


def test_nobody_is_shown_a_surface_while_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learner_id = new_learner()
    monkeypatch.setattr(experiments, "offer", _away)
    assert not is_open_to_guests("path", now=moment())
    assert not is_open("path", learner_id, now=moment(seconds=-2))


def _away(*_: object, **__: object) -> None:
    raise DatabaseError
