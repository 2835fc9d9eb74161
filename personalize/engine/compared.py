"""Which experiment compares a configuration of models? (L3) Plans name them by their arms."""

from experiments import api as experiments
from personalize.engine.configuration import arm

OPEN = frozenset({"approved", "running", "paused", "stopped"})  # until it is decided


def experiment_on(configuration: str) -> str:
    """Return the key of the experiment that compares a configuration and is not decided yet."""
    if not configuration:
        return ""
    wanted = arm(configuration)
    open_ = (one for one in experiments.list_experiments() if one.state in OPEN)
    return next((one.key for one in open_ if wanted in experiments.plan_of(one.key).variants), "")
