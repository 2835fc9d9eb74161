"""What may other apps ask about one learner, and set for them? (L1, L2)"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from signals.capture import groups
from signals.data import (
    Actor,
    Allowed,
    Derived,
    LearnerState,
    ModuleState,
    PastEvent,
    Purpose,
    Switches,
)
from signals.derive import features
from signals.privacy import accounts, consent, gate, gpc, identity, own, state


def find_learner(external_id: str) -> int | None:
    """Return the learner of an external id, None when unknown or erased."""
    return identity.find_learner(external_id)


def ensure_learner(external_id: str, *, now: datetime, kind: str = "real") -> int:
    """Return the learner of an external id, made when unknown; ErasedLearnerError when erased."""
    return identity.ensure_learner(external_id, now=now, kind=kind)


def external_id(learner_id: int) -> str | None:
    """Return the external id of a learner, unsealed; None when unknown or erased."""
    return identity.external_id(learner_id)


def seal_name(learner_id: int, name: str) -> str:
    """Return what a session may keep of a learner's name."""
    return accounts.seal_name(learner_id, name)


def open_name(learner_id: int, sealed: str) -> str:
    """Return a name `seal_name` closed; empty where it cannot be read any more, or now."""
    return accounts.open_name(learner_id, sealed)


def learner_state(
    learner_id: int | None = None, *, external_id: str | None = None, now: datetime
) -> LearnerState | None:
    """Return kind, consent and history of a learner in one statement; None when unknown.

    `now` bounds nothing yet stored later. Raises django.db.Error when the database is away.
    """
    return state.learner_state(learner_id, external_id=external_id)


def module_states(
    learner_id: int, *, course_ids: Collection[int] | None = None
) -> list[ModuleState]:
    """Return how far a learner is in each module touched, in one statement."""
    return state.module_states(learner_id, course_ids=course_ids)


def allowed(learner_id: int) -> Allowed:
    """Return what a learner's switches allow now; NOTHING for who is unknown."""
    return consent.allowed(learner_id)


def storing(learner_ids: Collection[int]) -> dict[int, Allowed]:
    """Return what these learners allow, who is erased left out, and hold erasures off.

    For rows decided earlier and stored now; inside the transaction that stores them.
    """
    return gate.storing(learner_ids)


def set_consent(
    learner_id: int, *, purpose: Purpose, granted: bool, via: str, actor: Actor, now: datetime
) -> Allowed:
    """Switch one purpose of a learner, with proof and ledger entry; return what is allowed now.

    Raises ErasedLearnerError for who is gone.
    """
    with transaction.atomic():
        gate.require_here(learner_id)
        return consent.set_consent(
            learner_id, purpose=purpose, granted=granted, via=via, actor=actor, now=now
        )


def honour_gpc(learner_id: int, *, now: datetime) -> Allowed:
    """Remember Global Privacy Control for the account: tiers 2 and 3 are off from now on."""
    gpc.honour(learner_id, at=now)
    return consent.allowed(learner_id)


def withdraw_gpc(learner_id: int, *, now: datetime) -> None:
    """Let a learner choose again what Global Privacy Control switched off; it stays off so far.

    Raises ErasedLearnerError for who is gone.
    """
    gpc.withdraw(learner_id, at=now)


def honours_gpc(learner_id: int) -> bool:
    """Say whether Global Privacy Control was seen on the account, so that a page can show it."""
    return consent.honours_gpc(learner_id)


def format_preference(learner_id: int) -> dict[str, float]:
    """Return shares that add up to 1: how a learner gets on in each format; empty without consent.

    Observed, and never a learning style: a small part of a ranking, and never a reason to withhold.
    """
    return features.format_preference(learner_id)


def set_groups(learner_id: int, groups_by_kind: Mapping[str, str], *, now: datetime) -> None:
    """Keep the groups of a learner by kind; "" takes them out of that kind's."""
    groups.set_groups(learner_id, groups_by_kind, now=now)


def groups_of(learner_id: int) -> dict[str, str]:
    """Return the groups of a learner by kind ("class", "cohort", ...); one statement."""
    return groups.groups_of(learner_id)


def switches(learner_id: int) -> Switches:
    """Return a learner's switches as they were set, their age band, and what follows."""
    return own.switches(learner_id)


def set_age_band(learner_id: int, band: str, *, actor: Actor, now: datetime) -> Allowed:
    """Keep an age band; PermissionError where a learner says they are older than was said.

    Raises ErasedLearnerError for who is gone.
    """
    with transaction.atomic():
        gate.require_here(learner_id)
        return consent.set_age_band(learner_id, band, actor=actor, now=now)


def history(
    learner_id: int, *, limit: int = 20, before: tuple[datetime, UUID] | None = None
) -> tuple[PastEvent, ...]:
    """Return what is kept of what a learner did, newest first; `before` pages on."""
    return own.history(learner_id, limit=limit, before=before)


def derived(learner_id: int) -> Derived | None:
    """Return what was computed about a learner; None where nothing is or may be."""
    return features.derived(learner_id)
