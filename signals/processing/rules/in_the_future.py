"""Does the event lie over 5 minutes ahead, after its sender's clock was corrected? (L2, pure)"""

from signals.processing.rules.rule import Effect, Rule, Severity

RULE = Rule(
    code=3,
    name="in_the_future",
    version=1,
    title="More than 5 minutes in the future after the clock was corrected",
    severity=Severity.MEDIUM,
    owner="operator of the source",
    action="Set the clock of the sending system and have it send sent_at.",
    effect=Effect.REFUSED,
    refusals=frozenset({"future", "clock_skew"}),
)
