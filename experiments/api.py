"""The public interface of experiments (measurement): what the apps above may call."""

from dataclasses import replace
from datetime import datetime

from django.db import connection, transaction

from experiments.assignment import (
    HOLDOUT_SHARE,
    assign,
    assigned_arm,
    expected_arm,
    forget_caches,
)
from experiments.consequences import TAKEN_BACK, Decided, on_decided
from experiments.data import CONTROL, FIRST_EXPERIMENT, TREATMENT, Plan
from experiments.drafts import draft
from experiments.gates.baseline import Sized, sized
from experiments.gates.interleaved import not_asked
from experiments.gates.power import needed_per_arm
from experiments.health import HealthCheck, health
from experiments.history import plan_of, versions
from experiments.lifecycle import (
    approve,
    approve_shipping,
    archive,
    create_draft,
    decide,
    edit_draft,
    findings,
    pause,
    register,
    resume,
    start,
    stop,
)
from experiments.looks import LookTaken, take_due_looks
from experiments.models import Experiment, Flag
from experiments.offers import Asker, offer, offers
from experiments.outside import LeftOut, SeenError, exclude, left_out, set_surface_holdout
from experiments.people import may_decide
from experiments.ramp import evidence as ramp_evidence
from experiments.ramp import narrow, openings, widen, widen_by_evidence
from experiments.reading import list_experiments, readout
from experiments.report import COLUMNS as EFFECT_COLUMNS
from experiments.report import effect_rows, report
from experiments.rereads import RereadTaken, answer_reopened, take_due_rereads
from experiments.review import WeeklyReview, finished_week, review, write_due_review
from experiments.served import tell_served
from experiments.settled import ranker_of
from experiments.standings import Stands, stands
from experiments.stats.bucketing import in_share
from experiments.stats.confidence_sequences import always_valid
from experiments.stats.contrasts import absolute
from experiments.stats.means import Sample
from experiments.steps import next_steps, smaller_shares, verdict_choices
from experiments.surfaces import name_models, name_rankers, name_surfaces, rankers
from experiments.targets import KNOWN_ATTRIBUTES, known_attributes
from experiments.units import movers
from experiments.watch import RolledBack, roll_back_harm
from signals.data import Actor

__all__ = [
    "EFFECT_COLUMNS",
    "HOLDOUT_SHARE",
    "KNOWN_ATTRIBUTES",
    "TAKEN_BACK",
    "Asker",
    "Decided",
    "HealthCheck",
    "LeftOut",
    "LookTaken",
    "RereadTaken",
    "RolledBack",
    "SeenError",
    "Sized",
    "Stands",
    "WeeklyReview",
    "always_between",
    "answer_reopened",
    "approve",
    "approve_shipping",
    "archive",
    "assign",
    "assigned_arm",
    "create_draft",
    "decide",
    "draft",
    "edit_draft",
    "effect_rows",
    "ensure_first_experiment",
    "exclude",
    "expected_arm",
    "findings",
    "finished_week",
    "flag_active",
    "forget_caches",
    "health",
    "in_share",
    "known_attributes",
    "left_out",
    "list_experiments",
    "may_decide",
    "movers",
    "name_models",
    "name_rankers",
    "name_surfaces",
    "narrow",
    "needed_per_arm",
    "next_steps",
    "not_asked",
    "offer",
    "offers",
    "on_decided",
    "openings",
    "pause",
    "plan_of",
    "ramp_evidence",
    "ranker_of",
    "rankers",
    "readout",
    "register",
    "report",
    "resume",
    "review",
    "roll_back_harm",
    "set_surface_holdout",
    "sized",
    "smaller_shares",
    "stands",
    "start",
    "stop",
    "take_due_looks",
    "take_due_rereads",
    "tell_served",
    "verdict_choices",
    "versions",
    "widen",
    "widen_by_evidence",
    "write_due_review",
]

Sums = tuple[int, float, float]  # of one arm: how many, their sum, their sum of squares

_FIRST_LOCK = 0x66_69_72_73_74  # "first"

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


def flag_active(name: str, *, learner_id: int) -> bool:
    """Say whether a flag is on for a learner; a flag that does not exist is off."""
    flag = Flag.get(name)
    return flag.pk is not None and flag.is_active_for_learner(learner_id)


def always_between(control: Sums, variant: Sums, *, alpha: float) -> tuple[float, float]:
    """Return bounds of variant minus control that hold whenever, and however often, one looks.

    A confidence sequence for means; each arm needs two or more, and bounds nothing where none vary.
    """
    found = always_valid(absolute(Sample(*control), Sample(*variant)), alpha=alpha)
    return float(found.low), float(found.high)


@transaction.atomic
def ensure_first_experiment(actor: Actor, *, now: datetime) -> str:
    """Plan, register and start "model against generic list" where that has not been done.

    Return its state. What is there already is left as it is, a stopped one stays stopped, and so
    does a plan somebody else wrote under its key; two nodes that start together do it once.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_FIRST_LOCK])
    state = _first_state()
    if state is None:
        plan = replace(_UNSIZED_FIRST, planned_per_arm=needed_per_arm(_UNSIZED_FIRST))
        create_draft(actor, plan=plan, now=now)
        state = _first_state()
    if not Experiment.objects.filter(key=FIRST_EXPERIMENT, author=str(actor)).exists():
        return str(state)
    if state == Experiment.State.DRAFT:
        register(actor, key=FIRST_EXPERIMENT, now=now)
        state = _first_state()
    if state == Experiment.State.REGISTERED:
        approve(actor, key=FIRST_EXPERIMENT, reason="It comes with the product.", now=now)
        state = _first_state()
    if state == Experiment.State.APPROVED:
        start(actor, key=FIRST_EXPERIMENT, now=now)
    return str(_first_state())


def _first_state() -> str | None:
    return Experiment.objects.filter(key=FIRST_EXPERIMENT).values_list("state", flat=True).first()
