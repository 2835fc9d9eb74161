"""Who asks over REST, and for whom may they? (L5) A source's key, or a learner's own session."""

from dataclasses import dataclass
from datetime import datetime

from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from personalize.decision import snapshot, upkeep
from personalize.experience.people import learner_of
from personalize.experience.problems import Problem
from signals import api as signals
from signals.data import SourceKey

SCHEME = "Bearer "
RECOMMEND, FEEDBACK = "recommend", "feedback"  # scopes: to read lists, to change what comes next


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: a source for any of its learners, or one learner for themselves."""

    source: SourceKey | None
    learner_id: int | None


def visitor(request: HttpRequest, *, scope: str, now: datetime) -> Visitor:
    """Return who asks; a Problem when nobody may."""
    if "Authorization" not in request.headers:
        return Visitor(source=None, learner_id=_by_session(request))
    return Visitor(source=source_with(request, scope=scope, now=now), learner_id=None)


def source_with(request: HttpRequest, *, scope: str, now: datetime) -> SourceKey:
    """Return the source whose key a request carries; a Problem when the key may not do this."""
    header = request.headers.get("Authorization", "")
    if not header.startswith(SCHEME):
        raise _unauthenticated("Send Authorization: Bearer with a key of your source.")
    key = header.removeprefix(SCHEME).strip()
    if upkeep.away():  # found out a moment ago: who asks now need not wait for it again
        signals.spare_database()
    source = _looked_up(key, scope=scope, now=now)
    if source is None:
        raise _unauthenticated(
            f"The key is unknown, revoked, expired or lacks the scope {scope}. Ask for a new one."
        )
    return source


def _looked_up(key: str, *, scope: str, now: datetime) -> SourceKey | None:
    try:
        return signals.authenticate(key, scope=scope, now=now)
    except (OperationalError, InterfaceError) as error:  # away; any other failure is no reason
        upkeep.database_failed(error)
        kept = snapshot.read()
        if kept is None or not kept.keys_hold:
            raise Problem(
                503,
                "Not ready",
                "Keys cannot be checked while the database is away. Ask again.",
                retry_after_s=2,
            ) from error
        return kept.authenticate(key, scope=scope, now=now)


def _by_session(request: HttpRequest) -> int:
    try:
        learner = learner_of(request)  # from the session while the database is away
    except Error as error:
        raise Problem(
            503, "Not ready", "Sessions cannot be read just now. Ask again.", retry_after_s=2
        ) from error
    if learner is None:
        raise _unauthenticated("Send Authorization: Bearer with a key, or sign in as a learner.")
    if request.method == "POST":
        _require_own_page(request)
    return learner.learner_id


def _require_own_page(request: HttpRequest) -> None:
    """Refuse a POST that another site's page made with the learner's cookie."""

    def unreachable(_request: HttpRequest) -> HttpResponse:
        raise AssertionError("the check answers before any view")

    check = CsrfViewMiddleware(unreachable)
    check.process_request(request)
    if check.process_view(request, unreachable, (), {}) is not None:
        raise Problem(
            403, "Not allowed", "Send the CSRF token of the page in the header X-CSRFToken."
        )


def _unauthenticated(detail: str) -> Problem:
    return Problem(401, "Not authenticated", detail)
