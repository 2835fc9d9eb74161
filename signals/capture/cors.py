"""L1: which pages of other origins may talk to a door? Those registered for the token's source.

Cross-origin resource sharing as browsers ask for it (Fetch, section 3.2). No cookie ever comes
along, so nothing but the token speaks for the page, and the token is for one origin.
"""

from collections.abc import Callable
from functools import wraps

from django.db import Error
from django.http import HttpRequest, HttpResponse

from signals.capture import origins, tokens
from signals.capture.doors import SCHEME
from signals.capture.problems import Problem

REMEMBERED_S = 7200  # the longest Chromium keeps the answer to a preflight
AWAY_S = 2
BY_BROWSERS = "Sec-Fetch-Site"  # no page can add it or leave it out

View = Callable[[HttpRequest], HttpResponse]


def across_origins(view: View) -> View:
    """Let pages of registered origins read what a door answers to their token."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        if request.method == "OPTIONS":
            answer = _preflight(request)
        else:
            answer = view(request)
            origin = request.headers.get("Origin")
            if origin is not None and _may_read(request, origin):
                answer["Access-Control-Allow-Origin"] = origin
                answer["Access-Control-Expose-Headers"] = "Retry-After"
        answer["Vary"] = "Origin"
        return answer

    return answered


def check_page(request: HttpRequest, source_id: int, origin: str) -> None:
    """Raise a Problem where pages of an origin may not, or no longer, send for a source."""
    of_browser = BY_BROWSERS in request.headers  # which may still hold an older preflight
    try:
        known = (origins.is_registered if of_browser else origins.may_send)(origin, source_id)
    except Error:
        return  # it was when the token was minted, within this hour
    if not known:
        raise Problem(403, "Not allowed", unregistered(origin), field="Origin")


def unregistered(origin: str) -> str:
    """Say what to do about an origin that is not registered."""
    return (
        f"{origin[:80]!r} is not registered for this source. Add it to the source in the admin, "
        "or with manage.py create_key SOURCE --origins."
    )


def _preflight(request: HttpRequest) -> HttpResponse:
    """Answer a browser's question whether a page may send a token."""
    origin = request.headers.get("Origin", "")
    try:
        known = origins.is_registered(origin)
    except Error:
        detail = "The register of origins is away. Ask again."
        return Problem(503, "Not known", detail, retry_after_s=AWAY_S).response()
    if not known:
        return Problem(403, "Not allowed", unregistered(origin), field="Origin").response()
    answer = HttpResponse(status=204)
    answer["Access-Control-Allow-Origin"] = origin
    answer["Access-Control-Allow-Methods"] = "POST"
    answer["Access-Control-Allow-Headers"] = "authorization, content-type, content-encoding"
    answer["Access-Control-Max-Age"] = str(REMEMBERED_S)
    return answer


def _may_read(request: HttpRequest, origin: str) -> bool:
    """Say whether a page may read the answer: it sent a token of a source it is registered for.

    A token that is over is read as well, and one that is not ours gets its 401 shown to any
    registered page: else the page could not know that it needs a new one.
    """
    text = request.headers.get("Authorization", "").removeprefix(SCHEME).strip()
    if not text.startswith(tokens.MARK):
        return False
    try:
        return origins.is_registered(origin, tokens.source_of(text))
    except Error:
        token = tokens.once(text)
        return token is not None and token.origin == origin
