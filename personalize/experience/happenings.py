"""What do our own pages tell capture? (L5) The same events a learning platform would send."""

from collections.abc import Mapping
from uuid import UUID, uuid5

from django.db import DatabaseError, transaction
from django.http import HttpRequest

from personalize.data import Recommendation
from personalize.decision import feedback
from personalize.experience.people import Learner
from signals import api as signals
from signals.clock import now
from signals.data import BatchResult, NewEvent

CLICKS_KEPT = 50  # clicks a session remembers, so that a reload is not a second one
SESSION_CLICKS = "clicks"
OWN_SITES = frozenset({"same-origin", "none"})
REFERRERS = frozenset({"home", "search", "explore", "path", "nudge"})
_SPACE = UUID("6f1c6a0e-4f0d-4c53-9f3c-3d5a2b8f1c77")


def asked_for(request: HttpRequest) -> bool:
    """Say whether a person asked for this page; a browser also fetches ahead, by itself."""
    ahead = request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or ""
    return "prefetch" not in ahead


def asked_for_here(request: HttpRequest) -> bool:
    """Say whether they asked from our own pages or by hand: another site must not write for them.

    Browsers that do not say where a request comes from are taken at their word.
    """
    return asked_for(request) and request.headers.get("Sec-Fetch-Site", "none") in OWN_SITES


def record(
    learner: Learner,
    kind: str,
    *,
    course_id: int | None = None,
    module_id: int | None = None,
    value: float | None = None,
    context: Mapping[str, object] | None = None,
) -> BatchResult:
    """Record what a learner did; it is stored when this returns. Raises django.db.Error."""
    moment = now()
    event = NewEvent(
        kind=kind,
        learner_id=learner.learner_id,
        occurred_at=moment,
        course_id=course_id,
        module_id=module_id,
        value=value,
        context=context,
    )
    return signals.record([event], now=moment, crawler=learner.by_crawler)


def notice(learner: Learner, kind: str, **what: object) -> bool:
    """Record what a page merely notices; say whether it was kept. A page never fails over it."""
    try:
        with transaction.atomic():
            return record(learner, kind, **what).accepted > 0  # type: ignore[arg-type]
    except DatabaseError:
        return False


def shown(request: HttpRequest, learner: Learner, answer: Recommendation) -> None:
    """Record that a list was shown: one event a list. It is seen wherever the way here began."""
    if asked_for(request) and answer.items and answer.learner_id == learner.learner_id:
        notice(learner, "rec.shown", context={"request_id": str(answer.request_id)})


def clicked(request: HttpRequest, learner: Learner, *, request_id: UUID, course_id: int) -> None:
    """Record that a shown course was opened, once a session, if it was shown to this learner."""
    if not asked_for(request):
        return
    mark = str(uuid5(_SPACE, f"{request_id}/{course_id}"))
    clicks = list(request.session.get(SESSION_CLICKS, []))
    if mark in clicks:
        return
    request.session[SESSION_CLICKS] = [*clicks, mark][-CLICKS_KEPT:]
    notice(learner, "rec.clicked", course_id=course_id, context={"request_id": str(request_id)})


def from_pick(request: HttpRequest, learner: Learner | None, course_id: int) -> UUID | None:
    """Return the request that led here, where it showed this course to this learner."""
    said = request.GET.get("from") or request.POST.get("from")
    if learner is None or not said:
        return None
    try:
        request_id = UUID(said)
        feedback.require_shown(learner.learner_id, request_id=request_id, course_id=course_id)
    except (ValueError, feedback.NotShownError, DatabaseError):
        return None
    return request_id


def referrer(request: HttpRequest, *, picked: bool) -> str:
    """Return where the learner came from, in the words of the contract."""
    said = request.GET.get("referrer", "")
    if said in REFERRERS:
        return said
    return "home" if picked else "other"
