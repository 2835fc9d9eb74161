"""Which model serves: rows, ledger and pointer tell the same story."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from pytest_django import DjangoCaptureOnCommitCallbacks

from personalize.data import GateFinding, ModelRow
from personalize.engine import live, registry, steps
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.serving import serving
from personalize.models import ModelVersion
from signals import api
from signals.data import Actor, ActorKind
from tests.factories import moment
from tests.personalize.engine.models import arrays, card, configured, on_record, promoted, settled

pytestmark = pytest.mark.django_db

ADMIN = Actor(ActorKind.STAFF, "root", frozenset({"admin"}))
ANALYST = Actor(ActorKind.STAFF, "uma", frozenset({"analyst"}))
PASSED = GateFinding(gate="coverage", passed=True, title="Breadth", detail="Broad enough.")
FAILED = GateFinding(gate="coverage", passed=False, title="Breadth", detail="Too narrow.")


def train(version: str, *, finding: GateFinding = PASSED, day: int = 9) -> ModelRow:
    """Train a model that everybody sees, or a gate refuses."""
    return promoted(version, finding, now=moment(days=day))


def states() -> dict[str, str]:
    return {row.version: row.state for row in registry.versions()}


def actions() -> list[tuple[str, str, object]]:
    rows = api.ledger_rows(action_prefix="model.")
    return [(row.action, row.subject, row.detail.get("previous")) for row in reversed(rows)]


def test_a_model_that_passes_every_gate_is_live_and_in_the_ledger() -> None:
    row = train("one")
    assert (row.state, row.findings) == ("live", (PASSED,))
    assert registry.live_version() == row
    assert actions() == [("model.promoted", "one", "")]


def test_the_next_model_retires_the_one_before() -> None:
    train("one")
    train("two", day=8)
    assert states() == {"two": "live", "one": "retired"}
    assert actions()[1:] == [
        ("model.canary_started", "two", None),
        ("model.promoted", "two", "one"),
    ]


def test_a_refused_model_leaves_the_live_one_alone() -> None:
    train("one")
    row = train("two", finding=FAILED, day=8)
    assert (row.state, row.findings) == ("refused", (FAILED,))
    assert states() == {"two": "refused", "one": "live"}
    entry = api.ledger_rows(action_prefix="model.refused")[0]
    assert (entry.subject, entry.detail["failed"]) == ("two", ["coverage"])


def test_processes_follow_only_after_the_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        train("one")
        assert live.announced(settings.MODELS_DIR) is None
    assert live.announced(settings.MODELS_DIR) == "one"
    assert serving().version == "one"


def test_rolling_back_serves_the_older_model_and_tells_the_ledger_who_did_it(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        train("one")
        train("two", day=8)
    assert serving().version == "two"
    with django_capture_on_commit_callbacks(execute=True):
        row = steps.rollback("one", actor=ADMIN, now=moment())
    assert row.state == "live"
    assert states() == {"two": "retired", "one": "live"}
    assert serving().version == "one"
    assert live.withdrawn(settings.MODELS_DIR, "two")
    entry = api.ledger_rows(action_prefix="model.rolled_back")[0]
    assert (entry.actor, entry.subject, entry.detail["previous"]) == ("staff:root", "one", "two")


def test_what_returns_is_withdrawn_no_more_and_what_is_replaced_never_was(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        train("one")
        train("two", day=8)
        steps.rollback("one", actor=ADMIN, now=moment())
        steps.rollback("two", actor=ADMIN, now=moment())
    assert serving().version == "two"
    assert not any(live.withdrawn(settings.MODELS_DIR, version) for version in ("one", "two"))


def test_only_an_admin_may_roll_back() -> None:
    train("one")
    train("two", day=8)
    with pytest.raises(PermissionDenied, match="role admin"):
        steps.rollback("one", actor=ANALYST, now=moment())
    assert states()["two"] == "live"


@pytest.mark.parametrize("version", ["two", "refused", "unknown"])
def test_only_a_version_that_served_before_can_return(version: str) -> None:
    train("one")
    train("two", day=8)
    train("refused", finding=FAILED, day=7)
    with pytest.raises(ModelUnusable, match="served before can return: one"):
        steps.rollback(version, actor=ADMIN, now=moment())
    assert states()["two"] == "live"


def test_a_damaged_version_cannot_return() -> None:
    train("one")
    train("two", day=8)
    damage(settings.MODELS_DIR / "one/course_ids.npy")
    with pytest.raises(ModelUnusable, match="damaged"):
        steps.rollback("one", actor=ADMIN, now=moment())
    assert states() == {"two": "live", "one": "retired"}


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def test_the_command_rolls_back_or_names_what_could_be_chosen() -> None:
    train("one")
    train("two", day=8)
    with pytest.raises(CommandError, match="can return: one"):
        call_command("rollback_model", "three")
    call_command("rollback_model", "one")
    assert states()["one"] == "live"


def test_a_pointer_lost_in_a_crash_is_repaired_from_the_rows() -> None:
    train("one")
    live.announce(settings.MODELS_DIR, "gone")
    registry.follow_rows(now=moment())
    assert live.announced(settings.MODELS_DIR) == "one"


def test_nothing_is_announced_before_the_first_promotion() -> None:
    registry.follow_rows(now=moment())
    assert live.announced(settings.MODELS_DIR) is None


def test_old_and_refused_folders_are_deleted_and_the_live_one_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "FROZEN_WEEKS", 0)
    for number in range(8):
        train(f"v{number}", day=20 - number)
    train("refused", finding=FAILED, day=1)
    steps.rollback("v0", actor=ADMIN, now=moment())
    (settings.MODELS_DIR / "v9.tmp").mkdir()
    registry.prune(now=moment())
    kept = {path.name for path in settings.MODELS_DIR.iterdir() if path.is_dir()}
    assert kept == {"v0", "v2", "v3", "v4", "v5", "v6", "v7"}
    assert len(states()) == 9


def test_what_few_have_seen_takes_no_room_of_what_one_can_go_back_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "FROZEN_WEEKS", 0)
    train("old", day=30)
    train("new", day=29)
    for number in range(8):
        settled(f"c{number}", now=moment(days=20 - number), configuration=configured(revision=2))
    registry.prune(now=moment())
    kept = {path.name for path in settings.MODELS_DIR.iterdir() if path.is_dir()}
    assert kept == {"old", "new", "c7"}


def test_the_models_that_weeks_began_with_are_kept_to_judge_later_ones_against() -> None:
    today = moment().replace(hour=0, minute=0, second=0)
    monday = today - timedelta(days=today.weekday())
    for week in range(registry.FROZEN_WEEKS + 2, -1, -1):
        begun = monday - timedelta(weeks=week)
        for version, at in (
            (f"began-{week}", begun - timedelta(hours=1)),
            (f"later-{week}", begun + timedelta(days=2)),
        ):
            if at < monday:
                on_record(version, published_at=at)
                ModelVersion.objects.update(state="retired")

    registry.prune(now=moment())

    kept = {path.name for path in settings.MODELS_DIR.iterdir() if path.is_dir()}
    assert {name for name in kept if name.startswith("began")} == {
        f"began-{week}" for week in range(registry.FROZEN_WEEKS)
    }
    assert "later-1" in kept
    assert "later-5" not in kept


def test_two_models_of_one_second_get_two_versions() -> None:
    at = moment()
    first = registry.free_version(now=at)
    registry.publish_candidate(card(first), arrays())
    second = registry.free_version(now=at)
    assert (first, second) == (f"{at:%Y%m%d-%H%M%S}", f"{at:%Y%m%d-%H%M%S}-2")


def test_the_champion_is_the_live_model_while_its_folder_can_be_used() -> None:
    assert registry.champion() is None
    train("one")
    champion = registry.champion()
    assert champion is not None
    assert champion.version == "one"
    damage(settings.MODELS_DIR / "one/course_ids.npy")
    assert registry.champion() is None
