"""Which steps may an experiment take? Draft, registered, running, stopped, decided (measurement).

Every step locks the row, is refused with a reason where it may not happen, and writes the ledger
in the same transaction. Pages, commands and the API come through here; nothing else sets a state.
"""

from dataclasses import asdict
from datetime import datetime

from django.db import IntegrityError, transaction

from experiments import assignment
from experiments.data import (
    MARGIN,
    METRICS,
    VERDICTS,
    Effect,
    ExperimentRefusedError,
    Finding,
    Plan,
)
from experiments.gates.context import Context
from experiments.gates.registry import check_all
from experiments.models import Experiment, Flag
from experiments.surfaces import known
from signals import api as signals
from signals.data import Actor, ActorKind

MAY_DECIDE = frozenset({"admin", "analyst"})

State = Experiment.State


def create_draft(actor: Actor, *, plan: Plan, now: datetime) -> None:
    """Keep a plan that may still be edited, and make its off-switch (off until the start).

    Raise ExperimentRefusedError where the key is taken.
    """
    _permit(actor)
    _finite(plan)
    experiment = Experiment(created_at=now, **_columns(plan))
    try:
        with transaction.atomic():
            experiment.save(force_insert=True)
            Flag.objects.get_or_create(
                name=experiment.switch, defaults={"note": f"Off-switch of {plan.title}"}
            )
            _record(actor, "experiment.drafted", plan.key, now, title=plan.title)
    except IntegrityError as error:
        raise ExperimentRefusedError(
            f"There is an experiment {plan.key} already. Choose another key."
        ) from error


@transaction.atomic
def edit_draft(actor: Actor, *, plan: Plan, now: datetime) -> None:
    """Replace the plan of a draft; a registered plan is refused."""
    _permit(actor)
    _finite(plan)
    experiment = _locked(plan.key, State.DRAFT, step="edit")
    before = experiment.plan
    for name, value in _columns(plan).items():
        setattr(experiment, name, value)
    experiment.save(update_fields=list(_columns(plan)))
    changed = {
        name: [old, new]
        for (name, old), new in zip(asdict(before).items(), asdict(plan).values(), strict=True)
        if old != new
    }
    _record(actor, "experiment.edited", plan.key, now, changed=changed)


@transaction.atomic
def register(actor: Actor, *, key: str, now: datetime) -> str:
    """Freeze the plan and return its digest."""
    _permit(actor)
    experiment = _locked(key, State.DRAFT, step="register")
    experiment.digest = experiment.plan.digest()
    experiment.state = State.REGISTERED
    experiment.save(update_fields=["digest", "state"])
    plan = asdict(experiment.plan)
    _record(actor, "experiment.registered", key, now, digest=experiment.digest, plan=plan)
    return experiment.digest


def findings(key: str) -> tuple[Finding, ...]:
    """Return what the gates would say if the experiment were started now."""
    return _findings(_get(key))


@transaction.atomic
def start(actor: Actor, *, key: str, now: datetime) -> None:
    """Open the experiment to learners; raise ExperimentRefusedError where a gate refuses."""
    _permit(actor)
    experiment = _locked(key, State.REGISTERED, step="start")
    found = _findings(experiment)
    if found:
        raise ExperimentRefusedError(
            f"{key} cannot start. " + " ".join(finding.detail for finding in found),
            findings=found,
        )
    experiment.state, experiment.started_at = State.RUNNING, now
    experiment.save(update_fields=["state", "started_at"])
    _switch(experiment, everyone=True)
    _record(actor, "experiment.started", key, now, digest=experiment.digest)
    transaction.on_commit(assignment.forget_caches)


@transaction.atomic
def stop(actor: Actor, *, key: str, reason: str, now: datetime) -> None:
    """Close the experiment: nobody is assigned any more, later looks are not taken."""
    _permit(actor)
    experiment = _locked(key, State.RUNNING, step="stop")
    experiment.state, experiment.stopped_at = State.STOPPED, now
    experiment.save(update_fields=["state", "stopped_at"])
    _switch(experiment, everyone=False)
    _record(actor, "experiment.stopped", key, now, reason=_reason(reason))
    transaction.on_commit(assignment.forget_caches)


