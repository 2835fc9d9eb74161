"""Who may open which page of the tower, and who may change what? One function per decision.

Roles are Django groups of these names; a superuser is an admin. Limits of an action live where
the action lives (`personalize.api.override_limits`); this file only asks. Every URL of the tower
has a permission test by role.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth import logout
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRefresh

from controltower.second_step import missing
from controltower.sessions import held_to_staff
from experiments.api import may_decide
from personalize import api as personalize
from personalize.api import (
    may_set_agents,
    may_set_objectives,
    may_set_reminders,
    may_take_drift,
    override_limits,
)
from signals import api as signals
from signals.api import Account
from signals.data import Actor, ActorKind

Params = ParamSpec("Params")
LANGUAGE = "en"
Decision = Callable[[frozenset[str]], bool]


class Role(StrEnum):
    """What a member of staff is here for."""

    ADMIN = "admin"
    MERCHANDISER = "merchandiser"  # changes lists, within limits
    ANALYST = "analyst"
    EXPERIMENTER = "experimenter"  # plans and reads experiments
    CREATOR = "creator"
    PRIVACY = "privacy"


ROLE_TITLES = {  # the first that somebody has is shown
    Role.ADMIN: gettext_lazy("Administrator"),
    Role.MERCHANDISER: gettext_lazy("Merchandiser"),
    Role.EXPERIMENTER: gettext_lazy("Experimenter"),
    Role.ANALYST: gettext_lazy("Analyst"),
    Role.PRIVACY: gettext_lazy("Privacy officer"),
    Role.CREATOR: gettext_lazy("Course creator"),
}


def roles_of(user: AbstractBaseUser | AnonymousUser) -> frozenset[str]:
    """Return the roles of somebody signed in, read once a request; none for learners."""
    if not isinstance(user, Account) or not user.is_active:
        return frozenset()
    prefetch_related_objects([user], "groups")
    names = frozenset(group.name for group in user.groups.all()) & frozenset(Role)
    return names | {Role.ADMIN} if user.is_superuser else names


def actor_of(request: HttpRequest) -> Actor:
    """Return the person who asks as the ledger names them."""
    name = request.user.get_username()
    return Actor(ActorKind.STAFF, name, roles_of(request.user), account_id=request.user.pk)


def works_here(roles: frozenset[str]) -> bool:
    """Has any role at all: their own sign-in is theirs to secure."""
    return bool(roles)


def may_see_overview(roles: frozenset[str]) -> bool:
    """Numbers of all learners together: everyone at the controls."""
    return bool(
        roles & {Role.ADMIN, Role.MERCHANDISER, Role.ANALYST, Role.EXPERIMENTER, Role.PRIVACY}
    )


def may_see_models(roles: frozenset[str]) -> bool:
    """Versions, gates and metrics."""
    return bool(roles & {Role.ADMIN, Role.ANALYST, Role.EXPERIMENTER})


def may_trace_lists(roles: frozenset[str]) -> bool:
    """One list of one learner with all it was made from: who must account for it."""
    return bool(roles & {Role.ADMIN, Role.PRIVACY})


def may_roll_back_models(roles: frozenset[str]) -> bool:
    """Put an earlier version in service."""
    return Role.ADMIN in roles


def may_set_targets(roles: frozenset[str]) -> bool:
    """Say what is wanted of a figure of models, and who answers for it."""
    return Role.ADMIN in roles


def may_take_alerts(roles: frozenset[str]) -> bool:
    """Become the owner of an alert of drift."""
    return may_take_drift(roles)


def may_see_experiments(roles: frozenset[str]) -> bool:
    """Read-outs."""
    return bool(roles & {Role.ADMIN, Role.ANALYST, Role.EXPERIMENTER})


def may_run_experiments(roles: frozenset[str]) -> bool:
    """Plan, approve, start, stop and decide; who may stand in for whom, the steps say."""
    return may_decide(roles)


def may_see_quality(roles: frozenset[str]) -> bool:
    """The signal audit: counts of all learners together, by rule and source."""
    return bool(roles & {Role.ADMIN, Role.ANALYST, Role.EXPERIMENTER, Role.PRIVACY})


def may_see_sources(roles: frozenset[str]) -> bool:
    """How fresh and complete each source is, and who answers for it."""
    return bool(roles & {Role.ADMIN, Role.ANALYST, Role.EXPERIMENTER, Role.PRIVACY})


def may_change_sources(roles: frozenset[str]) -> bool:
    """Say what is expected of a source."""
    return signals.may_set_objectives(roles)


def may_change_verbs(roles: frozenset[str]) -> bool:
    """Say which kind of event a verb of xAPI is."""
    return signals.may_change_verbs(roles)


def may_see_privacy(roles: frozenset[str]) -> bool:
    """Requests of learners, retention, and the registry of processing."""
    return bool(roles & {Role.ADMIN, Role.PRIVACY})


def may_see_overrides(roles: frozenset[str]) -> bool:
    """Active and ended boosts and suppressions, and the preview."""
    return bool(roles & {Role.ADMIN, Role.MERCHANDISER, Role.ANALYST})


def may_change_overrides(roles: frozenset[str]) -> bool:
    """Boost, lower, pin, hide and undo; which of them and how far, the limits say."""
    return bool(override_limits(roles).changes)


def may_approve_overrides(roles: frozenset[str]) -> bool:
    """Be the second person of a change that is beyond somebody's limits, never of one's own."""
    return override_limits(roles).approves


def may_see_objectives(roles: frozenset[str]) -> bool:
    """What lists strive for, who decided it, and what other weights would change."""
    return bool(roles & {Role.ADMIN, Role.MERCHANDISER, Role.ANALYST})


def may_ask_for_objectives(roles: frozenset[str]) -> bool:
    """Put weights in force alone or with a second person, and withdraw what they asked for."""
    return personalize.may_ask_for_objectives(roles)


def may_change_objectives(roles: frozenset[str]) -> bool:
    """Put other weights in force, and undo that."""
    return may_set_objectives(roles)


def may_see_reminders(roles: frozenset[str]) -> bool:
    """How many reminders there were, of all learners together, and one of a made learner."""
    return bool(roles & {Role.ADMIN, Role.ANALYST, Role.PRIVACY})


def may_change_reminders(roles: frozenset[str]) -> bool:
    """Say how many reminders anybody gets at most, and stop them all."""
    return may_set_reminders(roles)


def may_see_agents(roles: frozenset[str]) -> bool:
    """Which language model each agent uses, where it stands, and what all its calls cost."""
    return bool(roles & {Role.ADMIN, Role.ANALYST, Role.PRIVACY})


def may_change_agents(roles: frozenset[str]) -> bool:
    """Choose a language model, say what it may cost, and switch an agent off."""
    return may_set_agents(roles)


def may_see_campaigns(roles: frozenset[str]) -> bool:
    """Groups that stand still, what is said to them, and whether it helped; of twenty and more."""
    return bool(roles & {Role.ADMIN, Role.ANALYST, Role.PRIVACY})


def may_see_register(roles: frozenset[str]) -> bool:
    """Which features there are, how risky, who answers for them; who may change it, it says."""
    return bool(roles & {Role.ADMIN, Role.ANALYST, Role.PRIVACY})


def may_see_fairness(roles: frozenset[str]) -> bool:
    """How each kind of learner is served beside all others."""
    return bool(roles & {Role.ADMIN, Role.ANALYST, Role.PRIVACY})


def may_see_ledger(roles: frozenset[str]) -> bool:
    """Who changed what."""
    return bool(roles & {Role.ADMIN, Role.PRIVACY})


def may_see_metadata(roles: frozenset[str]) -> bool:
    """What is proposed of courses, what speaks for it, and who decided."""
    return bool(roles & {Role.ADMIN, Role.ANALYST, Role.CREATOR})


def may_decide_metadata(roles: frozenset[str]) -> bool:
    """Accept, reject and undo proposals for courses."""
    return personalize.may_decide_metadata(roles)


def may_see_demand(roles: frozenset[str]) -> bool:
    """What learners look for and do not find."""
    return bool(roles & {Role.ADMIN, Role.MERCHANDISER, Role.ANALYST, Role.CREATOR})


def may_see_desk(roles: frozenset[str]) -> bool:
    """Any page of the creators' desk."""
    return may_see_demand(roles) or may_see_metadata(roles)


