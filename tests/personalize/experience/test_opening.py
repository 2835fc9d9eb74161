"""A surface opens by its experiment or its list of early accounts; a switch closes it."""

from io import StringIO

import pytest
from django.core.management import call_command

from experiments import api as experiments
from experiments.models import Experiment, Flag
from personalize.experience.opening import is_open
from personalize.experience.surfaces import SURFACES
from personalize.experience.surfaces.base import WITH
from signals.data import Purpose
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
