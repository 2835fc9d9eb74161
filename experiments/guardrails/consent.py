"""Was anybody tried out on who had said no? Every single one is one too many (measurement)."""

from datetime import timedelta

from experiments import served
from experiments.data import Holding
from experiments.guardrails.context import Context
from experiments.stats.verdict import ROLL_BACK
from experiments.stats.wording import people
from signals import api as signals

KEY, TITLE = "consent", "Consent is kept"
UNDER_WAY = timedelta(seconds=5)  # a request that was being answered when the learner objected


def check(context: Context) -> Holding:
    """Count exposures and lists of their own of learners who objected at that moment."""
    objections = signals.objections(context.plan.key, as_of=context.as_of)
    exposed = {
        each.learner_id: each.arm
        for each in objections
        if each.since + UNDER_WAY <= each.exposed_at < each.until
    }
    # From the exposure on: what went wrong before it is not this experiment's, nor ends the next.
    periods = [
        (each.learner_id, max(each.since + UNDER_WAY, each.exposed_at), each.until)
        for each in objections
    ]
    lists = served.reader().against_will(
        [(who, since, until) for who, since, until in periods if since < until]
    )
    evidence = {
        "exposed": {
            arm: sum(1 for each in exposed.values() if each == arm) for arm in context.plan.variants
        },
        "lists": lists,
        "objected": len({each.learner_id for each in objections}),
    }
    if not exposed and not lists:
        says = "Nobody was shown an arm or a list of their own while they objected to it."
        return Holding(KEY, TITLE, ok=True, says=says, evidence=evidence)
    return Holding(
        KEY,
        TITLE,
        ok=False,
        says=(
            f"Learners were drawn in although they had objected ({people(len(exposed))} exposed, "
            f"{people(lists)} lists of their own). Find the door that did not ask, and register "
            "anew."
        ),
        verdict=ROLL_BACK,
        evidence=evidence,
    )
