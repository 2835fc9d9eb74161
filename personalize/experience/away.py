"""What does a page say while the database is away? (L5) That it is, calmly, and when to come back.

Pages that can do without the database never come here; REST and capture answer for themselves.
"""

from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

RETRY_AFTER_S = 5

Answer = Callable[[HttpRequest], HttpResponse]


class Away:
    """Middleware: turns a database that does not answer into 503 in words."""

    def __init__(self, get_response: Answer) -> None:
        """Wrap what answers."""
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as usual."""
        return self._answer(request)

    def process_exception(self, _request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a view that could not reach it; a statement that is wrong stays a failure."""
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        page = render_to_string("503.html")  # without the request: it may ask who is signed in
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
