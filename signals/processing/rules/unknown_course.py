"""Does the event name a course or module the catalogue does not hold? (L2, pure)"""

from signals.processing.rules.rule import Effect, Rule, Severity

RULE = Rule(
    code=1,
    name="unknown_course",
    version=1,
    title="Course or module not in the catalogue",
    severity=Severity.HIGH,
    owner="operator of the source",
    action="Import the catalogue the platform uses now, then replay what was refused.",
    effect=Effect.REFUSED,
    refusals=frozenset({"unknown_course", "unknown_module"}),
)
