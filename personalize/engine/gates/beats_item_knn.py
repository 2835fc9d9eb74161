"""Is the blend worth its parts, or would plain neighbours do as well? (L3)"""

from personalize.data import GateFinding
from personalize.engine.gates.context import GateContext


def beats_item_knn(context: GateContext) -> GateFinding:
    """Pass when the blend's NDCG@10 is at least item_knn's; it may be item_knn itself."""
    blend = context.metrics["blend"]["ndcg@10"]
    neighbours = context.metrics["item_knn"]["ndcg@10"]
    error = context.errors["item_knn"]
    passed = blend >= neighbours
    return GateFinding(
        gate="beats_item_knn",
        passed=passed,
        title="Not below plain neighbours",
        detail=(
            f"NDCG@10 {blend:.3f}, item neighbours alone {neighbours:.3f} (standard error of the "
            f"difference {error:.3f}): the blend "
            f"{'holds its own' if passed else 'finds less, so the earlier model goes on'}."
        ),
        evidence={"blend": blend, "item_knn": neighbours, "error": error},
    )
