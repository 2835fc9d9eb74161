"""Is this process alive, can it answer, and how does it do? (L5) For load balancers, operators."""

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from personalize.decision import upkeep
from personalize.experience.doors import source_with
from personalize.experience.problems import Problem
from signals import api as signals
from signals.clock import now

SCOPE = "metrics"
OF_SOURCES = {
    "silent": "1 where nothing came for longer than was promised, or than is usual",
    "incomplete": "1 where fewer events of a week were complete than was promised",
    "newest_event_age_seconds": "How long ago the newest event came",
}
THIS_MACHINE = frozenset({"127.0.0.1", "::1"})


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer while the process runs."""
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 where recommendations can be given, with the database or from the snapshot."""
    if not upkeep.ready():
        return JsonResponse(
            {
                "status": "not ready",
                "detail": "There is neither a database nor a snapshot of this node; see /healthz.",
            },
            status=503,
        )
    database = "answers" if upkeep.KNOWN.with_database else "away, serving from the snapshot"
    return JsonResponse({"status": "ready", "database": database})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with this process's counters: to a key with their scope, or locally this machine."""
    if not (settings.DEBUG and request.META["REMOTE_ADDR"] in THIS_MACHINE):
        try:
            source_with(request, scope=SCOPE, now=now())
        except Problem as problem:
            return problem.response()
    return HttpResponse(generate_latest() + _of_sources(), content_type=CONTENT_TYPE_LATEST)


def _of_sources() -> bytes:
    """Return how each source keeps what it promised; nothing while that cannot be read."""
    at = now()
    told = CollectorRegistry()
    silent, lacking, age = (
        Gauge(f"northway_source_{name}", text, ["source"], registry=told)
        for name, text in OF_SOURCES.items()
    )
    try:
        states = signals.source_states(now=at)
    except (OperationalError, InterfaceError):
        return b""
    for state in states:
        silent.labels(state.name).set(state.silent)
        lacking.labels(state.name).set(state.incomplete)
        if state.last_at is not None:
            age.labels(state.name).set((at - state.last_at).total_seconds())
    return generate_latest(told)
