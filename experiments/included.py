"""Which experiments come with the product? Planned and started where they are not (measurement).

The first one compares the model with the generic list. One more for each surface opens it, to a
tenth of the learners and further on evidence; the app above owns the surfaces and names the plans.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import connection, transaction

from experiments.data import (
    CONTROL,
    FIRST_EXPERIMENT,
    TREATMENT,
    ExperimentRefusedError,
    Plan,
)
from experiments.gates.power import needed_per_arm
from experiments.lifecycle import approve, create_draft, register, start
from experiments.models import Experiment
from signals.data import Actor

_LOCK = 0x66_69_72_73_74  # "first"

# A learner's share of clicked lists lies in 0..1, so its standard deviation is at most that of a
# coin with the same mean: sqrt(.08 * .92). Real platforms need fewer learners than this asks for.
_UNSIZED_FIRST = Plan(
    key=FIRST_EXPERIMENT,
    title="Model against generic list",
    hypothesis=(
        "If the home page shows courses picked for each learner instead of the generic list, then "
        "learners open what they are shown more often and complete no fewer modules in their "
        "first 14 days, because the picks follow from what they did and where they want to go."
    ),
    surfaces=("home",),
    primary_metric="ctr",
    guardrails=("modules_completed",),
    mde=0.25,
    baseline_mean=0.08,
    baseline_sd=0.2713,
    planned_per_arm=0,
    look_days=(14, 21, 28),
    variants=(CONTROL, TREATMENT),
    shares=(0.5, 0.5),
    salt=f"{FIRST_EXPERIMENT}:1",
    serves="Learners find what helps them on and complete the modules they came for.",
    decision_rule=(
        "Ship where click-through is better and completed modules fell by less than a tenth; roll "
        "back where modules are worse; otherwise keep the comparison group and try again."
    ),
    margins=(0.1,),
    ramp=(1.0,),  # what it shows was there before it: nothing new is let out
)
_openings: list[Plan] = []


def name_openings(plans: Iterable[Plan]) -> None:
    """Keep the plans by which surfaces are opened; the app that owns them calls this at start."""
    _openings[:] = plans


def ensure_first_experiment(actor: Actor, *, now: datetime) -> str:
    """Ensure "model against generic list", and return its state."""
    return ensure_experiment(actor, plan=_UNSIZED_FIRST, now=now)


def ensure_openings(actor: Actor, *, now: datetime) -> dict[str, str]:
    """Ensure the experiments that open surfaces; return their states by key.

    One that a gate refuses is not kept: the platform is too small for it, say. Its surface stays
    closed until somebody plans another, or lists accounts on its flag.
    """
    found = {}
    for plan in _openings:
        try:
            found[plan.key] = ensure_experiment(actor, plan=plan, now=now)
        except ExperimentRefusedError as refused:
            found[plan.key] = f"refused: {refused}"
    return found


@transaction.atomic
def ensure_experiment(actor: Actor, *, plan: Plan, now: datetime) -> str:
    """Plan, register and start what comes with the product where that has not been done.

    Return its state. What is there already is left as it is, a stopped one stays stopped, and so
    does a plan somebody else wrote under its key; two nodes that start together do it once. It is
    planned with as many learners as its smallest effect needs.

    Raises:
        ExperimentRefusedError: where a gate refuses it; nothing is kept of it then.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    state = _state(plan)
    if state is None:
        create_draft(actor, plan=replace(plan, planned_per_arm=needed_per_arm(plan)), now=now)
        state = _state(plan)
    if not Experiment.objects.filter(key=plan.key, author=str(actor)).exists():
        return str(state)
    if state == Experiment.State.DRAFT:
        register(actor, key=plan.key, now=now)
        state = _state(plan)
    if state == Experiment.State.REGISTERED:
        approve(actor, key=plan.key, reason="It comes with the product.", now=now)
        state = _state(plan)
    if state == Experiment.State.APPROVED:
        start(actor, key=plan.key, now=now)
    return str(_state(plan))


def _state(plan: Plan) -> str | None:
    return Experiment.objects.filter(key=plan.key).values_list("state", flat=True).first()
