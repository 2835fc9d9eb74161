"""Is the blend worth its parts, or would plain neighbours do as well? (L3)"""

from personalize.data import GateFinding
from personalize.engine.gates.context import GateContext

TOLERANCE = 0.002  # NDCG@10; the blend may put all its weight on item_knn and then ties with it
ERRORS = 1.64  # standard errors a loss must exceed to count as one (one-sided 5%)


def beats_item_knn(context: GateContext) -> GateFinding:
    """Pass when the blend's NDCG@10 is not below item_knn's by more than chance or TOLERANCE."""
    blend = context.metrics["blend"]["ndcg@10"]
    neighbours = context.metrics["item_knn"]["ndcg@10"]
    allowed = max(TOLERANCE, ERRORS * context.errors["item_knn"])
    passed = blend >= neighbours - allowed
    return GateFinding(
        gate="beats_item_knn",
        passed=passed,
        title="Not below plain neighbours",
        detail=(
            f"NDCG@10 {blend:.3f}, item_knn alone {neighbours:.3f}, and a loss of up to "
            f"{allowed:.3f} may be chance: the blend "
            f"{'holds its own' if passed else 'loses to one of its parts; look at its weights'}."
        ),
        evidence={"blend": blend, "item_knn": neighbours, "allowed": allowed},
    )
