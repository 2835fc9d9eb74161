"""Who is looking at a page? (L5) A learner, somebody from staff, or a guest; also when the
database is away.

Whose a session is, is kept in it, and their name sealed: it lives in the cache and is deleted at
sign-out, so a page can still be shown without the database. One that was ended from elsewhere stays
there, and the cache knows that it names nobody any more (signals.privacy.standing).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from personalize.decision import upkeep
from signals import api as signals
from signals.api import sign_in
from signals.data import SESSION_LEARNER, Actor, ActorKind

SESSION_NAME = "learner_name"

Params = ParamSpec("Params")


@dataclass(frozen=True, slots=True)
class Learner:
    """A signed-in learner."""

    learner_id: int
    name: str
    by_crawler: bool = False  # the request came with the user agent of a program

    @property
    def actor(self) -> Actor:
        """Return the learner as the ledger names them: by number, never by name."""
        return Actor(kind=ActorKind.LEARNER, name=str(self.learner_id))


def learner_of(request: HttpRequest) -> Learner | None:
    """Return the signed-in learner; None for guests and for accounts that learn nothing."""
    if upkeep.away():  # found out a moment ago: who asks now need not wait for it again
        return _from_session(request)
    try:
        account = request.user
        if not account.is_authenticated or account.learner_id is None:
            return None
        sign_in.refresh_standing(account)
        name = account.first_name or account.username
        return Learner(account.learner_id, name, by_crawler=_by_crawler(request))
    except (OperationalError, InterfaceError) as error:  # away; any other failure is no reason
        upkeep.database_failed(error)
        return _from_session(request)


def keep_in_session(request: HttpRequest) -> None:
    """Keep who this is for pages shown while the database is away; called at sign-in."""
    learner = learner_of(request)
    if learner is not None:
        request.session[SESSION_LEARNER] = learner.learner_id
        request.session[SESSION_NAME] = signals.seal_name(learner.learner_id, learner.name)


def learners_only(
    view: Callable[Concatenate[HttpRequest, Learner, Params], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, Params], HttpResponseBase]:
    """Open a view to learners: guests sign in, others explore; what changes is refused to them."""

    @wraps(view)
    def opened(
        request: HttpRequest, /, *args: Params.args, **kwargs: Params.kwargs
    ) -> HttpResponseBase:
        learner = learner_of(request)
        if learner is not None:
            try:
                return view(request, learner, *args, **kwargs)
            except signals.ErasedLearnerError:  # while this page was at work
                logout(request)
                return redirect("experience:explore")
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if request.method != "GET":
            raise PermissionDenied
        return redirect(reverse("experience:explore"))

    return opened


def _from_session(request: HttpRequest) -> Learner | None:
    """Return the learner the session names, and let templates greet them without a query."""
    learner_id = sign_in.learner_by_session(request.session)
    if learner_id is None:
        request.user = AnonymousUser()
        return None
    name = signals.open_name(learner_id, str(request.session.get(SESSION_NAME, "")))
    request.user = signals.Account(pk=0, username=name, learner_id=learner_id)
    return Learner(learner_id, name, by_crawler=_by_crawler(request))


def _by_crawler(request: HttpRequest) -> bool:
    return signals.is_crawler(request.headers.get("User-Agent", ""))
