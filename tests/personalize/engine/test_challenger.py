"""A model that is configured otherwise waits for an experiment; no other door lets it serve all."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import DjangoCaptureOnCommitCallbacks

from experiments import lifecycle
from experiments.consequences import TAKEN_BACK, Decided, carry_out
from experiments.data import ExperimentRefusedError
from experiments.models import Experiment
from personalize.algorithms.registry import ALGORITHMS
from personalize.data import ModelRow
from personalize.engine import compared, configuration, live, registry, steps
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.canary import Ended as CanaryEnded
from personalize.engine.canary import tend_canary
from personalize.engine.configuration import arm
from personalize.engine.live import Pointer
from personalize.engine.training import Ended, Outcome, retrain
from signals import api as signals
from signals.data import SYSTEM
from tests.experiments.test_lifecycle import effect
from tests.experiments.world import ROOT, START, UMA, approved, day, look, started
from tests.factories import moment
from tests.personalize.engine.models import configured, promoted, settled
from tests.personalize.engine.past import give_past
from tests.personalize.shop import Shop

pytestmark = pytest.mark.django_db

KEY = "rule-of-three"
OLD, NEW = configured(), configured(revision=2)
ARMS = (arm(OLD.digest), arm(NEW.digest))

Commit = DjangoCaptureOnCommitCallbacks


def challenge(version: str = "two") -> ModelRow:
    """Let the first model be live and one that is configured otherwise wait."""
    promoted("one", now=moment(days=3))
    return settled(version, now=moment(days=2), configuration=NEW)


def run_experiment(*, better: bool = True) -> None:
    """Run the experiment that compares both, up to its last look."""
    started(key=KEY, salt=f"{KEY}:1", variants=ARMS)
    gain = (0.1, 0.3) if better else (-0.3, -0.1)
    effects = [effect("ctr", *gain), effect("modules_completed", -0.05, 0.2)]
    look(key=KEY, results={"trustworthy": True, "effects": effects})
    lifecycle.stop(UMA, key=KEY, reason="all looks taken", now=day(28))


def decide(verdict: str) -> None:
    lifecycle.decide(UMA, key=KEY, verdict=verdict, reason="as it reads", now=day(29))


def states() -> dict[str, str]:
    return {row.version: row.state for row in registry.versions()}


def pointer() -> Pointer | None:
    return live.read(settings.MODELS_DIR)


def test_a_changed_configuration_waits_and_says_what_is_changed() -> None:
    row = challenge()
    assert (row.state, states()["one"]) == ("challenger", "live")
    assert row.changes == ("The rules of training are of revision 2.",)
    entry = signals.ledger_rows(action_prefix="model.challenges")[0]
    assert entry.detail == {"live": "one", "configuration": NEW.digest}


def test_a_configuration_nobody_wrote_down_is_never_taken_for_a_refresh() -> None:
    promoted("one", now=moment(days=3), configuration=None)
    row = settled("two", now=moment(days=2), configuration=None)
    assert row.state == "challenger"


def test_its_arm_of_an_experiment_alone_shows_it(
    django_capture_on_commit_callbacks: Commit,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        challenge()
    assert pointer() == Pointer(version="one", arms={ARMS[1]: "two"})


def test_shipping_the_experiment_lets_everybody_see_it(
    django_capture_on_commit_callbacks: Commit,
) -> None:
    challenge()
    run_experiment()
    with django_capture_on_commit_callbacks(execute=True):
        decide("ship")
    assert states() == {"two": "live", "one": "retired"}
    # Who is held back for the re-reads goes on seeing what was live.
    assert pointer() == Pointer(version="two", arms={ARMS[0]: "one"})
    entry = signals.ledger_rows(action_prefix="model.promoted")[0]
    assert (entry.subject, entry.actor, entry.detail["experiment"]) == ("two", str(UMA), KEY)


@pytest.mark.parametrize("arms", [ARMS, (ARMS[0], "model-0123abcd")])
def test_no_experiment_starts_on_a_model_that_nobody_can_be_given(arms: tuple[str, str]) -> None:
    promoted("one", now=moment(days=3))
    approved(key=KEY, salt=f"{KEY}:1", variants=arms)
    with pytest.raises(ExperimentRefusedError, match="is no model that can be compared"):
        lifecycle.start(UMA, key=KEY, now=START)
    assert Experiment.objects.get(key=KEY).state == "approved"


def test_rolling_the_experiment_back_ends_it_for_good(
    django_capture_on_commit_callbacks: Commit,
) -> None:
    challenge()
    run_experiment(better=False)
    with django_capture_on_commit_callbacks(execute=True):
        decide("roll back")
    assert states() == {"two": "refused", "one": "live"}
    assert pointer() == Pointer(version="one", withdrawn=("two",))
    assert steps.was_refused(NEW.digest) == KEY


@pytest.mark.parametrize("verdict", ["extend", "review", "invalid"])
def test_a_verdict_that_settles_nothing_lets_it_wait(verdict: str) -> None:
    challenge()
    run_experiment()
    decide(verdict)
    assert states() == {"two": "challenger", "one": "live"}


def test_nothing_is_shipped_where_the_challenger_is_gone() -> None:
    challenge()
    run_experiment()
    (settings.MODELS_DIR / "two/course_ids.npy").unlink()
    with pytest.raises(ExperimentRefusedError, match=r"damaged.*Nothing was decided"):
        decide("ship")
    assert Experiment.objects.get(key=KEY).state == "stopped"
    assert states() == {"two": "challenger", "one": "live"}


def test_nothing_is_shipped_that_another_configuration_has_replaced() -> None:
    challenge()
    run_experiment()
    settled("three", now=moment(days=1), configuration=configured(revision=3))
    with pytest.raises(ExperimentRefusedError, match="waits any more"):
        decide("ship")
    assert states() == {"three": "challenger", "two": "retired", "one": "live"}


def test_what_a_re_read_speaks_against_is_taken_back(
    django_capture_on_commit_callbacks: Commit,
) -> None:
    challenge()
    run_experiment()
    decide("ship")
    with django_capture_on_commit_callbacks(execute=True):
        carry_out(Decided(KEY, ARMS, TAKEN_BACK, UMA, day(60)))
    assert states() == {"two": "refused", "one": "live"}
    assert pointer() == Pointer(version="one", withdrawn=("two",))
    assert steps.was_refused(NEW.digest) == KEY


def test_experiments_about_other_things_move_no_model() -> None:
    challenge()
    for verdict in ("ship", "roll back", TAKEN_BACK):
        carry_out(Decided(KEY, ("generic", "model"), verdict, UMA, day(1)))
    assert states() == {"two": "challenger", "one": "live"}


def again() -> None:
    """Train the same once more: it takes the place of the one that waits, and waits too."""
    settled("three", now=moment(days=1), configuration=NEW)


DOORS: dict[str, Callable[[], object]] = {
    "its guardrails": lambda: steps.promote_canary("two", (), says="It held.", now=moment()),
    "the beat": lambda: tend_canary(now=moment()),
    "an experiment about another one": lambda: steps.ship_challenger(
        "0" * 8, experiment=KEY, actor=ROOT, now=moment()
    ),
    "training again": again,
}


@pytest.mark.parametrize("door", DOORS)
def test_no_other_door_lets_it_serve_all(door: str) -> None:
    challenge()
    DOORS[door]()
    assert [version for version, state in states().items() if state == "live"] == ["one"]


def test_neither_the_admins_way_back_nor_the_command_lets_it_serve_all() -> None:
    challenge()
    with pytest.raises(ModelUnusable, match="served before"):
        steps.rollback("two", actor=ROOT, now=moment())
    with pytest.raises(CommandError, match="served before"):
        call_command("rollback_model", "two")
    assert states()["one"] == "live"


def knows(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let this code be one that mixes these algorithms."""
    known = {name: ALGORITHMS[name] for name in (*names, "blend")}
    monkeypatch.setattr(configuration, "ALGORITHMS", known)


