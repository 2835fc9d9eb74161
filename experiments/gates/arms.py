"""Are there a named control and one variant, with shares that can be drawn? (measurement)"""

from experiments.data import Finding
from experiments.gates.context import Context

ARMS = 2  # an effect is read for one variant against one control


def check(context: Context) -> Finding | None:
    """Refuse unnamed or doubled arms and shares which are not positive or exceed the whole."""
    variants, shares = context.plan.variants, context.plan.shares
    named = all(name.strip() for name in variants) and len(set(variants)) == len(variants)
    drawable = (
        len(shares) == len(variants) and min(shares, default=0) > 0 and sum(shares) <= 1 + 1e-9
    )
    if len(variants) == ARMS and named and drawable and context.plan.salt:
        return None
    return Finding(
        gate="arms",
        title="Arms are not clear",
        detail=(
            "Name two variants, the control first, and give each a share above 0; "
            "together at most 1. The salt must not be empty."
        ),
        evidence={"variants": list(variants), "shares": list(shares)},
    )
