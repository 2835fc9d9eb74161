"""Does the plan say where it acts? Surfaces are plain keys here; the app above owns them."""

from experiments.data import Finding
from experiments.gates.context import Context


def check(context: Context) -> Finding | None:
    """Refuse no surface, a doubled one, and one that the product does not have."""
    named = context.plan.surfaces
    unknown = [surface for surface in named if surface not in context.surfaces]
    if named and not unknown and len(set(named)) == len(named):
        return None
    return Finding(
        gate="surfaces",
        title="Surfaces are not clear",
        detail=f"Name at least one surface, each once, out of: {', '.join(context.surfaces)}.",
        evidence={"surfaces": list(named), "unknown": unknown},
    )