def may_write_briefs(roles: frozenset[str]) -> bool:
    """Write a brief for a topic, review it, claim it, name the course that answers it."""
    return personalize.may_write_briefs(roles)


def may_silence_alerts(roles: frozenset[str]) -> bool:
    """Let an alert send nothing more for a while."""
    return bool(roles & {Role.ADMIN, Role.ANALYST})


def may_set_key_targets(roles: frozenset[str]) -> bool:
    """Say what is wanted of a key figure, and who answers for it."""
    return Role.ADMIN in roles


PAGES: Mapping[str, Decision] = {
    "overview": may_see_overview,
    "charts": may_see_overview,
    "alerts": may_see_overview,
    "models": may_see_models,
    "quality": may_see_quality,
    "sources": may_see_sources,
    "boosts": may_see_overrides,
    "objectives": may_see_objectives,
    "experiments": may_see_experiments,
    "review": may_see_experiments,
    "nudges": may_see_reminders,
    "campaigns": may_see_campaigns,
    "agents": may_see_agents,
    "gaps": may_see_demand,
    "briefs": may_see_demand,
    "insights": may_see_demand,
    "register": may_see_register,
    "fairness": may_see_fairness,
    "metadata": may_see_metadata,
    "privacy": may_see_privacy,
    "ledger": may_see_ledger,
}


