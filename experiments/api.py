"""The public interface of experiments (measurement): what the apps above may call."""

from collections.abc import Iterable

from experiments.assignment import (
    HOLDOUT_SHARE,
    assign,
    assigned_arm,
    expected_arm,
    in_holdout,
)
from experiments.consequences import TAKEN_BACK, Decided, on_decided
from experiments.drafts import draft
from experiments.gates.baseline import Sized, sized
from experiments.gates.interleaved import not_asked
from experiments.gates.power import needed_per_arm
from experiments.health import HealthCheck, health
from experiments.history import plan_of, versions
from experiments.included import (
    ensure_experiment,
    ensure_first_experiment,
    ensure_openings,
    name_openings,
)
from experiments.key_targets import key_targets, set_key_target
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
from experiments.lifts import KEY_FIGURES, lifts, read_lifts
from experiments.looks import LookTaken, take_due_looks
from experiments.models import Flag
from experiments.offers import Asker, offer, offers
from experiments.outside import LeftOut, SeenError, exclude, left_out, set_surface_holdout
from experiments.people import may_decide
from experiments.ramp import evidence as ramp_evidence
from experiments.ramp import narrow, openings, widen, widen_by_evidence
from experiments.reading import list_experiments, readout
from experiments.report import COLUMNS as EFFECT_COLUMNS
from experiments.report import effect_rows, report
from experiments.rereads import RereadTaken, answer_reopened, take_due_rereads
from experiments.returns import read_returns, returns_of, with_returns
from experiments.review import WeeklyReview, finished_week, review, write_due_review
from experiments.running import forget_caches
from experiments.served import tell_served
from experiments.settled import ranker_of
from experiments.standings import Stands, stands
from experiments.stats.bucketing import in_share
from experiments.stats.confidence_sequences import always_valid
from experiments.stats.contrasts import absolute
from experiments.stats.means import Sample
from experiments.steps import next_steps, smaller_shares, verdict_choices
from experiments.surfaces import name_models, name_rankers, name_surfaces, rankers
from experiments.switches import throw_switch
from experiments.targets import KNOWN_ATTRIBUTES, known_attributes
from experiments.units import movers
from experiments.watch import RolledBack, roll_back_harm

__all__ = [
    "EFFECT_COLUMNS",
    "HOLDOUT_SHARE",
    "KEY_FIGURES",
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
    "ensure_experiment",
    "ensure_first_experiment",
    "ensure_openings",
    "exclude",
    "expected_arm",
    "findings",
    "finished_week",
    "flag_active",
    "forget_caches",
    "health",
    "in_holdout",
    "in_share",
    "key_targets",
    "known_attributes",
    "left_out",
    "lifts",
    "list_experiments",
    "list_on_flag",
    "may_decide",
    "movers",
    "name_models",
    "name_openings",
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
    "read_lifts",
    "read_returns",
    "readout",
    "register",
    "report",
    "resume",
    "returns_of",
    "review",
    "roll_back_harm",
    "set_key_target",
    "set_surface_holdout",
    "sized",
    "smaller_shares",
    "stands",
    "start",
    "stop",
    "take_due_looks",
    "take_due_rereads",
    "tell_served",
    "throw_switch",
    "verdict_choices",
    "versions",
    "widen",
    "widen_by_evidence",
    "with_returns",
    "write_due_review",
]

Sums = tuple[int, float, float]  # of one arm: how many, their sum, their sum of squares


def flag_active(name: str, *, learner_id: int) -> bool:
    """Say whether a flag is on for a learner; a flag that does not exist is off."""
    flag = Flag.get(name)
    return flag.pk is not None and flag.is_active_for_learner(learner_id)


def on_for_everybody(name: str) -> bool:
    """Say whether a switch is thrown, which is for all or for none."""
    return flag_active(name, learner_id=0)  # of no learner


def list_on_flag(name: str, *, accounts: Iterable[int]) -> None:
    """Put these accounts, by primary key, on a flag's list; it is made where it is missing."""
    flag, _ = Flag.objects.get_or_create(name=name)
    flag.users.set(accounts)
    flag.flush()


def always_between(control: Sums, variant: Sums, *, alpha: float) -> tuple[float, float]:
    """Return bounds of variant minus control that hold whenever, and however often, one looks.

    A confidence sequence for means; each arm needs two or more, and bounds nothing where none vary.
    """
    found = always_valid(absolute(Sample(*control), Sample(*variant)), alpha=alpha)
    return float(found.low), float(found.high)
