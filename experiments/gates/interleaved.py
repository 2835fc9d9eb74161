"""Two rankers in one list: are they rankers, and does nobody else order that list? (measurement)

Both rankers are given to every learner, so whatever compares learners of one arm with those of
another is not asked of such a plan; a plan that names it all the same is refused, not corrected.
"""

from collections.abc import Iterator

from experiments.data import DESIGNS, Finding, Plan
from experiments.gates.context import Context
from experiments.metrics import LESSONS_PREFERRED, METRICS

NOT_ASKED = (  # what is no question here, and why; pages say so
    ("Split between arms", "Every list holds both rankers, so nobody is in one arm."),
    ("Ramp", "Each learner keeps half of the list they know: to begin with few, lower the share."),
    ("Guardrails of the plan", "A guardrail compares two groups of learners, and there is one."),
    ("Fairness between cohorts", "Each kind of learner is given both rankers, turn by turn."),
    ("Age of the models", "Both rankers answer the same request at the same moment."),
    ("Reading it again after months", "Nobody is given one ranker alone, to compare with later."),
)


def not_asked(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return what a plan is not asked because of its design, each with the reason."""
    return NOT_ASKED if plan.interleaved else ()


def check(context: Context) -> Finding | None:
    """Refuse what cannot be drafted, and whatever would need learners in two arms."""
    plan = context.plan
    if plan.design not in DESIGNS:
        return _finding(plan, [f"Choose a design: {' or '.join(DESIGNS)}."])
    missing = [*_not_alone(context)]
    if plan.interleaved:
        missing += [*_not_drafted(context), *_not_asked(plan)]
    return _finding(plan, missing) if missing else None


def _not_alone(context: Context) -> Iterator[str]:
    if context.ordered_by:
        yield (
            f"{' and '.join(context.ordered_by)} decides what is listed there already. Stop it, "
            "and ship it if it is the better one, before anything else orders this list."
        )


def _not_drafted(context: Context) -> Iterator[str]:
    plan, known = context.plan, context.rankers
    if len(plan.surfaces) != 1:
        yield "Name the one surface whose list is drafted."
    if not known:
        yield "No ranker is known here, so no list can be drafted."
    elif not set(plan.variants) <= set(known):
        yield f"Name two rankers as variants, out of: {', '.join(known)}."
    elif plan.variants[:1] != (context.ranker,):
        yield (
            f"Put {context.ranker} first: the control is the ranker everybody's list is in today."
        )
    if len(set(plan.shares)) > 1:
        yield "Give both rankers the same share: they are drafted in turns."


def _not_asked(plan: Plan) -> Iterator[str]:
    if plan.primary_metric != LESSONS_PREFERRED:
        yield (
            f"Decide by {LESSONS_PREFERRED} ({METRICS[LESSONS_PREFERRED].title}): progression "
            "decides, and clicks are read beside it."
        )
    if plan.guardrails:
        yield "Name no guardrails: they compare two groups of learners, and here there is one."
    if plan.unit != "learner":
        yield "Draw learners, not classes: each has a list, and a vote, of their own."
    if plan.ramp != (1.0,):
        yield (
            "Leave the ramp at 1: each learner keeps half of the list they know. To begin with "
            "few, lower the shares."
        )


def _finding(plan: Plan, missing: list[str]) -> Finding:
    return Finding(
        gate="interleaved",
        title="It is not clear who orders the list",
        detail=" ".join(missing),
        evidence={
            "design": plan.design,
            "variants": list(plan.variants),
            "surfaces": list(plan.surfaces),
        },
    )
