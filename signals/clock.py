"""What time is it? The one clock of the product, for every layer.

Every request handler asks `now()`. The demo world plays past days over HTTP: where
`settings.DEMO_CLOCK` is on (local mode only) the header `X-Northway-Now` moves the clock of that
one request, so a world of thirty days can be played beside the running product.
"""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

DEMO_HEADER = "X-Northway-Now"

_moment: ContextVar[datetime | None] = ContextVar("northway_now", default=None)


def now() -> datetime:
    """Return the current time, aware, in UTC; inside a played request the played time."""
    return _moment.get() or timezone.now()


class ClockMiddleware:
    """Move the clock of one request where the demo world asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request at the played moment when there is one and it is allowed."""
        played = request.headers.get(DEMO_HEADER) if settings.DEMO_CLOCK else None
        moment = parse_datetime(played) if played else None
        if moment is None or moment.tzinfo is None:
            return self.get_response(request)
        token = _moment.set(moment)
        try:
            return self.get_response(request)
        finally:
            _moment.reset(token)
