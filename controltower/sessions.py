"""How long does a sign-in hold? Shorter for people at the controls, and never without an end.

What a session began with, when it was last used and when its person last proved who they are are
kept in it as seconds. A page that asks by itself every ten seconds is nobody's use of it: it does
not keep a session open that somebody left. A session that says nothing of when it began is over.
"""

from collections.abc import Callable
from time import time

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from signals.data import SESSION_PROVED

BEGAN, SEEN, STAFF = "began_at", "seen_at", "of_staff"
NOT_USE = frozenset({"tower:live"})  # asked by the page itself
NOTED_EACH = 20  # parts of the idle time: how exactly the last use is known

Answer = Callable[[HttpRequest], HttpResponseBase]


class SessionLimits:
    """Middleware after authentication: ends what was left, or lasted, too long."""

    def __init__(self, get_response: Answer) -> None:
        """Wrap what answers."""
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Sign out where the time is over."""
        if SESSION_KEY in request.session and is_over(request, time()):
            logout(request)
        return self._answer(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        """Note that somebody used the session, where they did."""
        match = request.resolver_match
        if SESSION_KEY in request.session and match and match.view_name not in NOT_USE:
            _note(request, time())


def is_over(request: HttpRequest, at: float) -> bool:
    """Say whether a session was left, or lasted, longer than is allowed."""
    began, seen = request.session.get(BEGAN), request.session.get(SEEN)
    if not isinstance(began, int | float) or not isinstance(seen, int | float):
        return True
    idle, whole = limits(of_staff=bool(request.session.get(STAFF, True)))
    return at - seen > idle or at - began > whole


def limits(*, of_staff: bool) -> tuple[float, float]:
    """Return for how many seconds a session may be left, and may last."""
    if of_staff:
        return settings.STAFF_IDLE_MINUTES * 60, settings.STAFF_SESSION_HOURS * 3600
    return settings.LEARNER_IDLE_DAYS * 86_400, settings.LEARNER_SESSION_DAYS * 86_400


def held_to_staff(request: HttpRequest) -> bool:
    """Hold a session to the limits of staff from now on; False where it is over by them.

    Somebody may be given a role while they are signed in.
    """
    if not request.session.get(STAFF, False):
        request.session[STAFF] = True
        return not is_over(request, time())
    return True


def _note(request: HttpRequest, at: float) -> None:
    idle, _ = limits(of_staff=bool(request.session.get(STAFF, True)))
    if at - request.session[SEEN] > idle / NOTED_EACH:
        request.session[SEEN] = at


def _begin(sender: object, request: HttpRequest, user: object, **_: object) -> None:
    at = time()
    request.session.update({BEGAN: at, SEEN: at, SESSION_PROVED: at, STAFF: _works_here(user)})


def _works_here(user: object) -> bool:
    power = getattr(user, "is_superuser", False) or getattr(user, "is_staff", False)
    groups = getattr(user, "groups", None)
    return bool(power or (groups is not None and groups.exists()))


def register() -> None:
    """Stamp every session with when it began."""
    user_logged_in.connect(_begin, dispatch_uid="controltower.sessions")
