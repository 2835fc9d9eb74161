"""Is the model better than showing everyone the same popular courses? (L3)"""

from personalize.data import GateFinding
from personalize.engine.gates.context import GateContext

MARGIN = 0.0  # NDCG@10 above popularity's; a tie is not worth a learner's data


def beats_popularity(context: GateContext) -> GateFinding:
    """Pass when the blend's NDCG@10 is above popularity's by more than MARGIN."""
    blend = context.metrics["blend"]["ndcg@10"]
    popularity = context.metrics["popularity"]["ndcg@10"]
    passed = blend - popularity > MARGIN
    return GateFinding(
        gate="beats_popularity",
        passed=passed,
        title="Better than popular courses",
        detail=(
            f"NDCG@10 {blend:.3f}, popular courses {popularity:.3f}: personal lists put the next "
            f"course {'higher' if passed else 'no higher, so the popular list may stay'}."
        ),
        evidence={"blend": blend, "popularity": popularity},
    )
