"""For whom is it? A condition that can be read, or everybody (measurement)."""

import json

from experiments.data import Finding
from experiments.gates.context import Context

PATTERNS = frozenset({"$regex", "$regexi", "$notRegex", "$notRegexi"})


def check(context: Context) -> Finding | None:
    """Refuse a condition that is no JSON object, and patterns."""
    text = context.plan.targeting
    try:
        condition = json.loads(text) if text else {}
        if isinstance(condition, dict) and not _patterns(condition):
            return None
    except (ValueError, RecursionError):
        pass
    return Finding(
        gate="targeting",
        title="For whom it is cannot be read",
        detail=(
            'Write the condition as a JSON object, such as {"country": "de"}, or leave it out. '
            "Patterns ($regex) are not taken: who is asked could make them run for minutes."
        ),
        evidence={"targeting": text},
    )


def _patterns(condition: object) -> bool:
    """Say whether a pattern is anywhere in a condition."""
    if isinstance(condition, dict):
        named = any(key in PATTERNS for key in condition)
        return named or any(_patterns(value) for value in condition.values())
    return isinstance(condition, list) and any(_patterns(value) for value in condition)
