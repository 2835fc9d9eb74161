"""A learner who stopped in the middle of a course, to whom reminders are open."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.test import Client

from experiments import api as experiments
from signals.data import CourseInfo
from tests.factories import Person, ada, moment, new_course
from tests.personalize.nudges.world import enrols, finishes


@dataclass(frozen=True)
class Stopped:
    """A learner, signed in, and the course of five lessons two of which they finished."""

    person: Person
    client: Client
    course: CourseInfo

    @property
    def learner_id(self) -> int:
        """Return their number."""
        return self.person.learner_id


@pytest.fixture(autouse=True)
def _no_memory() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def stopped(db: None) -> Stopped:
    """Return ada, who finished two of five lessons six days ago."""
    person = ada()
    person.account.email = "ada@example.org"
    person.account.save()
    course = new_course("stats", title="Statistics", modules=["m1", "m2", "m3", "m4", "m5"])
    enrols(person.learner_id, course, at=moment(days=9))
    finishes(person.learner_id, course, modules=(0, 1), at=moment(days=6, hours=1))
    experiments.list_on_flag("surface-nudges-early", accounts=[person.account.pk])
    client = Client()
    client.force_login(person.account)
    return Stopped(person, client, course)
