"""How do people change what is recommended: boosts, pins, lowering, hiding, and the weights?"""

from collections.abc import Collection
from datetime import datetime

from personalize.data import (
    Aim,
    Effect,
    Foreseen,
    NewOverride,
    ObjectiveRow,
    Objectives,
    OverrideLimits,
    OverrideRow,
    Preview,
)
from personalize.decision import authority, changes, cohorts, foresight, preview
from personalize.decision import objectives as striving
from personalize.decision.whatif import effect
from signals import catalogue
from signals.data import Actor

__all__ = [
    "OBJECTIVE_LIMITS",
    "OBJECTIVE_LIMITS_ALONE",
    "USUAL_OBJECTIVES",
    "approve_objectives",
    "approve_override",
    "check_objectives",
    "check_override",
    "create_override",
    "foresee_objectives",
    "foresee_objectives_for_all",
    "foresee_override",
    "may_ask_for_objectives",
    "may_set_objectives",
    "objective_changes",
    "objective_examples",
    "objectives",
    "override_beyond",
    "override_cohorts",
    "override_limits",
    "overrides_in",
    "preview_override",
    "refuse_objectives",
    "refuse_override",
    "set_objectives",
    "undo_objectives",
    "undo_override",
]


OBJECTIVE_LIMITS = striving.LIMITS

OBJECTIVE_LIMITS_ALONE = striving.ALONE

USUAL_OBJECTIVES = striving.USUAL


def check_override(actor: Actor, new: NewOverride, *, now: datetime) -> None:
    """Raise what `create_override` would raise; change nothing."""
    authority.check(actor, new, now=now)


def create_override(actor: Actor, new: NewOverride, *, now: datetime) -> OverrideRow:
    """Boost, lower, pin or hide a course until its end, or ask for it beyond the own limits.

    What it is predicted to do is kept beside it. Raises PermissionDenied, ValidationError.
    """
    authority.check(actor, new, now=now)
    predicted = effect.kept(effect.of_change(new, now=now))
    return changes.create(actor, new, predicted=predicted, now=now)


def foresee_override(new: NewOverride, *, now: datetime) -> Effect | None:
    """Return what the last logged requests would get under a change; None: none are ready."""
    return effect.of_change(new, now=now)


def foresee_objectives_for_all(aim: Aim, *, now: datetime) -> Effect | None:
    """Return what the last logged requests would get by other weights; None: there are none."""
    return effect.of_aim(aim, now=now)


def undo_override(actor: Actor, override_id: int, *, now: datetime) -> OverrideRow:
    """End a change at once; PermissionDenied, LookupError when there is none."""
    return changes.undo(actor, override_id, now=now)


def objectives(surface: str = "", *, now: datetime) -> Objectives:
    """Return what lists strive for, of everyone, on a surface or where nothing else is said."""
    return striving.current(surface, now=now)


def objective_changes(state: str = "", *, now: datetime) -> tuple[ObjectiveRow, ...]:
    """Return who changed what lists strive for: what is "waiting", "active", "ended", or all."""
    return striving.listed(state, now=now)


def may_set_objectives(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles decides what lists strive for."""
    return striving.may_change(roles)


def may_ask_for_objectives(roles: Collection[str]) -> bool:
    """Say whether somebody with these roles may ask for other weights."""
    return striving.may_ask(roles)


def check_objectives(actor: Actor, aim: Aim, *, reason: str, now: datetime) -> tuple[str, ...]:
    """Return what of weights needs a second person, in words; raises as `set_objectives` does."""
    striving.check_aim(actor, aim, reason=reason, now=now)
    return striving.beyond(actor, aim, now=now)


def set_objectives(actor: Actor, aim: Aim, *, reason: str, now: datetime) -> ObjectiveRow:
    """Change what lists strive for until an end, or ask for it beyond the own limits.

    Raises PermissionDenied, ValidationError below the floor.
    """
    return striving.change(actor, aim, reason=reason, now=now)


def approve_objectives(
    actor: Actor, objective_id: int, *, reason: str = "", now: datetime
) -> ObjectiveRow:
    """Put what waits in force as a second person; PermissionDenied, ValidationError, LookupError.

    Nobody approves what they asked for.
    """
    return striving.approve(actor, objective_id, reason=reason, now=now)


def refuse_objectives(
    actor: Actor, objective_id: int, *, reason: str, now: datetime
) -> ObjectiveRow:
    """Refuse what waits, with a reason; raises what `approve_objectives` raises."""
    return striving.refuse(actor, objective_id, reason=reason, now=now)


def undo_objectives(actor: Actor, objective_id: int, *, now: datetime) -> ObjectiveRow:
    """End a change at once: what was before is in force again; PermissionDenied, LookupError."""
    return striving.undo(actor, objective_id, now=now)


def objective_examples() -> tuple[tuple[str, str], ...]:
    """Return whom lists can be foreseen for: (key, words)."""
    return foresight.examples()


def foresee_objectives(aim: Aim, *, example: str = "", now: datetime) -> Foreseen:
    """Return lists before and after weights that are not put in force; ValidationError."""
    return foresight.foresee(aim, example=example, now=now)


def approve_override(
    actor: Actor, override_id: int, *, reason: str = "", now: datetime
) -> OverrideRow:
    """Put what waits in force as a second person; PermissionDenied, ValidationError, LookupError.

    Nobody approves what they asked for.
    """
    return changes.approve(actor, override_id, reason=reason, now=now)


def refuse_override(actor: Actor, override_id: int, *, reason: str, now: datetime) -> OverrideRow:
    """Refuse what waits, with a reason; raises what `approve_override` raises."""
    return changes.refuse(actor, override_id, reason=reason, now=now)


def override_beyond(actor: Actor, new: NewOverride, *, now: datetime) -> tuple[str, ...]:
    """Return what of a change needs a second person, in words; empty: nothing."""
    return changes.beyond(actor, new, now=now)


def override_cohorts() -> tuple[str, ...]:
    """Return whom a change can be for: "" is everyone."""
    return cohorts.all_of([field for field, _n in catalogue.fields() if field])


def override_limits(roles: Collection[str]) -> OverrideLimits:
    """Return how far somebody with these roles may change single courses."""
    return authority.limits(roles)


def overrides_in(state: str = "active", *, now: datetime) -> tuple[OverrideRow, ...]:
    """Return changes that are "active" (planned ones too), "waiting", both ("open") or "ended"."""
    return changes.listed(state, now=now)


def preview_override(
    new: NewOverride, *, learner: str = "", goal: str = "", surface: str = "home", now: datetime
) -> Preview:
    """Return a list before and after a change, for a learner or for somebody new with a goal.

    learner is an external id; goal a field of the catalogue, "" the field of the course.
    """
    return preview.preview(new, learner=learner, goal=goal, surface=surface, now=now)
