"""What does Django's admin say to a filter with a NUL? (L5) That it cannot be, rather than fail.

PostgreSQL holds no NUL and Django hands filters on unread. Our own pages read theirs themselves.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

ADMIN = "admin"

Answer = Callable[[HttpRequest], HttpResponse]


class Nul:
    """Middleware: refuses a query with a NUL before the admin reads it."""

    def __init__(self, get_response: Answer) -> None:
        """Wrap what answers."""
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as usual."""
        return self._answer(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Answer in the admin's place."""
        match, query = request.resolver_match, request.META.get("QUERY_STRING", "")
        if match is None or ADMIN not in match.app_names:
            return None
        if "%00" not in query and "\x00" not in query:
            return None
        return HttpResponseBadRequest(
            "The address holds a NUL character (%00). Take it out and try again.",
            content_type="text/plain; charset=utf-8",
        )
