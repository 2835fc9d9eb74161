"""Which steps may an experiment take, and whose? From draft to archived (measurement).

draft -> registered (frozen) -> approved -> running <-> paused -> stopped -> decided -> archived;
what never ran may be archived too. Every step locks the row, is refused with a reason where it may
not happen, and writes the ledger in the same transaction. Pages, commands and the API come through
here; the database refuses whoever does not (`guard`).
"""

from dataclasses import asdict, replace
from datetime import datetime
from functools import partial

from django.db import IntegrityError, connection
from django.db.models import Q

from experiments import history
from experiments.consequences import Decided, carry_out
from experiments.data import (
    FIRST_EXPERIMENT,
    INTERLEAVED,
    PLAN_FORMAT,
    VERDICTS,
    ExperimentRefusedError,
    Finding,
    Plan,
)
from experiments.gates import reach
from experiments.gates.context import Context, Taken
from experiments.gates.registry import check_all
from experiments.guard import writing
from experiments.models import Experiment, Flag, RampStep
from experiments.parts import (
    APPROVED,
    FROZE,
    SECONDED,
    WROTE,
    keep_part,
    permit_approval,
    permit_shipping,
)
from experiments.people import permit, permit_person
from experiments.settled import OVER, SHIPPED, hold_back, ranker_of
from experiments.shipping import may_ship
from experiments.surfaces import known, models, rankers
from experiments.transitions import because, get, move, record, switch, taking
from signals.data import SYSTEM, Actor

_START_LOCK = 0x73_74_61_72_74  # "start": what may start depends on what else runs

State = Experiment.State


def create_draft(actor: Actor, *, plan: Plan, now: datetime) -> None:
    """Keep a plan that may still be edited, and make its off-switch (off until the start).

    Raise ExperimentRefusedError where the key is taken.
    """
    permit(actor)
    _well_formed(plan)
    experiment = Experiment(created_at=now, author=str(actor), **_columns(plan))
    try:
        with writing(plan.key):
            experiment.save(force_insert=True)
            history.keep(experiment, plan=plan, before=None, by=str(actor), now=now)
            Flag.objects.get_or_create(
                name=experiment.switch, defaults={"note": f"Off-switch of {plan.title}"}
            )
            keep_part(experiment, actor, WROTE, now=now)
            record(actor, "experiment.drafted", plan.key, now, title=plan.title)
    except IntegrityError as error:
        raise ExperimentRefusedError(
            f"There is an experiment {plan.key} already. Choose another key."
        ) from error


def edit_draft(actor: Actor, *, plan: Plan, now: datetime) -> None:
    """Replace the plan of a draft by a new version; a registered plan is refused."""
    permit(actor)
    _well_formed(plan)
    with taking(plan.key, State.DRAFT, step="edit") as experiment:
        changed = history.keep(
            experiment, plan=plan, before=experiment.plan, by=str(actor), now=now
        )
        if changed:
            for name, value in _columns(plan).items():
                setattr(experiment, name, value)
            experiment.save(update_fields=list(_columns(plan)))
            keep_part(experiment, actor, WROTE, now=now)
            record(actor, "experiment.edited", plan.key, now, changed=changed)


def register(actor: Actor, *, key: str, now: datetime) -> str:
    """Freeze the plan and return its digest."""
    permit(actor)
    with taking(key, State.DRAFT, step="register") as experiment:
        digest = experiment.plan.digest()
        move(
            experiment,
            State.REGISTERED,
            digest=digest,
            registered_by=str(actor),
            registered_at=now,
        )
        plan = asdict(experiment.plan)
        keep_part(experiment, actor, FROZE, now=now)
        record(actor, "experiment.registered", key, now, digest=digest, plan=plan)
    return digest