DESK = ("gaps", "briefs", "insights", "metadata")  # pages of creators, the first one first


def pages_of(roles: frozenset[str]) -> frozenset[str]:
    """Return the keys of the pages these roles may open."""
    return frozenset(page for page, decision in PAGES.items() if decision(roles))


def role_title(roles: frozenset[str]) -> str:
    """Return the foremost role in words; empty for learners."""
    return next((str(title) for role, title in ROLE_TITLES.items() if role in roles), "")


def whose_pages(request: HttpRequest) -> dict[str, object]:
    """Tell every template which pages of the tower this person may open, and in which role.

    A context processor; nothing is read until a template asks.
    """
    user = getattr(request, "user", None) or AnonymousUser()
    return {
        "pages": SimpleLazyObject(lambda: pages_of(roles_of(user))),
        "role": SimpleLazyObject(lambda: role_title(roles_of(user))),
    }


def requires(
    decision: Decision, *, second_step: bool = True
) -> Callable[
    [Callable[Concatenate[HttpRequest, Params], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, Params], HttpResponseBase],
]:
    """Open a view to those the decision allows: guests sign in, everybody else gets 403.

    Who has or needs a second step takes it first; the pages where that is done ask for none.
    It is in English, whatever a browser asks for: half translated would be worse.
    """

    def wrap(
        view: Callable[Concatenate[HttpRequest, Params], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, Params], HttpResponseBase]:
        @wraps(view)
        def opened(
            request: HttpRequest, /, *args: Params.args, **kwargs: Params.kwargs
        ) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            roles = roles_of(request.user)
            if not decision(roles):
                raise PermissionDenied
            if not held_to_staff(request):
                logout(request)
                return _to_sign_in(request)
            if second_step and (first := missing(request, roles)) is not None:
                return first
            with translation.override(LANGUAGE):
                answer = view(request, *args, **kwargs)
            answer.headers["Content-Language"] = LANGUAGE
            return answer

        return opened

    return wrap


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Lead to the sign-in; a part of a page has its whole page do that."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRefresh()
    return redirect_to_login(request.get_full_path())
