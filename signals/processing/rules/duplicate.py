"""Was the same event sent again? (L2, pure)"""

from signals.processing.rules.rule import Effect, Rule, Severity

RULE = Rule(
    code=6,
    name="duplicate",
    version=1,
    title="Sent again",
    severity=Severity.LOW,
    owner="operator of the source",
    action="Nothing is lost or doubled; many of them mean that answers do not reach the sender.",
    effect=Effect.COUNTED,
    copies=True,
)
