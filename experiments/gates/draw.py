"""Can units be drawn as the plan says, and from nobody else's part of a namespace? (measurement)"""

from experiments.data import HASHES, UNITS, Finding
from experiments.gates.context import Context


def check(context: Context) -> Finding | None:
    """Refuse unknown units and hashes, an empty part, and one that another experiment holds."""
    plan = context.plan
    start, end = plan.namespace_from, plan.namespace_to
    if plan.unit not in UNITS or plan.hash not in HASHES or not 0 <= start < end <= 1:
        return _finding(
            context,
            f"Draw one of: {', '.join(UNITS)}, with one of: {', '.join(HASHES)}, from a part of "
            "the namespace between 0 and 1 that is not empty.",
        )
    if not plan.namespace and (start, end) != (0, 1):
        return _finding(context, "Name the namespace this is a part of.")
    others = [one for one in context.taken if one.hash != plan.hash]
    if others:  # the same learner is in another place under another hash
        return _finding(
            context,
            f"{others[0].key} draws from {plan.namespace} with {others[0].hash}: do so too.",
        )
    overlapping = [one for one in context.taken if one.start < end and start < one.end]
    if overlapping:
        held = ", ".join(f"{one.start:g} to {one.end:g} ({one.key})" for one in overlapping)
        return _finding(
            context, f"Of the namespace {plan.namespace} others hold {held}. Take a free part."
        )
    return None


def _finding(context: Context, detail: str) -> Finding:
    plan = context.plan
    return Finding(
        gate="draw",
        title="Units cannot be drawn like this",
        detail=detail,
        evidence={
            "unit": plan.unit,
            "hash": plan.hash,
            "namespace": plan.namespace,
            "part": [plan.namespace_from, plan.namespace_to],
        },
    )
