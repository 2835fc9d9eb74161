"""What does a program's request pass through? (L5) Nothing that only a person's browser needs.

A request with a key carries no session, page or form, and what serves those costs as much as a
third of an answer. It keeps the checks of host and transport, the clock and the language it asks
for; its doors answer for everything else themselves (docs/decisions/0043).
"""

from collections.abc import Callable
from typing import cast

from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import translation

from signals.clock import ClockMiddleware

DOORS = ("/personalize/v1/", "/signals/v1/", "/xapi/")

Answer = Callable[[HttpRequest], HttpResponseBase]


class Programs:
    """Middleware, third in the list: takes requests with a key past the middleware of pages."""

    def __init__(self, get_response: Answer) -> None:
        """Keep the way of pages, and make the short one."""
        self._pages = get_response
        self._short = cast("Answer", convert_exception_to_response(ClockMiddleware(_answer)))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer on the short way where a key is sent to a door of programs."""
        if "HTTP_AUTHORIZATION" not in request.META or not request.path_info.startswith(DOORS):
            return self._pages(request)
        try:
            request.resolver_match = resolve(request.path_info)
        except Resolver404:
            return self._pages(request)
        return self._short(request)


def _answer(request: HttpRequest) -> HttpResponse:
    request.get_host()  # raises DisallowedHost, which is answered with 400
    translation.activate(translation.get_language_from_request(request))
    match = request.resolver_match
    if match is None:
        raise Resolver404
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    response.headers.setdefault("X-Frame-Options", "DENY")
    if not response.streaming:
        response.headers.setdefault("Content-Length", str(len(response.content)))
    return response
