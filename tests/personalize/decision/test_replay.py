"""A decision made again from its log: the same list, the same reasons, the same chances."""

import json
import shutil
from io import StringIO
from itertools import count
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from experiments.data import Assigned, Drafting
from personalize import api
from personalize.data import Change, Intent, NewOverride, Outcome, Recommendation, Slot, Source
from personalize.decision import log, replay, replayed, standing, upkeep
from personalize.decision.context import Ask
from personalize.decision.overrides import Controls
from personalize.decision.recommend import recommend
from personalize.decision.shelf import Kept
from personalize.decision.surfaces import SURFACES
from personalize.models import Decision
from signals.data import SYSTEM, Purpose
from signals.models import Course, shelf
from tests.factories import consents, moment, some_uuid
from tests.personalize.shop import Shop, curate, finishes, learner, says, states, touch, train

UNITS = ("course", "lesson", "any")
NUMBERS = count(1_000)


@pytest.fixture
def ada(trained: Shop) -> int:
    """Return a learner with a history, a goal, interests, and words on courses."""
    learner_id = learner("ada", enrolled=trained.field("Data")[:4])
    touch(learner_id, trained.field("Web")[0], viewed_at=moment(days=2))
    touch(learner_id, trained.field("Care")[0], viewed_at=moment())
    finishes(learner_id, trained.field("Data")[0], module=0)
    states(learner_id, goal="Data", interests=["Web skill 1"])
    says(learner_id, trained.field("Web")[3], "not_for_me")
    says(learner_id, trained.field("Web")[1], "more")
    return learner_id


@pytest.fixture
def _exploring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personalize.decision.exploring.SHARE", 1.0)


def wanted(
    learner_id: int | None,
    *,
    unit: str = "course",
    intent: Intent | None = None,
    k: int = 12,
    near: int | None = None,
    entropy: int | None = None,
) -> Recommendation:
    ask = Ask(
        learner_id=learner_id,
        external_id=None if learner_id else "nobody",
        surface=SURFACES["home"],
        unit=unit,
        intent=intent,
        k=k,
        now=moment(),
        near=near,
        entropy=(next(NUMBERS) if entropy is None else entropy).to_bytes(8),
    )
    return recommend(ask)


def is_same(answer: Recommendation) -> None:
    """Fail unless the decision comes out as it was logged."""
    again = replayed.replayed(answer.request_id)
    assert again is not None
    assert (again.said, again.made, again.same) == ((), True, True)
    assert again.course_ids == tuple(item.course_id for item in answer.items)


@pytest.mark.parametrize("unit", UNITS)
def test_every_kind_of_personal_list_comes_out_again(ada: int, unit: str) -> None:
    answers = [wanted(ada, unit=unit, intent=intent) for intent in (None, *Intent, None)]
    assert {answer.source for answer in answers} == {Source.MODEL}

    for answer in answers:
        is_same(answer)


@pytest.mark.usefixtures("_exploring")
@pytest.mark.parametrize("unit", ["course", "any"])
def test_what_was_tried_out_is_drawn_again_from_the_pool_in_the_log(ada: int, unit: str) -> None:
    answers = [wanted(ada, unit=unit, entropy=number) for number in range(4)]

    for answer in answers:
        tried = [item for item in answer.items if item.slot is Slot.EXPLORE]
        row = log.find(answer.request_id)
        assert row is not None
        pool = replay.then(row).told.pool_courses().tolist()
        assert [item.course_id in pool for item in tried] == [True]
        assert tried[0].propensity == pytest.approx(1 / len(pool))
        is_same(answer)
    assert len({tuple(item.course_id for item in answer.items) for answer in answers}) > 1


def test_a_learner_of_today_is_not_asked_again(trained: Shop, ada: int) -> None:
    answer = wanted(ada)

    for course in trained.field("Craft")[:4]:
        touch(ada, course, enrolled_at=moment())
    standing.state_goal(ada, goal="Craft", interests=[], minutes_per_week=60, now=moment())
    says(ada, trained.field("Data")[8], "not_for_me")

    assert wanted(ada).items[0].course_id != answer.items[0].course_id
    is_same(answer)


