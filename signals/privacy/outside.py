"""L1: which account does somebody have who signs in at an OpenID provider?

A learner is known by the platform's own id, which the provider tells; staff by issuer and subject.
Never by a name or an address: whoever could choose those would choose whose account they get. An
account with roles given here is nobody's by the word of a provider. What a provider says of roles
holds as a whole: one it does not name any more is taken away at the next sign-in.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction

from signals import ledger, sealing
from signals.data import SYSTEM
from signals.models import Account, OutsideIdentity
from signals.privacy import identity

NAME_LONGEST = 120  # with a few characters more it is still a user name


class Refusal(StrEnum):
    """Why somebody a provider vouches for has no way in."""

    NOBODY = "nobody"  # neither a learner nor a role
    ERASED = "erased"  # this learner asked to be erased
    TAKEN = "taken"  # the account is another's, or has roles that were given here
    CLOSED = "closed"  # the account was closed


class OutsideRefusedError(Exception):
    """The provider's word opens no account."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider says of somebody, after it was checked."""

    issuer: str
    subject: str
    learner: str = ""  # the platform's id; empty where they are no learner
    roles: frozenset[str] = frozenset()
    name: str = ""  # they would like to be signed in as
    first_name: str = ""
    second_step: bool = False  # asked there


def account_told(told: Told, *, now: datetime) -> Account:
    """Return the account of somebody, made where there is none, with the roles told.

    Raises OutsideRefusedError. Roles that change are an entry of the ledger.
    """
    with transaction.atomic():
        learner_id = _learner(told, now=now)
        lookup = sealing.outside_name(told.issuer, told.subject)
        known = (
            OutsideIdentity.objects.select_for_update()
            .select_related("account")
            .filter(lookup=lookup)
            .first()
        )
        if learner_id is None and not told.roles and known is None:
            raise OutsideRefusedError(Refusal.NOBODY)
        account = known.account if known else _of_learner(learner_id) or _made(told, learner_id)
        if known is not None:
            _keep_learner(account, learner_id)
        if not account.is_active:
            raise OutsideRefusedError(Refusal.CLOSED)
        if known is None and told.roles:
            OutsideIdentity.objects.create(lookup=lookup, account=account, created_at=now)
        if known is not None or told.roles:
            _set_roles(account, told.roles, now=now)
    if not told.roles and account.learner_id is None:  # after the roles are gone for good
        raise OutsideRefusedError(Refusal.NOBODY)
    return account


def roles_told(groups: Collection[str], mapping: dict[str, str]) -> frozenset[str]:
    """Return the roles of the groups a provider names; those it does not know give none."""
    return frozenset(mapping[group] for group in groups if group in mapping)


def _learner(told: Told, *, now: datetime) -> int | None:
    if not told.learner:
        return None
    try:
        return identity.ensure_learner(told.learner, now=now, kind="real")
    except identity.ErasedLearnerError as error:
        if told.roles:  # erased as a learner, and still of the staff
            return None
        raise OutsideRefusedError(Refusal.ERASED) from error


def _of_learner(learner_id: int | None) -> Account | None:
    """Return the account of a learner; one that has power given here is not handed out."""
    if learner_id is None:
        return None
    account = Account.objects.select_for_update().filter(learner_id=learner_id).first()
    if account is not None and (
        account.is_superuser or account.is_staff or account.groups.exists()
    ):
        raise OutsideRefusedError(Refusal.TAKEN)
    return account


def _keep_learner(account: Account, learner_id: int | None) -> None:
    """Hold an account known already to the learner it had, or give it its first."""
    if learner_id is None or account.learner_id == learner_id:
        return
    if account.learner_id is not None or Account.objects.filter(learner_id=learner_id).exists():
        raise OutsideRefusedError(Refusal.TAKEN)
    account.open_names()
    account.learner_id = learner_id
    account.save(update_fields=["learner"])


def _made(told: Told, learner_id: int | None) -> Account:
    account = Account(
        username=_free_name(told), first_name=told.first_name[:150], learner_id=learner_id
    )
    account.set_unusable_password()
    account.save()
    return account


def _free_name(told: Told) -> str:
    """Return the name asked for where it is a name and free, else one with a sign behind it."""
    sign = sealing.outside_name(told.issuer, told.subject).hex()
    name = Account.normalize_username(told.name[:NAME_LONGEST])
    try:
        Account.username_validator(name)
    except ValidationError:
        return f"member-{sign[:12]}"
    if Account.objects.filter(username=name).exists():
        return f"{name}-{sign[:12]}"
    return name


def _set_roles(account: Account, roles: frozenset[str], *, now: datetime) -> None:
    before = frozenset(account.groups.values_list("name", flat=True))
    if before == roles:
        return
    account.groups.set([Group.objects.get_or_create(name=role)[0] for role in sorted(roles)])
    ledger.append(
        actor=SYSTEM,
        action="roles.told",
        subject=f"account:{account.pk}",
        detail={"before": sorted(before), "after": sorted(roles)},
        now=now,
    )
