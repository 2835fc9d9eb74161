"""May an experiment be opened to more learners? On evidence, one step at a time (measurement).

A step has done its work once a loss of what may not fall would have been noticed in it, and none
was: by the confidence sequence, so at whatever moment it is looked at. Where the plan has too few
learners for that, the step has done what it can when as many as the plan has for it were measured;
the watch goes on at the next one. Going back to a smaller share needs a reason and no evidence.

Nobody who was drawn is moved by a step: see `drawing.draw`.
"""

import logging
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from math import ceil

from django.db.models import OuterRef, Subquery

from experiments.data import STEP_DAYS, ExperimentRefusedError, Opening, Plan, RampEvidence, Watched
from experiments.metrics import METRICS, UP
from experiments.models import Experiment, RampStep, Unwatched
from experiments.people import permit
from experiments.samples import Arms, adjusted, arms_of, is_readable, learners, seen
from experiments.stats.confidence_sequences import upper_always
from experiments.stats.contrasts import absolute
from experiments.stats.noticing import noticed
from experiments.stats.wording import people, shown
from experiments.transitions import because, get, record, switch, taking
from signals.data import SYSTEM, Actor

log = logging.getLogger(__name__)
State = Experiment.State


def openings(key: str) -> tuple[Opening, ...]:
    """Return to how many an experiment was opened, the newest first."""
    rows = get(key).ramp_steps.order_by("-number")
    return tuple(
        Opening(row.number, row.share, row.at, row.by, row.reason, row.evidence) for row in rows
    )


def evidence(key: str, *, now: datetime) -> RampEvidence:
    """Return what is known at this step, and whether that is enough for the next one."""
    return _evidence(get(key), now=now)


def widen(actor: Actor, *, key: str, now: datetime) -> float:
    """Open a running experiment to the next share of its plan, and return that share.

    Raises:
        ExperimentRefusedError: where nothing follows, or the evidence is not enough; it says what
            is missing.
    """
    permit(actor)
    with taking(key, State.RUNNING, step="open to more") as experiment:
        known = _evidence(experiment, now=now)
        if known.next_share is None or not known.enough:
            raise ExperimentRefusedError(known.says)
        _open(experiment, actor, share=known.next_share, now=now, evidence=asdict(known))
        record(actor, "experiment.widened", key, now, share=known.next_share, evidence=known.says)
    return known.next_share


def narrow(actor: Actor, *, key: str, share: float, reason: str, now: datetime) -> None:
    """Go back to a smaller share of the plan: fewer new learners, nobody is moved."""
    permit(actor)
    with taking(key, State.RUNNING, step="open to fewer") as experiment:
        smaller = [one for one in experiment.ramp if one < experiment.opened_to]
        if share not in smaller:
            shares = ", ".join(f"{one:.1%}" for one in smaller) or "none is left; pause or stop it"
            raise ExperimentRefusedError(f"Go back to one of these shares: {shares}.")
        why = because(reason)
        _open(experiment, actor, share=share, now=now, reason=why)
        record(actor, "experiment.narrowed", key, now, share=share, reason=why)


def widen_by_evidence(*, now: datetime) -> list[tuple[str, float]]:
    """Take every step that is due where plans allow it; return the keys with their new shares."""
    return list(_taken(now))


def _taken(now: datetime) -> Iterator[tuple[str, float]]:
    last = RampStep.objects.filter(experiment=OuterRef("pk")).order_by("-number")
    climbing = Experiment.objects.filter(state=State.RUNNING, widens_by_itself=True).annotate(
        last_share=Subquery(last.values("share")[:1])
    )
    for experiment in climbing.filter(last_share__lt=1).order_by("id"):
        try:
            if _evidence(experiment, now=now).enough:
                yield experiment.key, widen(SYSTEM, key=experiment.key, now=now)
        except ExperimentRefusedError:
            continue  # somebody stopped it or took the step first, or its plan was touched
        except Exception:  # the watch tells of one that cannot be read; the others go on
            log.exception("Experiment %s is not opened to more: not readable.", experiment.key)