def change(shop: Shop, kind: Change, course: int) -> None:
    api.create_override(
        SYSTEM,
        NewOverride(
            course_id=shop.field("Craft")[course].course_id,
            change=kind,
            reason="A test of it",
            starts_at=moment(days=1),
            ends_at=moment(days=-1),
            strength=0.2 if kind in {Change.BOOST, Change.LOWER} else 0.0,
        ),
        now=moment(),
    )


def test_rules_of_people_are_those_of_then(trained: Shop, ada: int) -> None:
    before = wanted(ada)
    change(trained, Change.BOOST, 1)
    between = wanted(ada)
    change(trained, Change.LOWER, 2)
    after = wanted(ada)

    for answer in (before, between, after):
        is_same(answer)


@pytest.mark.parametrize("source", [Source.OFF, Source.HOLDOUT, Source.POPULAR, Source.ONBOARDING])
def test_lists_that_no_history_made_come_out_again(
    trained: Shop, monkeypatch: pytest.MonkeyPatch, source: Source
) -> None:
    own = trained.field("Web")[:2] if source in {Source.OFF, Source.HOLDOUT} else ()
    learner_id = learner("ben", enrolled=own)
    if source is Source.OFF:
        consents(learner_id, Purpose.PERSONALIZATION, granted=False)
    elif source is Source.HOLDOUT:
        monkeypatch.setattr("experiments.assignment.HOLDOUT_SHARE", 1.0)
    elif source is Source.ONBOARDING:
        states(learner_id, goal="Craft")
    answers = {unit: wanted(learner_id, unit=unit) for unit in UNITS}
    assert {answer.source for answer in answers.values()} == {source}

    if source is Source.OFF:
        again = replayed.replayed(answers.pop("lesson").request_id)
        assert again is not None
        assert not again.made
        assert "want no profile" in again.said[0]
    for answer in answers.values():
        is_same(answer)


@pytest.mark.parametrize("unit", UNITS)
def test_fallbacks_come_out_again(
    trained: Shop, ada: int, settings: Settings, tmp_path: Path, unit: str
) -> None:
    settings.MODELS_DIR = tmp_path / "nothing"
    curate(*trained.field("Web")[5:8])
    cohort = wanted(ada, unit=unit)
    settings.MODELS_DIR = tmp_path / "models"
    own = wanted(ada, unit=unit)
    settings.MODELS_DIR = tmp_path / "nothing"
    repeated = wanted(ada, unit=unit, k=4)
    unknown = wanted(None, unit=unit)

    settings.MODELS_DIR = tmp_path / "models"
    sources = [answer.source for answer in (cohort, own, repeated, unknown)]
    # A lesson is of a course that was begun, and such a course is in no list of new ones.
    again = Source.COHORT if unit == "lesson" else Source.LAST_GOOD
    assert sources == [Source.CURATED, Source.MODEL, again, Source.CURATED]
    for answer in (cohort, own, repeated, unknown):
        is_same(answer)


def test_a_later_model_changes_no_list_of_an_earlier_one(
    trained: Shop, ada: int, tmp_path: Path
) -> None:
    before = wanted(ada)
    train(trained, tmp_path / "models", version="v2", learners=60)
    after = wanted(ada)

    assert (before.model, after.model) == ("v1", "v2")
    for answer in (before, after):
        is_same(answer)


@pytest.mark.parametrize("variant", ["popular", "formats"])
def test_a_list_that_two_rankers_share_is_drafted_again(
    ada: int, monkeypatch: pytest.MonkeyPatch, variant: str
) -> None:
    standing.state_format(ada, format="article", now=moment())
    drafting = Drafting(7, "model", variant, "salt")
    monkeypatch.setattr(
        "experiments.api.assign",
        lambda *_args, **_kwargs: Assigned(holdout=False, variants={}, drafting=drafting),
    )
    answer = wanted(ada)
    assert answer.drafted

    is_same(answer)


def test_where_the_model_is_gone_it_is_said(ada: int, tmp_path: Path) -> None:
    answer = wanted(ada)
    replay.forget()
    shutil.rmtree(tmp_path / "models" / "v1")

    again = replayed.replayed(answer.request_id)

    assert again is not None
    assert not again.made
    assert "v1 cannot serve: its folder or card is missing" in again.said[0]


