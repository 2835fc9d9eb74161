"""Would learners be served worse than today? (L3)"""

from personalize.data import GateFinding
from personalize.engine.gates.context import Champion, Duel, GateContext

MARGIN = 0.005  # NDCG@10 a candidate may lie below the champion on choices new to both
WIDER_MARGIN = 0.02  # where only the champion's own, older held-out choices can be compared
MIN_DUEL = 100  # learners with a choice newer than the champion
ERRORS = 1.64  # standard errors a loss must exceed to count as one (one-sided 5%)

TITLE = "Not below the live model"


def _finding(*, passed: bool, detail: str, evidence: dict[str, float]) -> GateFinding:
    return GateFinding("not_below_champion", passed, TITLE, detail, evidence)


def _of_duel(champion: Champion, duel: Duel) -> GateFinding:
    allowed = max(MARGIN, ERRORS * duel.error)
    return _finding(
        passed=duel.difference >= -allowed,
        detail=(
            f"On {duel.learners:,} choices made since {champion.version} was trained, NDCG@10 "
            f"differs by {duel.difference:+.3f} (standard error {duel.error:.3f}); a loss of up "
            f"to {allowed:.3f} is allowed."
        ),
        evidence={
            "difference": duel.difference,
            "error": duel.error,
            "learners": float(duel.learners),
            "allowed": allowed,
        },
    )


def _of_record(champion: Champion, blend: float) -> GateFinding:
    recorded = champion.recorded["ndcg@10"]
    seen = champion.duel.learners if champion.duel else 0
    return _finding(
        passed=blend >= recorded - WIDER_MARGIN,
        detail=(
            f"Only {seen} choices are newer than {champion.version} ({MIN_DUEL} needed for a "
            f"direct comparison). NDCG@10 {blend:.3f}, {champion.version} had {recorded:.3f} on "
            f"its own held-out choices; a loss of up to {WIDER_MARGIN} is allowed."
        ),
        evidence={"blend": blend, "recorded": recorded, "learners": float(seen)},
    )


def not_below_champion(context: GateContext) -> GateFinding:
    """Pass when nothing is live, or the candidate does not lose to what is."""
    champion = context.champion
    if champion is None:
        return _finding(
            passed=True, detail="No model is live that it could be compared with.", evidence={}
        )
    if champion.duel is not None and champion.duel.learners >= MIN_DUEL:
        return _of_duel(champion, champion.duel)
    return _of_record(champion, context.metrics["blend"]["ndcg@10"])
