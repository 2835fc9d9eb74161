"""A refreshed model is tried on a tenth first: what promotes it, what stops it, who may."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from pytest_django import DjangoCaptureOnCommitCallbacks

from personalize.data import Source
from personalize.engine import live, registry, steps
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.canary import LASTS, LASTS_MOST, Ended, Tended, tend_canary
from personalize.engine.live import Pointer
from personalize.tasks import tend_canary as beat
from signals import api as signals
from signals.data import SYSTEM, Actor, ActorKind, Purpose
from tests.factories import moment, new_learner
from tests.personalize.engine.lists import clicked, drawn_or_not, had, refused
from tests.personalize.engine.models import settled

pytestmark = pytest.mark.django_db

ADMIN = Actor(ActorKind.STAFF, "root", frozenset({"admin"}))
ANALYST = Actor(ActorKind.STAFF, "uma", frozenset({"analyst"}))
BEGUN = moment(hours=30)
AFTER = BEGUN + LASTS
POINTER = Pointer(version="one", canary="two", share=registry.CANARY_SHARE)

Begin = Callable[[], None]


@pytest.fixture
def begun(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Begin:
    """Return the first model live, the second one the canary since BEGUN."""

    def begin() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            settled("one", now=BEGUN - timedelta(days=1))
            settled("two", now=BEGUN)

    begin()
    return begin


def tend(now: datetime, capture: DjangoCaptureOnCommitCallbacks) -> Tended:
    with capture(execute=True):
        return tend_canary(now=now)


def learners(number: int, *, drawn: bool) -> list[int]:
    """Make learners who see the canary, or all the others."""
    return drawn_or_not(number, POINTER, drawn=drawn)


def pointer() -> Pointer | None:
    return live.read(settings.MODELS_DIR)


def states() -> dict[str, str]:
    return {row.version: row.state for row in registry.versions()}


def actions() -> list[str]:
    return [row.action for row in reversed(signals.ledger_rows(action_prefix="model."))]


def both_had(number: int, at: datetime, **columns: object) -> tuple[list[int], list[int]]:
    """Let as many learners of each group have had a list by the model that is theirs."""
    drawn, others = learners(number, drawn=True), learners(number, drawn=False)
    had(drawn, "two", at=at)
    had(others, "one", at=at)
    return drawn, others


def test_a_refresh_is_seen_by_a_tenth_and_the_live_model_by_all_others(begun: Begin) -> None:
    assert states() == {"two": "canary", "one": "live"}
    assert pointer() == POINTER
    assert actions() == ["model.promoted", "model.canary_started"]


def test_after_two_hours_a_canary_whose_guardrails_held_is_live(
    begun: Begin, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    both_had(50, BEGUN + timedelta(hours=1))
    early = tend(AFTER - timedelta(minutes=1), django_capture_on_commit_callbacks)
    assert (early.ended, states()["two"]) == (Ended.WATCHED, "canary")
    tended = tend(AFTER, django_capture_on_commit_callbacks)
    assert tended.ended is Ended.PROMOTED
    assert "Not shown to be worse in 2 hours, with 50 learners" in tended.says
    assert states() == {"two": "live", "one": "retired"}
    assert pointer() == Pointer(version="two")
    entry = signals.ledger_rows(action_prefix="model.promoted")[0]
    assert (entry.actor, entry.subject, entry.detail["previous"]) == (str(SYSTEM), "two", "one")


def test_where_too_few_came_it_waits_for_more_and_is_live_in_the_end(
    begun: Begin, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    both_had(12, BEGUN + timedelta(hours=1))
    waits = tend(AFTER, django_capture_on_commit_callbacks)
    assert (waits.ended, states()["two"]) == (Ended.WATCHED, "canary")
    assert "It waits for more, 20 hours at most." in waits.says
    tended = tend(BEGUN + LASTS_MOST, django_capture_on_commit_callbacks)
    assert tended.ended is Ended.PROMOTED
    assert "Only 10 learners saw it in 20 hours, too few to show that it is worse" in tended.says


def test_two_beats_promote_it_once(
    begun: Begin, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    both_had(50, BEGUN + timedelta(hours=1))
    tend(AFTER, django_capture_on_commit_callbacks)
    second = tend(AFTER, django_capture_on_commit_callbacks)
    assert second.ended is Ended.NONE
    assert not steps.promote_canary("two", (), says="again", now=AFTER)
    assert not steps.stop_canary("two", actor=SYSTEM, reason="again", now=AFTER)
    assert actions().count("model.promoted") == 2


def test_one_that_fails_on_its_learners_is_stopped_at_once(
    begun: Begin, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    at = BEGUN + timedelta(minutes=5)
    had(learners(2, drawn=True), "one", at=at)
    tended = tend(at + timedelta(minutes=1), django_capture_on_commit_callbacks)
    assert tended.ended is Ended.STOPPED
    assert "100.0% of its learners' lists were made by the live model instead" in tended.says
    assert states() == {"two": "refused", "one": "live"}
    assert pointer() == Pointer(version="one", withdrawn=("two",))
    entry = signals.ledger_rows(action_prefix="model.canary_stopped")[0]
    assert entry.detail["live"] == "one"
    assert "It answers" in str(entry.detail["reason"])


def test_one_that_is_damaged_is_stopped_before_anybody_asks(
    begun: Begin, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    cut(settings.MODELS_DIR / "two/course_ids.npy")
    tended = tend(BEGUN + timedelta(minutes=2), django_capture_on_commit_callbacks)
    assert tended.ended is Ended.STOPPED
    assert "damaged" in tended.says


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-1])


@pytest.mark.parametrize(
    ("columns", "title"),
    [
        ({"took_ms": 90.0}, "Time"),
        ({"course_ids": []}, "Empty lists"),
        ({"source": Source.LAST_GOOD}, "Fallbacks"),
    ],
)
def test_one_that_serves_its_learners_worse_is_stopped(
    columns: dict[str, object],
    title: str,
    begun: Begin,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    at = BEGUN + timedelta(minutes=30)
    drawn, others = learners(60, drawn=True), learners(60, drawn=False)
    had(drawn[:20], "two", at=at)
    had(drawn[20:], "two", at=at, **columns)  # type: ignore[arg-type]
    had(others[:1], "one", at=at, **columns)  # type: ignore[arg-type]
    had(others[1:], "one", at=at)
    tended = tend(at + timedelta(minutes=1), django_capture_on_commit_callbacks)
    assert [each.title for each in tended.readings if not each.holds] == [title]
    assert tended.ended is Ended.STOPPED


@pytest.mark.parametrize(
    ("answered", "worse", "title"), [(clicked, False, "Clicks"), (refused, True, "“Not for me”")]
)
def test_one_whose_lists_learners_like_less_is_stopped(
    answered: Callable[..., None],
    worse: bool,
    title: str,
    begun: Begin,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    at = BEGUN + timedelta(minutes=30)
    lists = {True: had(learners(60, drawn=True), "two", at=at)}
    lists[False] = had(learners(60, drawn=False), "one", at=at)
    answered(lists[worse][:45])
    answered(lists[not worse][:2])
    tended = tend(at + timedelta(minutes=1), django_capture_on_commit_callbacks)
    (broken,) = [each for each in tended.readings if not each.holds]
    assert (broken.title, broken.learners, broken.base) == (title, 60, 60)
    assert {broken.canary, broken.live} == {45 / 60, 2 / 60}
    assert tended.ended is Ended.STOPPED


def test_one_list_for_who_had_objected_stops_it(
    begun: Begin, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    at = BEGUN + timedelta(minutes=30)
    learner_id = new_learner()
    signals.set_consent(
        learner_id,
        purpose=Purpose.PERSONALIZATION,
        granted=False,
        via="page",
        actor=SYSTEM,
        now=at - timedelta(minutes=1),
    )
    had([learner_id], "two", at=at)
    tended = tend(at + timedelta(minutes=1), django_capture_on_commit_callbacks)
    assert [each.title for each in tended.readings if not each.holds] == ["Consent is kept"]


def test_staff_and_robots_stop_nothing(
    begun: Begin, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    at = BEGUN + timedelta(minutes=30)
    had([new_learner(kind="bot") for _ in range(40)], "one", at=at)
    tended = tend(at + timedelta(minutes=1), django_capture_on_commit_callbacks)
    assert tended.ended is Ended.WATCHED


def test_a_newer_refresh_takes_the_place_of_the_canary(begun: Begin) -> None:
    settled("three", now=AFTER)
    assert states() == {"three": "canary", "two": "retired", "one": "live"}
    with pytest.raises(ModelUnusable, match="served before can return: none yet"):
        steps.rollback("two", actor=ADMIN, now=AFTER)


def test_going_back_to_an_older_model_ends_the_canary(begun: Begin) -> None:
    steps.promote_canary("two", (), says="It held.", now=AFTER)
    settled("three", now=AFTER)
    steps.rollback("one", actor=ADMIN, reason="Odd lists", now=AFTER)
    assert states() == {"three": "refused", "two": "retired", "one": "live"}


def test_only_an_admin_or_the_product_stops_a_canary(begun: Begin) -> None:
    with pytest.raises(PermissionDenied, match="role admin"):
        steps.stop_canary("two", actor=ANALYST, reason="I do not like it", now=AFTER)
    assert steps.stop_canary("two", actor=ADMIN, reason="Odd lists", now=AFTER)
    assert states()["two"] == "refused"


def test_a_pointer_left_behind_in_a_crash_is_repaired_by_the_next_beat(begun: Begin) -> None:
    live.announce(settings.MODELS_DIR, "one")
    assert tend_canary(now=BEGUN + timedelta(minutes=1)).ended is Ended.WATCHED
    assert pointer() == POINTER


def test_the_beat_and_the_command_call_the_conductor(begun: Begin, tmp_path: Path) -> None:
    assert beat() == Ended.PROMOTED  # the canary began 30 hours ago
    call_command("tend_canary", json=tmp_path / "tended.json")
    assert json.loads((tmp_path / "tended.json").read_text())["ended"] == Ended.NONE