def test_where_a_course_was_withdrawn_it_is_said(ada: int) -> None:
    answer = wanted(ada)
    Course.objects.filter(id=answer.items[0].course_id).update(listed=False)
    shelf.forget()

    again = replayed.replayed(answer.request_id)

    assert again is not None
    assert (again.made, again.same) == (True, False)
    assert again.said[0] == "The list is another one."
    assert "The catalogue has changed since." in again.said
    assert "Of its courses, 1 are not offered any more." in again.said


def test_a_row_that_was_tampered_with_is_noticed(ada: int) -> None:
    answer = wanted(ada)
    row = log.find(answer.request_id)
    assert row is not None
    scores = [0.5, *row.scores[1:]]
    Decision.objects.filter(request_id=answer.request_id).update(scores=scores)

    again = replayed.replayed(answer.request_id)

    assert again is not None
    assert (again.same, again.said) == (False, ("The score of place 1 is another one.",))


@pytest.mark.parametrize("purpose", [Purpose.PERSONALIZATION, Purpose.INFERRED])
def test_what_a_list_was_made_from_goes_with_the_consent(ada: int, purpose: Purpose) -> None:
    consents(ada, purpose, granted=True)
    answer = wanted(ada)
    assert Decision.objects.get(request_id=answer.request_id).inputs is not None

    consents(ada, purpose, granted=False)

    again = replayed.replayed(answer.request_id)
    assert Decision.objects.get(request_id=answer.request_id).inputs is None
    assert again is not None
    assert not again.made
    assert again.outcome is Outcome.WITHDRAWN
    assert "withdrew" in again.said[0]


def test_the_command_replays_a_list_or_all_of_some_days(ada: int, tmp_path: Path) -> None:
    answers = [wanted(ada, unit=unit) for unit in UNITS]
    out, told = StringIO(), tmp_path / "told.json"

    call_command("replay_decision", str(answers[0].request_id), stdout=out)
    call_command("replay_decision", "--days", "1", "--json", str(told), stdout=out)

    assert out.getvalue().splitlines() == [
        "1 decisions, 1 came out the same.",
        f"{len(answers)} decisions, {len(answers)} came out the same.",
    ]
    assert json.loads(told.read_text()) == dict.fromkeys(Outcome, 0) | {"same": len(answers)}


def test_the_command_counts_what_goes_with_consents_as_a_kind_of_its_own(
    ada: int, tmp_path: Path
) -> None:
    consents(ada, Purpose.PERSONALIZATION, granted=True)
    wanted(ada)
    consents(ada, Purpose.PERSONALIZATION, granted=False)
    out, told = StringIO(), tmp_path / "told.json"

    call_command("replay_decision", "--days", "1", "--json", str(told), stdout=out)

    assert "1: inputs deleted with the consent" in out.getvalue()
    assert json.loads(told.read_text()) == dict.fromkeys(Outcome, 0) | {Outcome.WITHDRAWN.value: 1}


def test_the_command_names_what_is_otherwise_since_the_catalogue_changed(ada: int) -> None:
    answer = wanted(ada)
    Course.objects.filter(id=answer.items[0].course_id).update(listed=False)
    shelf.forget()
    out = StringIO()

    call_command("replay_decision", str(answer.request_id), stdout=out)

    said = out.getvalue()
    assert "1: different, of another catalogue or version of the policy" in said
    assert f"{answer.request_id}: The list is another one. The catalogue has changed since." in said


def test_the_command_fails_where_a_list_is_not_the_same(ada: int) -> None:
    answer = wanted(ada)
    Decision.objects.filter(request_id=answer.request_id).update(propensity=0.25)

    with pytest.raises(CommandError, match="The chance of what was tried out is another one"):
        call_command("replay_decision", str(answer.request_id), stdout=StringIO())
    with pytest.raises(CommandError, match="Decisions are kept 180 days"):
        call_command("replay_decision", str(some_uuid()), stdout=StringIO())


def test_the_empty_list_of_a_process_that_had_read_no_catalogue_comes_out_again(
    trained: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(upkeep, "look", lambda: (Kept().shelf, Controls()))
        answer = wanted(None)
    assert answer.items == ()

    is_same(answer)
