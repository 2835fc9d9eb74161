"""For whom is it? A condition that can be read, or everybody (measurement)."""

import json

from experiments.data import Finding
from experiments.gates.context import Context


def check(context: Context) -> Finding | None:
    """Refuse a condition that is no JSON object: nobody would be let in, and nobody told why."""
    text = context.plan.targeting
    try:
        readable = not text or isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        readable = False
    if readable:
        return None
    return Finding(
        gate="targeting",
        title="For whom it is cannot be read",
        detail='Write the condition as a JSON object, such as {"country": "de"}, or leave it out.',
        evidence={"targeting": text},
    )
