"""Who may open which page of the tower, and who may change what? One function per decision.

Roles are Django groups of these names; a superuser is an admin. Every URL of the tower has a
permission test by role.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec, TypeGuard

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from signals.api import Account
from signals.data import Actor, ActorKind

Params = ParamSpec("Params")
Decision = Callable[[frozenset[str]], bool]


class Role(StrEnum):
    """What a member of staff is here for."""

    ADMIN = "admin"
    ANALYST = "analyst"
    CREATOR = "creator"
    PRIVACY = "privacy"


# The furthest each role may push a course without a second person.
STRENGTH_LIMIT = {Role.ADMIN: 0.5, Role.ANALYST: 0.2}


def roles_of(user: Account | AnonymousUser) -> frozenset[str]:
    """Return the roles of a signed-in person; empty for learners and guests."""
    if not is_account(user) or not user.is_active:
        return frozenset()
    names = frozenset(user.groups.values_list("name", flat=True)) & frozenset(Role)
    return names | {Role.ADMIN} if user.is_superuser else names


def is_account(user: Account | AnonymousUser) -> TypeGuard[Account]:
    """Say whether somebody is signed in."""
    return user.is_authenticated


def actor_of(user: Account, roles: frozenset[str]) -> Actor:
    """Return the person as the ledger names them."""
    return Actor(kind=ActorKind.STAFF, name=user.get_username(), roles=roles)


def may_see_overview(roles: frozenset[str]) -> bool:
    """Numbers of all learners together: everyone at the controls."""
    return bool(roles & {Role.ADMIN, Role.ANALYST, Role.PRIVACY})


def may_see_models(roles: frozenset[str]) -> bool:
    """Versions, gates and metrics."""
    return bool(roles & {Role.ADMIN, Role.ANALYST})


def may_roll_back_models(roles: frozenset[str]) -> bool:
    """Put an earlier version in service."""
    return Role.ADMIN in roles


def may_see_experiments(roles: frozenset[str]) -> bool:
    """Read-outs."""
    return bool(roles & {Role.ADMIN, Role.ANALYST})


def may_see_overrides(roles: frozenset[str]) -> bool:
    """Active and ended boosts and suppressions, and the preview."""
    return bool(roles & {Role.ADMIN, Role.ANALYST})


def may_change_overrides(roles: frozenset[str]) -> bool:
    """Boost, lower, pin, hide and undo; how far is STRENGTH_LIMIT."""
    return bool(roles & set(STRENGTH_LIMIT))


def may_pin_or_hide(roles: frozenset[str]) -> bool:
    """Fix a course to the top or take it out for everybody."""
    return Role.ADMIN in roles


def may_see_ledger(roles: frozenset[str]) -> bool:
    """Who changed what."""
    return bool(roles & {Role.ADMIN, Role.PRIVACY})


def may_see_demand(roles: frozenset[str]) -> bool:
    """What learners look for and do not find."""
    return bool(roles & {Role.ADMIN, Role.ANALYST, Role.CREATOR})


def strength_limit(roles: frozenset[str]) -> float:
    """Return the greatest strength these roles may give, 0 for none."""
    return max((STRENGTH_LIMIT[Role(role)] for role in roles if role in STRENGTH_LIMIT), default=0.0)


def requires(
    decision: Decision,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Params], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, Params], HttpResponseBase],
]:
    """Open a view to those the decision allows: guests sign in, everybody else gets 403."""

    def wrap(
        view: Callable[Concatenate[HttpRequest, Params], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, Params], HttpResponseBase]:
        @wraps(view)
        def opened(
            request: HttpRequest, /, *args: Params.args, **kwargs: Params.kwargs
        ) -> HttpResponseBase:
            if not is_account(request.user):
                return redirect_to_login(request.get_full_path())
            if not decision(roles_of(request.user)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return opened

    return wrap
