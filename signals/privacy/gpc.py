"""L1: does this browser send Global Privacy Control? Then it is honoured for the learner's account.

The header is a browser's: it is read for sessions and for tokens of browsers, and never on a
source's key, whose requests are about many learners and come from a server.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse

from signals.clock import now
from signals.data import SESSION_GPC
from signals.privacy import consent, gate

HEADER = "Sec-GPC"

Answer = Callable[[HttpRequest], HttpResponse]


def asked(request: HttpRequest) -> bool:
    """Say whether the browser asks for it."""
    return request.headers.get(HEADER) == "1"


def honour(learner_id: int, *, at: datetime) -> None:
    """Store it for the account. Raises django.db.Error: then nothing of tier 2 may be taken.

    An erasure takes the gate before any row of a learner; so does who writes here, or each could
    hold what the other waits for.
    """
    if consent.honours_gpc(learner_id):
        return
    with transaction.atomic():
        gate.hold_off()
        consent.honour_gpc(learner_id, now=at)


def withdraw(learner_id: int, *, at: datetime) -> None:
    """Let a learner choose themselves again; what it switched off stays off until they do.

    Raises ErasedLearnerError for who is gone.
    """
    with transaction.atomic():
        gate.require_here(learner_id)
        consent.withdraw_gpc(learner_id, now=at)


class PrivacyControl:
    """Middleware: honours the header of a signed-in learner, once a session, before any view."""

    def __init__(self, get_response: Answer) -> None:
        """Wrap what answers."""
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as usual."""
        if asked(request) and "Authorization" not in request.headers:
            self._honour(request)
        return self._answer(request)

    def _honour(self, request: HttpRequest) -> None:
        try:
            learner_id = getattr(request.user, "learner_id", None)
            if learner_id is None or request.session.get(SESSION_GPC):
                return
            honour(learner_id, at=now())
        except Error:
            return  # nothing can be written of tiers 2 and 3 either; the next request tries again
        request.session[SESSION_GPC] = True
