"""Which rules of signal quality are there? One file here and one line below each (L2, pure)."""

from collections.abc import Iterable
from types import ModuleType

from signals.processing.rules import (
    accidental_click,
    beyond_length,
    crawler,
    duplicate,
    identical_intervals,
    in_the_future,
    late,
    quick_completion,
    recommended,
    score_out_of_range,
    staff,
    test_account,
    too_fast,
    too_long,
    too_old,
    unknown_course,
    unknown_learner,
)
from signals.processing.rules.rule import Rule

MODULES: tuple[ModuleType, ...] = (
    unknown_course,
    unknown_learner,
    in_the_future,
    too_old,
    late,
    duplicate,
    crawler,
    test_account,
    staff,
    accidental_click,
    too_fast,
    too_long,
    identical_intervals,
    quick_completion,
    beyond_length,
    score_out_of_range,
    recommended,
)


def collect(modules: Iterable[ModuleType]) -> tuple[Rule, ...]:
    """Return the rules of the modules; ValueError where a name or code repeats."""
    rules: tuple[Rule, ...] = tuple(module.RULE for module in modules)
    if len({rule.code for rule in rules}) < len(rules) or len({rule.name for rule in rules}) < len(
        rules
    ):
        raise ValueError("Two rules share a name or a code; give the new one its own.")
    return rules


RULES = collect(MODULES)
