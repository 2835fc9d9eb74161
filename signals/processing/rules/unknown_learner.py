"""Is the event about a learner its sender may not speak for? (L2, pure)

A key of a platform makes learners known by sending them; a session or token speaks for one.
"""

from signals.processing.rules.rule import Effect, Rule, Severity

RULE = Rule(
    code=2,
    name="unknown_learner",
    version=1,
    title="Learner not known to the session or token that sent it",
    severity=Severity.HIGH,
    owner="operator of the source",
    action="Mint the token for the learner whose page it is; look for a shared browser.",
    effect=Effect.REFUSED,
    refusals=frozenset({"other_learner"}),
)
