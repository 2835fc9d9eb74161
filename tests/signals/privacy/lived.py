"""Learners who used every door and every form, so that every table knows them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.models import Model
from django.test import Client

from experiments import api as experiments
from personalize.models import (
    CampaignLearner,
    LearningPath,
    PathChange,
    Reminder,
    ScoredRequest,
)
from signals import api
from signals.data import SYSTEM
from signals.models import (
    DataKey,
    DoubtfulCourse,
    FormatObservation,
    Identity,
    LearnerFeature,
    LearnerQuality,
    LearnerSession,
    QualityFinding,
)
from signals.privacy.own_rows import tables_of_learners
from tests.factories import moment, some_uuid
from tests.signals.derive.rows import one_of_each
from tests.signals.privacy.canaries import Words, World

DERIVED: tuple[Any, ...] = (
    LearnerFeature,
    FormatObservation,
    LearnerSession,
    LearnerQuality,
    DoubtfulCourse,
    QualityFinding,
)


def lived(folder: Path, *, learners: int = 1) -> Iterator[Words]:
    """Return learners who went through every door and used every form of the pages."""
    world = World("canary", learners, folder)
    experiments.ensure_first_experiment(SYSTEM, now=moment(days=1))
    for words in world.words():
        world.send_one(words)
        use_every_form(world.pages(words))
        everything_derived(number_of(words))
        reminded(number_of(words))
        drawn(number_of(words))
        planned(number_of(words))
        played(number_of(words))
        experiments.assign(number_of(words), surface="home", now=moment())
        experiments.assign(number_of(words), surface="home", now=moment(), kind="test")
    return world.words()


def use_every_form(browser: Client) -> None:
    """State a goal and an interest, hide a course, and let one not count."""
    browser.post("/goal/", {"part": "goal", "goal": "Data"})
    browser.post("/privacy/interests/", {"add": "Baking"})
    picks = browser.get("/home/").context["picks"]
    said = {"course": picks.cards[0].course_id, "action": "not_for_me"}
    browser.post(f"/feedback/{picks.request_id}/", said)
    browser.post("/privacy/courses/", {"course": picks.cards[0].course_id, "counts": "0"})
    browser.post("/guide/close/", {"what": "tour"})
    browser.post("/nudges/pause/", {"days": "7"})


def everything_derived(learner_id: int) -> None:
    """Store a row in every derived table, also where nothing was derived."""
    for model in DERIVED:
        model.objects.filter(learner_id=learner_id).delete()
    one_of_each(learner_id)


def reminded(learner_id: int) -> None:
    """Let a reminder have been shown."""
    at = moment(days=1)
    Reminder.objects.create(
        id=some_uuid(),
        learner_id=learner_id,
        channel="page",
        key="next:1:1",
        kind="next",
        facts={},
        state=Reminder.State.SENT,
        made_at=at,
        due_at=at,
        sent_at=at,
    )


def drawn(learner_id: int) -> None:
    """Let a campaign have drawn them."""
    CampaignLearner.objects.create(
        learner_id=learner_id, campaign_id=some_uuid(), compared=False, at=moment(days=1)
    )


def planned(learner_id: int) -> None:
    """Let a path have been planned."""
    at = moment(days=1)
    LearningPath.objects.get_or_create(learner_id=learner_id, defaults={"planned_at": at})
    PathChange.objects.create(learner_id=learner_id, at=at, reason="begun")


def played(learner_id: int) -> None:
    """Let a list have been made ready for previews."""
    ScoredRequest.objects.create(
        request_id=some_uuid(),
        served_at=moment(days=1),
        learner_id=learner_id,
        own=True,
        of="none",
        body=b"",
    )


def number_of(words: Words) -> int:
    learner_id = api.find_learner(words.external_id)
    assert learner_id is not None
    return learner_id


def every_table() -> list[type[Model]]:
    return [*tables_of_learners(), Identity, DataKey]