def _open(
    experiment: Experiment,
    actor: Actor,
    *,
    share: float,
    now: datetime,
    reason: str = "",
    evidence: dict[str, object] | None = None,
) -> None:
    RampStep.objects.create(
        experiment=experiment,
        number=experiment.ramp_steps.count() + 1,
        share=share,
        at=now,
        by=str(actor),
        reason=reason,
        evidence=evidence or {},
    )
    switch(experiment, share=share)


def _evidence(experiment: Experiment, *, now: datetime) -> RampEvidence:
    plan = experiment.plan
    last = experiment.ramp_steps.order_by("-number").first()
    share = experiment.opened_to
    following = [one for one in plan.ramp if one > share]
    since = last.at if last is not None else experiment.started_at or experiment.created_at
    days = max((now - since).days, 0)
    sound = seen(experiment, as_of=now).sound
    metrics = plan.protected
    watched = tuple(
        _watched(plan, metric, arms_of(plan, metric, as_of=now), share=share, among=len(metrics))
        for metric in metrics
    )
    missing = _missing(watched, days=days, sound=sound)
    if Unwatched.objects.filter(experiment=experiment).exists():
        missing.insert(0, "It cannot be watched, so nobody would notice harm to more learners.")
    return RampEvidence(
        share=share,
        next_share=following[0] if following else None,
        days=days,
        sound=sound,
        watched=watched,
        enough=bool(following) and not missing,
        says=_says(watched, missing) if following else "It is open to all learners already.",
    )


def _watched(plan: Plan, metric: str, arms: Arms, *, share: float, among: int) -> Watched:
    """Judge one metric at a step; the metrics share the plan's alpha."""
    n = min(learners(arms[arm]) for arm in plan.variants)
    of_step = ceil(plan.planned_per_arm * share)
    loss, worse = _harm(plan, metric, arms, alpha=plan.alpha / among)
    return Watched(
        metric=metric,
        learners=shown(n),
        of_step=of_step,
        margin=plan.margin(metric),
        noticed=loss,
        worse=worse,
        enough=loss is not None and (loss <= plan.margin(metric) or n >= of_step),
    )


def _harm(plan: Plan, metric: str, arms: Arms, *, alpha: float) -> tuple[float | None, bool]:
    """Return the smallest loss that would have been noticed, of the control, and if one was."""
    if not is_readable(plan, arms):
        return None, False
    control, variant = adjusted(plan, arms)
    if not control.level:
        return None, False
    found = absolute(control, variant)
    gained = found if METRICS[metric].better == UP else replace(found, estimate=-found.estimate)
    share = noticed(found, alpha=alpha) / abs(float(control.level))
    return share, bool(upper_always(gained, alpha=alpha) < 0)


def _missing(watched: tuple[Watched, ...], *, days: int, sound: bool) -> list[str]:
    """Return what stands in the way of the next step, as sentences."""
    found = [] if sound else ["The split is not as planned, so nothing can be read from it."]
    if days < STEP_DAYS:
        found.append(f"A step lasts {STEP_DAYS} days at least; this one has lasted {days}.")
    for one in watched:
        title = METRICS[one.metric].title.capitalize()
        if one.worse:
            found.append(f"{title} got worse: stop it, or go back to fewer learners.")
        elif not one.enough:
            found.append(f"{title}: {_so_far(one)}.")
    return found


def _so_far(one: Watched) -> str:
    measured = f"{people(one.learners)} of {people(one.of_step)} learners an arm are measured"
    if one.noticed is None:
        return f"nothing can be read yet, {measured}"
    return (
        f"only a loss of {one.noticed:.0%} or more would have been noticed, and {one.margin:.0%} "
        f"has to be; {measured}"
    )


def _says(watched: tuple[Watched, ...], missing: list[str]) -> str:
    if missing:
        return "It stays as it is. " + " ".join(missing)
    held = "; ".join(
        f"{METRICS[one.metric].title}: a loss of {one.noticed:.0%} or more would have been noticed"
        for one in watched
        if one.noticed is not None
    )
    return f"Nothing that may not fall got worse ({held})."
