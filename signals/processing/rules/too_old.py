"""Is the event older than what may be kept, or than a source may still send? (L2, pure)"""

from signals.processing.rules.rule import Effect, Rule, Severity

RULE = Rule(
    code=4,
    name="too_old",
    version=1,
    title="Older than the source may send or retention allows",
    severity=Severity.MEDIUM,
    owner="operator of the source",
    action="Use a key with the scope backfill for a first connection; drop what is older still.",
    effect=Effect.REFUSED,
    refusals=frozenset({"too_old"}),
)
