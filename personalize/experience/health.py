"""Is this process alive, can it answer, and how does it do? (L5) For load balancers, operators."""

import os

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from personalize.decision import upkeep
from personalize.experience.doors import source_with
from personalize.experience.problems import Problem
from personalize.operations import gauges
from signals.clock import now

SCOPE = "metrics"
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
    """Answer with this node's counters: to a key with their scope, or locally this machine."""
    if not (settings.DEBUG and request.META["REMOTE_ADDR"] in THIS_MACHINE):
        try:
            source_with(request, scope=SCOPE, now=now())
        except Problem as problem:
            return problem.response()
    told = _counters() + gauges.read(now=now())
    return HttpResponse(told, content_type=CONTENT_TYPE_LATEST)


def _counters() -> bytes:
    """Return the counters of all workers of this server; of this process where there is no other.

    Gunicorn's workers keep them in one folder (`personalize.gunicorn_config`).
    """
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # untyped package
    return generate_latest(together)
