"""Does the plan say where it acts? Surfaces are plain keys here; the app above owns them."""

import re

from experiments.data import Finding
from experiments.gates.context import Context

KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def check(context: Context) -> Finding | None:
    """Refuse no surface, a doubled one, and what cannot be a surface's key."""
    surfaces = context.plan.surfaces
    wrong = [surface for surface in surfaces if not KEY.fullmatch(surface)]
    if surfaces and not wrong and len(set(surfaces)) == len(surfaces):
        return None
    return Finding(
        gate="surfaces",
        title="Surfaces are not clear",
        detail="Name at least one surface, each once, by its key (such as home).",
        evidence={"surfaces": list(surfaces), "not a key": wrong},
    )