def approve(actor: Actor, *, key: str, reason: str, now: datetime) -> None:
    """Stand in for a registered plan somebody else wrote, so that it may be started."""
    permit(actor)
    with taking(key, State.REGISTERED, step="approve") as experiment:
        permit_approval(actor, experiment)
        why = because(reason)
        move(
            experiment,
            State.APPROVED,
            approved_by=str(actor),
            approved_at=now,
            approval_reason=why,
        )
        keep_part(experiment, actor, APPROVED, now=now)
        record(actor, "experiment.approved", key, now, digest=experiment.digest, reason=why)


def findings(key: str, *, now: datetime) -> tuple[Finding, ...]:
    """Return what the gates would say if the experiment were started now."""
    return _findings(get(key), now=now)


def start(actor: Actor, *, key: str, now: datetime) -> None:
    """Open the experiment to learners; raise ExperimentRefusedError where a gate refuses."""
    permit(actor)
    with taking(key, State.APPROVED, step="start") as experiment:
        _through_the_gates(experiment, now=now)
        move(experiment, State.RUNNING, started_at=now)
        share = experiment.ramp[0]
        RampStep.objects.create(experiment=experiment, number=1, share=share, at=now, by=str(actor))
        switch(experiment, share=share)
        record(actor, "experiment.started", key, now, digest=experiment.digest, share=share)


def pause(actor: Actor, *, key: str, reason: str, now: datetime) -> None:
    """Take nobody in for now; who is in sees what all others see. Looks go on as planned."""
    permit(actor)
    with taking(key, State.RUNNING, step="pause") as experiment:
        move(experiment, State.PAUSED, paused_at=now)
        switch(experiment, share=0.0)
        record(actor, "experiment.paused", key, now, reason=because(reason))


def resume(actor: Actor, *, key: str, reason: str, now: datetime) -> None:
    """Go on with a paused experiment, through the same gates as a start."""
    permit(actor)
    with taking(key, State.PAUSED, step="resume") as experiment:
        _through_the_gates(experiment, now=now)
        move(experiment, State.RUNNING, paused_at=None)
        switch(experiment, share=experiment.opened_to)
        record(actor, "experiment.resumed", key, now, reason=because(reason))


def stop(actor: Actor, *, key: str, reason: str, now: datetime, fell: str = "") -> None:
    """Close the experiment: nobody is assigned any more, later looks are not taken.

    `fell` is the metric or guardrail for whose harm it is stopped: that stands against shipping.
    """
    permit(actor)
    with taking(key, State.RUNNING, State.PAUSED, step="stop") as experiment:
        move(experiment, State.STOPPED, stopped_at=now)
        switch(experiment, share=0.0)
        harm = {"fell": fell} if fell else {}
        record(actor, "experiment.stopped", key, now, reason=because(reason), **harm)


def approve_shipping(actor: Actor, *, key: str, reason: str, now: datetime) -> None:
    """Stand in, as a second approver, for shipping what may have cost learners something."""
    permit(actor)
    with taking(key, State.STOPPED, step="approve shipping") as experiment:
        permit_shipping(actor, experiment)
        why = because(reason)
        experiment.seconded_by, experiment.seconding_reason = str(actor), why
        experiment.save(update_fields=["seconded_by", "seconding_reason"])
        keep_part(experiment, actor, SECONDED, now=now)
        record(actor, "experiment.seconded", key, now, reason=why)


def decide(actor: Actor, *, key: str, verdict: str, reason: str, now: datetime) -> None:
    """Keep what was decided about a stopped experiment, and why.

    To ship asks for more than the other verdicts: a person, a plan that was not touched, not
    exploratory, a look whose split was sound, the primary metric better, and no guardrail that may
    have lost. Against a guardrail it ships only after `approve_shipping` by somebody else.
    """
    permit(actor)
    with taking(key, State.STOPPED, step="decide") as experiment:
        if verdict not in VERDICTS:
            raise ExperimentRefusedError(f"A verdict is one of: {', '.join(VERDICTS)}.")
        if verdict == SHIPPED:
            permit_person(actor)
            may_ship(experiment, decider=actor)
        why = because(reason)
        move(
            experiment,
            State.DECIDED,
            decided_at=now,
            decided_by=str(actor),
            verdict=verdict,
            verdict_reason=why,
        )
        if verdict == SHIPPED and not experiment.plan.interleaved:
            hold_back(experiment, now=now)  # of one group nobody can be held apart
        seconded = {"seconded_by": experiment.seconded_by} if experiment.seconded_by else {}
        carry_out(Decided(key, experiment.plan.variants, verdict, actor, now))
        record(actor, "experiment.decided", key, now, verdict=verdict, reason=why, **seconded)


