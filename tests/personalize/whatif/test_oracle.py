"""Thousands of lists at once are the lists that the policy makes one by one."""

import numpy as np
import pytest

from personalize.data import Source
from personalize.decision import personal, replay, thresholds, upkeep
from personalize.decision.generic import Lists
from personalize.decision.inputs import seen_of
from personalize.decision.overrides import Controls
from personalize.decision.rankers import MODEL, Wanted
from personalize.decision.whatif import effect, gather
from personalize.engine.serving import serving
from personalize.models import Decision, ScoredRequest
from signals.request_ids import Arm
from tests.factories import moment
from tests.personalize.shop import Shop
from tests.personalize.whatif.asked import (
    all_kinds,
    ask_for_lists,
    drawn_aims,
    drawn_rules,
    teach_in_schools,
    tell_chances,
)

pytestmark = pytest.mark.django_db

FEW, MANY = 3, 60  # sets of rules


def by_the_policy(row: Decision, controls: Controls) -> list[int]:
    """Return the courses of a logged request under other rules, made like any list."""
    before = replay.then(row)
    ask, known, own = before.ask, before.known, before.told.own
    lists = Lists(ask, shelf=before.shelf, controls=controls, popular=upkeep.KNOWN.popular)
    if before.source not in {Source.MODEL, Source.ONBOARDING}:
        return [int(course) for course in replay.common(before, lists).course_ids]
    assert known is not None
    assert own is not None
    chosen = personal.choose_by(
        serving(),
        ask,
        known,
        shelf=before.shelf,
        controls=controls,
        wanted=Wanted(
            before.told.ranker or MODEL,
            explores=False,
            seen=seen_of(own),
            again=replay.again_of(before.told, own),
        ),
    )
    held = thresholds.held(
        chosen,
        least=thresholds.least_for(ask, personal.objectives(ask, known, controls)),
        popular=lambda taken: lists.popular(
            Source.POPULAR, Arm.PERSONAL, without=known.not_offered() | taken
        ),
    )
    return [int(course) for course in held.course_ids]


@pytest.fixture
def asked(trained: Shop) -> Shop:
    """Return the catalogue after everyone asked, with their requests ready to be played."""
    teach_in_schools(trained)
    tell_chances(trained)
    learners = all_kinds(trained)
    ask_for_lists(learners)
    ask_for_lists(learners[:6], k=5)
    done = gather.prepare(now=moment())
    assert done.kept == Decision.objects.count() == 22
    return trained


@pytest.mark.parametrize("rounds", [FEW, pytest.param(MANY, marks=pytest.mark.prove)])
def test_many_lists_at_once_are_those_of_the_policy_one_by_one(asked: Shop, rounds: int) -> None:
    ready = gather.ready()
    assert ready is not None
    panel, shelf = ready
    rows = list(ScoredRequest.objects.order_by("-served_at"))
    decisions = {row.request_id: row for row in Decision.objects.all()}
    rng = np.random.default_rng(11)
    for number in range(rounds):
        controls = Controls(
            changes=drawn_rules(asked, rng, n=2 + number % 6),
            aims=drawn_aims(rng, n=1 + number % 3),
        )
        lists = effect.played(panel, shelf, effect.rulebook(controls, shelf, now=moment()))
        for own, found in ((True, lists.own), (False, lists.common)):
            told = [row for row in rows if row.own is own]
            assert len(told) == len(found)
            for row, places in zip(told, found, strict=True):
                courses = shelf.course_ids[places[places >= 0]].tolist()
                assert courses == by_the_policy(decisions[row.request_id], controls)