@transaction.atomic
def decide(
    actor: Actor,
    *,
    key: str,
    verdict: str,
    reason: str,
    now: datetime,
    approver: Actor | None = None,
) -> None:
    """Keep what was decided about a stopped experiment, and why.

    To ship asks for more than the other verdicts: a plan that was not touched, not exploratory,
    a look whose split was sound, the primary metric better, and no guardrail that may have lost.
    Against a guardrail it ships only where a second person, the approver, stands in for it too.
    """
    _permit(actor)
    experiment = _locked(key, State.STOPPED, step="decide")
    if verdict not in VERDICTS:
        raise ExperimentRefusedError(f"A verdict is one of: {', '.join(VERDICTS)}.")
    if verdict == "ship":
        _may_ship(experiment, seconded=_seconds(approver, actor))
    experiment.state, experiment.decided_at = State.DECIDED, now
    experiment.verdict, experiment.verdict_reason = verdict, _reason(reason)
    experiment.save(update_fields=["state", "decided_at", "verdict", "verdict_reason"])
    seconded = {"approver": approver.name} if approver else {}
    _record(actor, "experiment.decided", key, now, verdict=verdict, reason=reason, **seconded)


def _seconds(approver: Actor | None, actor: Actor) -> bool:
    """Say whether somebody approves; raise where that is nobody but the actor, or may not."""
    if approver is None:
        return False
    _permit(approver)
    if approver.kind is not ActorKind.STAFF or approver.name == actor.name:
        raise ExperimentRefusedError("The approver must be a second person. Ask a colleague.")
    return True


def _may_ship(experiment: Experiment, *, seconded: bool) -> None:
    last = experiment.snapshots.order_by("-look").first()
    if experiment.exploratory:
        raise ExperimentRefusedError(
            "An exploratory experiment never ships by itself. Register one that is large enough."
        )
    if last is None or not last.results["trustworthy"]:
        raise ExperimentRefusedError(
            "Nothing sound has been read yet, so there is nothing to ship. "
            "Extend it, or register the experiment anew."
        )
    effects = {row["metric"]: Effect(**row) for row in last.results["effects"]}
    primary = effects.get(experiment.primary_metric)
    if primary is None or primary.reading != "better":
        raise ExperimentRefusedError(
            f"The last look does not show {METRICS[experiment.primary_metric].title} to be better, "
            "so there is nothing to ship. Extend it, or roll it back."
        )
    lost = [
        METRICS[metric].title
        for metric in experiment.guardrails
        if metric not in effects or not effects[metric].not_inferior
    ]
    if lost and not seconded:
        raise ExperimentRefusedError(
            f"The last look cannot rule out that {' and '.join(lost)} fell by more than "
            f"{MARGIN:.0%} of the control. Extend it, roll it back, or name a second person who "
            "approves that it ships all the same."
        )


def _permit(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM and not actor.roles & MAY_DECIDE:
        raise ExperimentRefusedError(
            "Experiments are planned, started and decided by admins and analysts. Ask one of them."
        )


def _finite(plan: Plan) -> None:
    try:
        plan.digest()
    except ValueError as error:
        raise ExperimentRefusedError(
            "Every number of a plan must be finite: nan and inf cannot be compared or frozen."
        ) from error


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ExperimentRefusedError("Give a reason; whoever reads the ledger will ask for it.")
    return reason.strip()


def _get(key: str) -> Experiment:
    try:
        return Experiment.objects.get(key=key)
    except Experiment.DoesNotExist as error:
        raise ExperimentRefusedError(
            f"There is no experiment {key}. Look at the list of experiments for its key."
        ) from error


def _locked(key: str, state: Experiment.State, *, step: str) -> Experiment:
    experiment = Experiment.objects.select_for_update().filter(key=key).first() or _get(key)
    if experiment.state != state:
        raise ExperimentRefusedError(
            f"{key} is {experiment.state}; only a {state} experiment can take the step: {step}."
        )
    if not experiment.intact:
        raise ExperimentRefusedError(
            f"The plan of {key} is not the one that was registered (its digest differs). "
            "Register a new experiment."
        )
    return experiment


def _findings(experiment: Experiment) -> tuple[Finding, ...]:
    return check_all(
        Context(
            plan=experiment.plan,
            switch=experiment.switch,
            surfaces=tuple(sorted(known())),
            switch_exists=Flag.objects.filter(name=experiment.switch).exists(),
        )
    )


def _switch(experiment: Experiment, *, everyone: bool) -> None:
    # get and save, not update(): waffle drops its cached copy in save().
    flag = Flag.objects.get(name=experiment.switch)
    flag.everyone = everyone
    flag.save(update_fields=["everyone", "modified"])


def _columns(plan: Plan) -> dict[str, object]:
    """Return the plan as the columns of its row; arrays are lists there."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(plan).items()
    }


def _record(actor: Actor, action: str, key: str, now: datetime, **detail: object) -> None:
    signals.append_ledger(actor=actor, action=action, subject=key, detail=detail, now=now)
