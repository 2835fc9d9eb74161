"""People at the controls: one experiment, what was planned, what it shows and what comes next."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from controltower import access
from controltower.views.experiments import answers, ask, log, results
from controltower.views.experiments.stages import stages
from experiments import api as experiments
from experiments.data import (
    INTERLEAVED,
    ExperimentInfo,
    ExperimentRefusedError,
    Opening,
    Plan,
    RampEvidence,
    Readout,
)
from experiments.metrics import METRICS
from experiments.proposals import SHIP, Position, Proposal, got_worse, propose
from signals.clock import now

CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Power:
    """What the plan needs, what it has by now, and what it can see."""

    needed: int
    reached: int  # learners of the smaller arm, or with a vote, rounded to 5
    planned: int
    mde: float
    power: float
    days: int

    @property
    def enough(self) -> bool:
        """Say whether the plan passed its gate."""
        return self.planned >= self.needed


@dataclass(frozen=True, slots=True)
class Ramp:
    """To how many an experiment is open, how that came, and whether more may follow."""

    openings: tuple[Opening, ...]
    evidence: RampEvidence | None
    plan: tuple[float, ...]


@require_safe
@access.requires(access.may_see_experiments)
def experiment(request: HttpRequest, key: str) -> HttpResponse:
    """Show one experiment."""
    return show(request, key)


def show(request: HttpRequest, key: str, *, refused: ask.Refused | None = None) -> HttpResponse:
    """Return the page of an experiment, with the step that was refused where one was."""
    at = now()
    try:
        readout = experiments.readout(key, now=at)
    except ExperimentRefusedError as error:
        raise Http404(str(error)) from error
    info = next(info for info in experiments.list_experiments(now=at) if info.key == key)
    plan = experiments.plan_of(key)
    health = experiments.health(key, now=at)
    proposal = _proposal(info, readout)
    context = {
        "nav": "experiments",
        "readout": readout,
        "info": info,
        "proposal": proposal,
        "primary": capfirst(METRICS[info.primary_metric].title),
        "unit": plan.unit,
        "stages": stages(info, readout),
        "digest": readout.digest,
        "power": _power(plan, readout),
        "together": plan.interleaved,
        "not_asked": experiments.not_asked(plan),
        "health": health,
        "healthy": all(check.ok for check in health),
        "ramp": _ramp(info, plan, at),
        "people": answers.people(info),
        "versions": [answers.written(one) for one in experiments.versions(key)],
        "asked": ask.asked(
            access.actor_of(request),
            info,
            now=at,
            refused=refused,
            well=proposal is not None and proposal.what == SHIP,
        ),
        "day": (at - info.started_at).days + 1 if info.started_at else 0,
        "owner": answers.named(info.people.author),
        "log": log.entries(key),
        "returns": experiments.returns_of(key) is not None,
        **results.context(readout),
    }
    status = CONFLICT if refused else 200
    return render(request, "tower/experiment.html", context, status=status)


def _proposal(info: ExperimentInfo, readout: Readout) -> Proposal | None:
    """Return what follows from the last look, in the words of the weekly review."""
    if info.started_at is None:
        return None
    harm = tuple(
        got_worse(effect.metric)
        for effect in readout.effects
        if effect.reading == "worse" and effect.track != "engagement"
    )
    return propose(
        Position(
            state=info.state,
            advice=readout.advice if readout.trustworthy else "invalid",
            primary=METRICS[info.primary_metric].title,
            harm=harm,
            next_look=info.next_look,
            verdict=info.verdict,
            exploratory=info.exploratory,
            reread=readout.design != INTERLEAVED,
        )
    )


def _power(plan: Plan, readout: Readout) -> Power | None:
    if min(plan.mde, plan.baseline_mean, plan.baseline_sd) <= 0:
        return None
    return Power(
        needed=experiments.needed_per_arm(plan),
        reached=_reached(plan, readout),
        planned=plan.planned_per_arm,
        mde=plan.mde,
        power=plan.power,
        days=plan.look_days[-1],
    )


def _reached(plan: Plan, readout: Readout) -> int:
    """Return the learners of the smaller arm, or those with a vote on what decides."""
    if not plan.interleaved:
        return min(readout.n.values())
    deciding = (one for one in readout.effects if one.metric == plan.primary_metric)
    return max((effect.n_variant for effect in deciding), default=0)


def _ramp(info: ExperimentInfo, plan: Plan, at: datetime) -> Ramp | None:
    if info.started_at is None or len(plan.ramp) == 1:
        return None
    known = experiments.ramp_evidence(info.key, now=at) if info.state == "running" else None
    return Ramp(experiments.openings(info.key), known, plan.ramp)
