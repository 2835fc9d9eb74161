"""For operators: what kind of request was it, how was it answered, and how long did that take?

The outermost middleware counts every answer twice: for Prometheus, and by the minute for the levels
of service that were promised (`levels`). Kinds and statuses are few and known; no address, no
learner and no key becomes a label or a line.
"""

import logging
import re
from collections.abc import Callable
from enum import StrEnum
from time import perf_counter

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import Counter, Histogram

from personalize.operations import tallies

ANSWERED = Counter("northway_requests", "Requests answered", ["kind", "status"])
REFUSED = Counter(
    "northway_requests_refused",
    "Requests refused unread because they had waited too long; they are among those answered 503",
    ["kind"],
)
TOOK = Histogram(
    "northway_request_seconds",
    "Time of a request inside the process, by kind",
    ["kind"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
)
REQUEST_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # by a proxy
FAILED = 500
TOO_BUSY = 503

log = logging.getLogger("northway.requests")


class Kind(StrEnum):
    """Requests that are promised the same."""

    RECOMMEND = "recommend"
    CAPTURE = "capture"
    FLAGS = "flags"
    PAGE = "page"
    TOWER = "tower"


BEGINS = (  # the first that fits; everything else is a page of learners
    ("/personalize/v1/", Kind.RECOMMEND),
    ("/signals/v1/", Kind.CAPTURE),
    ("/xapi/", Kind.CAPTURE),
    ("/ofrep/", Kind.FLAGS),
    ("/tower/", Kind.TOWER),
    ("/create/", Kind.TOWER),
    ("/admin/", Kind.TOWER),
)
NOT_COUNTED = ("/static/", "/healthz", "/readyz", "/metrics")
# Seconds after which an answer came too late to be one.
IN_TIME_S = {
    Kind.RECOMMEND: 1.0,
    Kind.CAPTURE: 10.0,
    Kind.FLAGS: 1.0,
    Kind.PAGE: 3.0,
    Kind.TOWER: 10.0,
}

Answer = Callable[[HttpRequest], HttpResponseBase]


def kind_of(path: str) -> Kind | None:
    """Return which kind of request an address is; None for files and probes."""
    if path.startswith(NOT_COUNTED):
        return None
    return next((kind for begin, kind in BEGINS if path.startswith(begin)), Kind.PAGE)


class Requests:
    """Middleware, first in the list, so that it sees every answer as it leaves."""

    def __init__(self, get_response: Answer) -> None:
        """Keep what answers."""
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and count the answer."""
        kind = kind_of(request.path_info)
        if kind is None:
            return self._answer(request)
        begun = perf_counter()
        response = self._answer(request)
        took_s = perf_counter() - begun
        status = response.status_code
        ANSWERED.labels(kind.value, str(status)).inc()
        TOOK.labels(kind.value).observe(took_s)
        tallies.note(kind.value, failed=status >= FAILED, late=took_s > IN_TIME_S[kind])
        if log.isEnabledFor(logging.INFO):
            log.info("answered", extra={"fields": _told(request, kind, status, took_s)})
        return response


def refused(path: str) -> None:
    """Count a request that its process refused before this middleware saw it: it failed.

    Its time is in no histogram: what is refused at once would look like fast answers.
    """
    kind = kind_of(path)
    if kind is None:
        return
    ANSWERED.labels(kind.value, str(TOO_BUSY)).inc()
    REFUSED.labels(kind.value).inc()
    tallies.note(kind.value, failed=True, late=False)


def _told(request: HttpRequest, kind: Kind, status: int, took_s: float) -> dict[str, object]:
    """Return what a log may say of a request: the pattern of its address, and no address."""
    match = request.resolver_match
    told: dict[str, object] = {
        "kind": kind.value,
        "method": request.method,
        "route": match.route if match else None,
        "status": status,
        "took_ms": round(took_s * 1000, 1),
    }
    said = request.headers.get("X-Request-ID", "")
    return told | ({"request": said} if REQUEST_ID.fullmatch(said) else {})