def night(days_ago: float, commit: Commit) -> Outcome:
    with commit(execute=True):
        return retrain(now=moment(days=days_ago), actor=SYSTEM)


@pytest.mark.slow
def test_a_new_algorithm_challenges_and_what_is_live_is_refreshed_beside_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Commit
) -> None:
    give_past(shop, learners=60, days_ago=40)
    knows(monkeypatch, "popularity", "item_knn")
    first = night(20, django_capture_on_commit_callbacks)
    assert first.ended is Ended.PROMOTED
    knows(monkeypatch, "popularity", "item_knn", "transitions")
    second = night(10, django_capture_on_commit_callbacks)
    assert second.ended is Ended.CANARY
    assert second.row is not None
    assert "transitions" not in second.row.metrics
    beside = second.challenger
    assert beside is not None
    assert beside.row is not None
    assert (beside.ended, beside.row.changes) == (Ended.CHALLENGER, ("transitions takes part.",))
    tended = tend_canary(now=moment(days=10) + timedelta(hours=21))
    assert tended.ended is CanaryEnded.PROMOTED
    assert states()[beside.row.version] == "challenger"
    # Its experiment is open: the nights refresh both, under the same arms.
    started(
        key=KEY,
        salt=f"{KEY}:1",
        variants=(arm(second.row.configuration), arm(beside.row.configuration)),
    )
    assert compared.experiment_on(beside.row.configuration) == KEY
    third = night(5, django_capture_on_commit_callbacks)
    assert third.challenger is not None
    assert third.challenger.row is not None
    assert third.challenger.row.configuration == beside.row.configuration
    assert states()[beside.row.version] == "retired"


def test_what_is_compared_is_refreshed_both_or_neither(
    shop: Shop, django_capture_on_commit_callbacks: Commit
) -> None:
    promoted("one", now=moment(days=3), configuration=configured(revision=0))
    settled("two", now=moment(days=2), configuration=configuration.current())
    arms = (arm(configured(revision=0).digest), arm(configuration.current().digest))
    started(key=KEY, salt=f"{KEY}:1", variants=arms)
    outcome = night(0, django_capture_on_commit_callbacks)
    assert (outcome.ended, outcome.challenger) == (Ended.CHANGED, None)
    assert f"{KEY} compares models that this code cannot both refresh" in outcome.detail


def test_a_configuration_this_code_cannot_train_any_more_is_not_refreshed(
    shop: Shop, django_capture_on_commit_callbacks: Commit
) -> None:
    promoted("one", now=moment(days=3), configuration=configured(revision=0))
    outcome = night(0, django_capture_on_commit_callbacks)
    assert outcome.ended is Ended.CHANGED
    assert outcome.challenger is not None
    assert outcome.challenger.ended is Ended.TOO_LITTLE


def test_what_an_experiment_rolled_back_is_not_trained_again(
    shop: Shop, django_capture_on_commit_callbacks: Commit
) -> None:
    promoted("one", now=moment(days=3))
    settled("two", now=moment(days=2), configuration=configuration.current())
    steps.refuse_challenger(
        configuration.current().digest, experiment=KEY, actor=UMA, now=moment(days=1)
    )
    outcome = night(0, django_capture_on_commit_callbacks).challenger
    assert outcome is not None
    assert (outcome.ended, outcome.row) == (Ended.REFUSED, None)
    assert f"The experiment {KEY} rolled" in outcome.detail
