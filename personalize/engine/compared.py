"""Which experiment compares configurations of models, and what follows from it? (L3)

A plan names both configurations by its arms: the live one is the control, the challenger the
variant. Shipping the experiment lets everybody see the challenger; there is no other way for it.
"""

from experiments import api as experiments
from experiments.api import TAKEN_BACK, Decided
from experiments.data import MODEL_ARM, ExperimentRefusedError
from personalize.data import Comparison
from personalize.engine import registry, steps
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.configuration import SHOWN, arm
from personalize.engine.registry import State
from signals.clock import now

OPEN = frozenset({"approved", "running", "paused", "stopped"})  # until it is decided
UNNAMED = "live"  # the arm of a live model whose configuration nobody wrote down
SHIP, ROLL_BACK = "ship", "roll back"


def experiment_on(configuration: str) -> str:
    """Return the key of the experiment that compares a configuration and is not decided yet."""
    if not configuration:
        return ""
    wanted = arm(configuration)
    open_ = (one for one in experiments.list_experiments(now=now()) if one.state in OPEN)
    return next((one.key for one in open_ if wanted in experiments.plan_of(one.key).variants), "")


def comparison() -> Comparison | None:
    """Return the challenger with the arms of its experiment; None where none waits."""
    model, live = registry.in_state(State.CHALLENGER), registry.in_state(State.LIVE)
    if model is None or live is None:
        return None
    return Comparison(
        model=registry.row_of(model),
        control=_arm_of_live(live.configuration),
        variant=arm(model.configuration) if model.configuration else "",
        experiment=experiment_on(model.configuration),
    )


def arms() -> tuple[str, ...]:
    """Return the arms of the live model and of its challenger; none where none waits."""
    model, live = registry.in_state(State.CHALLENGER), registry.in_state(State.LIVE)
    if model is None or live is None or not model.configuration:
        return ()
    return _arm_of_live(live.configuration), arm(model.configuration)


def _arm_of_live(configuration: str) -> str:
    return arm(configuration) if configuration else UNNAMED


def carry_out(decided: Decided) -> None:
    """Do with the models what was decided of the experiment that compared them.

    Raise ExperimentRefusedError where that cannot be: then nothing is decided either.
    """
    control, variant = (_named(name) for name in decided.variants)
    if not variant:
        return
    try:
        if decided.verdict == SHIP:
            _ship(variant, decided)
        elif decided.verdict == ROLL_BACK:
            steps.refuse_challenger(
                variant, experiment=decided.key, actor=decided.by, now=decided.now
            )
        elif decided.verdict == TAKEN_BACK and _is_live(variant):
            steps.take_back(control, experiment=decided.key, actor=decided.by, now=decided.now)
    except ModelUnusable as error:
        raise ExperimentRefusedError(f"{error} Nothing was decided.") from error


def _named(variant: str) -> str:
    """Return the configuration an arm names, "" where it names none."""
    named = variant.removeprefix(MODEL_ARM)
    return named if variant.startswith(MODEL_ARM) and len(named) == SHOWN else ""


def _ship(variant: str, decided: Decided) -> None:
    done = steps.ship_challenger(variant, experiment=decided.key, actor=decided.by, now=decided.now)
    if not done and not _is_live(variant):
        raise ExperimentRefusedError(
            f"No model of the configuration {variant} waits any more, so none can be shipped. "
            "Extend the experiment and run retrain."
        )


def _is_live(configuration: str) -> bool:
    live = registry.in_state(State.LIVE)
    return live is not None and live.configuration.startswith(configuration)


def register() -> None:
    """Tell experiments which models can be compared, and who carries out decisions about them."""
    experiments.name_models(arms)
    experiments.on_decided("personalize", carry_out)
