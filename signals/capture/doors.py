"""L1: who is at the door, and what may they send? A source's key, a learner's token or session."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from signals.capture import tokens
from signals.capture.intake import Sender
from signals.capture.keys import PREFIX_LENGTH, find_key, holds
from signals.capture.pages import pages_source_id
from signals.capture.problems import Problem
from signals.capture.spool import away
from signals.data import SourceKey
from signals.privacy import gpc, standing
from signals.processing.rules.crawler import is_crawler

SCHEME = "Bearer "


@dataclass(frozen=True, slots=True)
class Visitor:
    """A sender, and the origin of the page it sends from where it is a browser with a token."""

    sender: Sender
    origin: str = ""
    gpc: bool = False  # it asks for Global Privacy Control, which could not be stored yet


def key_with(request: HttpRequest, *, scope: str, now: datetime) -> SourceKey:
    """Return the key of a request; a Problem when there is none in force with that scope."""
    key = find_key(_credential(request), now=now)
    if key is None:
        raise Problem(
            401, "Not authenticated", "The key is unknown, revoked or expired. Ask for a new one."
        )
    if scope not in key.scopes:
        raise Problem(403, "Not allowed", f"This key lacks the scope {scope}.")
    return key


def prefix_of(request: HttpRequest) -> str:
    """Return by which name the key of a request is known."""
    return _credential(request)[:PREFIX_LENGTH]


def visitor(request: HttpRequest, *, now: datetime) -> Visitor:
    """Return who sends events; a Problem when nobody may."""
    if "Authorization" not in request.headers:
        return _honouring(request, Visitor(_by_session(request)), now=now)
    if _credential(request).startswith(tokens.MARK):
        return _honouring(request, _by_token(request, now=now), now=now)
    key = key_with(request, scope="capture", now=now)
    return Visitor(Sender(key.source_id, backfill="backfill" in key.scopes))


def _honouring(request: HttpRequest, guest: Visitor, *, now: datetime) -> Visitor:
    """Store a browser's Global Privacy Control before its events are judged."""
    if not gpc.asked(request) or guest.sender.only_learner is None:
        return guest
    try:
        away.check()
        gpc.honour(guest.sender.only_learner, at=now)
    except away.GONE:
        away.note()
        return replace(guest, gpc=True)
    return guest


def _credential(request: HttpRequest) -> str:
    header = request.headers.get("Authorization", "")
    if not header.startswith(SCHEME):
        raise Problem(
            401, "Not authenticated", "Send Authorization: Bearer with a key of your source."
        )
    return header.removeprefix(SCHEME).strip()


def _by_token(request: HttpRequest, *, now: datetime) -> Visitor:
    token = tokens.read(_credential(request), now=now)
    if token is None:
        raise Problem(401, "Not authenticated", "The token is over or not ours. Mint a new one.")
    if not holds(token.key, now=now):
        detail = "The key this token was minted with is revoked or over. Mint one with another."
        raise Problem(401, "Not authenticated", detail)
    if request.headers.get("Origin") != token.origin:
        raise Problem(403, "Not allowed", "The token is for pages of another origin.")
    sender = Sender(token.source_id, only_learner=token.learner_id, crawler=_is_crawler(request))
    return Visitor(sender, token.origin)


def _by_session(request: HttpRequest) -> Sender:
    """A signed-in learner's own page. The Origin proves the page is ours, which a form is not."""
    learner_id = _signed_in(request)
    if learner_id is None:
        raise Problem(
            401, "Not authenticated", "Send Authorization: Bearer with a key, or sign in."
        )
    own = f"{request.scheme}://{request.get_host()}"
    if request.headers.get("Origin") not in {own, *settings.CSRF_TRUSTED_ORIGINS}:
        raise Problem(403, "Not allowed", "A session may send events from our own pages only.")
    return Sender(pages_source_id(), only_learner=learner_id, crawler=_is_crawler(request))


def _signed_in(request: HttpRequest) -> int | None:
    """Return the learner whose session this is; by the session alone while accounts are away."""
    if not hasattr(request, "user"):
        return None
    try:
        away.check()
        return getattr(request.user, "learner_id", None)
    except away.GONE:
        away.note()
        return standing.learner_of(request.session)


def _is_crawler(request: HttpRequest) -> bool:
    """Say so by the user agent; a platform's own server is no crawler, and is not asked."""
    return is_crawler(request.headers.get("User-Agent", ""))
