"""Is a score, rating or share outside what it can be? (L2, pure)"""

from signals.processing.rules.rule import Effect, Rule, Severity

RULE = Rule(
    code=16,
    name="score_out_of_range",
    version=1,
    title="Score, rating or share out of its range, or missing",
    severity=Severity.MEDIUM,
    owner="operator of the source",
    action="Send shares from 0 to 1 and stars from 1 to 5, then replay what was refused.",
    effect=Effect.REFUSED,
    refusals=frozenset({"value_out_of_range", "value_required"}),
)
