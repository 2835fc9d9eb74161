"""Who may keep a copy of an answer? (L5) Nobody, of what was made for one person's browser."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

Answer = Callable[[HttpRequest], HttpResponse]


class Private:
    """Middleware: keeps answers of a session out of every cache, and fragments out of pages."""

    def __init__(self, get_response: Answer) -> None:
        """Wrap what answers."""
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and say who may keep it; who sends no session cookie is not signed in."""
        response = self._answer(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.setdefault("Cache-Control", "private, no-store")
        if response.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["HX-Request"])  # a fragment may share the address
        return response