def archive(actor: Actor, *, key: str, reason: str, now: datetime) -> None:
    """Put away what is decided, or what never ran and shall not."""
    permit(actor)
    never_ran = (State.DRAFT, State.REGISTERED, State.APPROVED)
    with taking(key, *never_ran, State.DECIDED, step="archive") as experiment:
        move(experiment, State.ARCHIVED, archived_at=now)
        record(actor, "experiment.archived", key, now, reason=because(reason))


def _through_the_gates(experiment: Experiment, *, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_START_LOCK])
    found = _findings(experiment, now=now)
    if found:
        raise ExperimentRefusedError(
            f"{experiment.key} cannot start. " + " ".join(finding.detail for finding in found),
            findings=found,
        )


def _well_formed(plan: Plan) -> None:
    if plan.format != PLAN_FORMAT:
        raise ExperimentRefusedError(f"A plan is written in format {PLAN_FORMAT} today.")
    try:
        plan.digest()
    except ValueError as error:
        raise ExperimentRefusedError(
            "Every number of a plan must be finite: nan and inf cannot be compared or frozen."
        ) from error


def _findings(experiment: Experiment, *, now: datetime) -> tuple[Finding, ...]:
    context = Context(
        plan=experiment.plan,
        switch=experiment.switch,
        surfaces=tuple(sorted(known())),
        switch_exists=Flag.objects.filter(name=experiment.switch).exists(),
        taken=_taken(experiment),
        rankers=tuple(rankers()),
        ranker=ranker_of(experiment.surfaces[0]) if experiment.surfaces else "",
        ordered_by=_ordered_by(experiment),
        models=models(),
    )
    # A pause changes nothing about who is in it; what the product brings comes before any list.
    if experiment.started_at is None and experiment.author != str(SYSTEM):
        context = replace(context, reach=partial(reach.measured, experiment.plan, now=now))
    return check_all(context)


def _taken(experiment: Experiment) -> tuple[Taken, ...]:
    """Return the parts of its namespace that others hold: running, or paused and back any time."""
    if not experiment.namespace:
        return ()
    others = Experiment.objects.filter(
        namespace=experiment.namespace, state__in=[State.RUNNING, State.PAUSED]
    ).exclude(pk=experiment.pk)
    return tuple(
        Taken(row.key, row.hash, row.namespace_from, row.namespace_to)
        for row in others.order_by("id")
    )


def _ordered_by(experiment: Experiment) -> tuple[str, ...]:
    """Return who decides already what is listed, where this experiment wants to decide it."""
    if experiment.design != INTERLEAVED and experiment.key != FIRST_EXPERIMENT:
        return ()
    first = Q(key=FIRST_EXPERIMENT)
    there = Experiment.objects.filter(surfaces__overlap=experiment.surfaces).exclude(
        pk=experiment.pk
    )
    running = (first | Q(design=INTERLEAVED)) & Q(state__in=[State.RUNNING, State.PAUSED])
    generic = first & Q(state__in=OVER, started_at__isnull=False) & ~Q(verdict=SHIPPED)
    apart = Q(namespace=experiment.namespace) & ~Q(namespace="")  # another part: another learner
    rows = there.filter(running | generic).exclude(apart)
    return tuple(rows.order_by("id").values_list("key", flat=True))


def _columns(plan: Plan) -> dict[str, object]:
    """Return the plan as the columns of its row; arrays are lists there."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(plan).items()
    }
