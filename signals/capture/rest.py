"""L1: where do events come in over HTTP? POST /signals/v1/batch and /signals/v1/tokens.

What may be sent stands at GET /signals/v1/contract. Plain views: they only read, ask the intake,
and answer. 200 is said after the commit, never before.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

import msgspec
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from signals.capture import origins, published, quarantine, tokens
from signals.capture.bodies import read_json_body
from signals.capture.buffer import BusyError
from signals.capture.contract import Batch, NoBatchError, TooManyError, decode
from signals.capture.cors import across_origins, check_page, unregistered
from signals.capture.doors import Visitor, key_with, prefix_of, visitor
from signals.capture.groups import take_groups
from signals.capture.intake import take
from signals.capture.problems import Problem
from signals.capture.spool import away, keep, watch
from signals.capture.spool.records import BATCH, Record
from signals.clock import now
from signals.data import BatchResult
from signals.privacy.identity import ErasedLearnerError, ensure_learner

RETRY_AFTER_S = 2
CONTRACT_FRESH_S = 300

View = Callable[[HttpRequest], HttpResponse]


class TokenRequest(msgspec.Struct):
    """For whom and from where."""

    learner: str
    origin: str


def door(view: View) -> View:
    """Turn problems into their answers, and a database that is away into 503."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except Problem as problem:
            return problem.response()
        except BusyError as error:
            return Problem(
                429, "Too many events", str(error), retry_after_s=RETRY_AFTER_S
            ).response()
        except Error:
            return Problem(
                503,
                "Not stored",
                "The event store or the consent register is away. Send the batch again.",
                retry_after_s=RETRY_AFTER_S,
            ).response()

    return answer


@across_origins
@door
def batch(request: HttpRequest) -> HttpResponse:
    """Take in a batch of events and answer with what became of them, after the commit."""
    _only_post(request)
    received = now()
    guest = visitor(request, now=received)
    if guest.origin:
        check_page(request, guest.sender.source_id, guest.origin)
    body = _body(request, guest, received)
    result = _taken(_decoded(body, guest, received), body, guest, received)
    return HttpResponse(msgspec.json.encode(result), content_type="application/json")


@door
def token(request: HttpRequest) -> HttpResponse:
    """Mint an hour's token for one learner and one origin, for a source's key."""
    _only_post(request)
    at = now()
    key = key_with(request, scope="tokens", now=at)
    try:
        asked = msgspec.json.decode(read_json_body(request), type=TokenRequest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "Not a token request", str(error)) from error
    note = _note_on(asked.origin, key.source_id)
    if not 0 < len(asked.learner) <= 255:
        raise Problem(400, "No learner", "learner has 1 to 255 characters.", field="learner")
    try:
        learner_id = ensure_learner(asked.learner, now=at)
    except ErasedLearnerError as error:
        raise Problem(403, "Erased", str(error), field="learner") from error
    text, until = tokens.mint(
        key.source_id, learner_id, asked.origin, key=prefix_of(request), now=at
    )
    content = {"token": text, "expires_at": until, "note": note}
    return HttpResponse(msgspec.json.encode(content), content_type="application/json")


@door
def groups(request: HttpRequest) -> HttpResponse:
    """Keep in which groups a learner is, for a source's key; answer with that."""
    _only_post(request)
    at = now()
    key_with(request, scope="capture", now=at)
    kept = take_groups(read_json_body(request), now=at)
    return HttpResponse(msgspec.json.encode(kept), content_type="application/json")


@require_safe
def contract(_request: HttpRequest) -> HttpResponse:
    """Say what may be sent, to everyone; the version and a digest stand in it."""
    answer = HttpResponse(published.as_json(), content_type="application/json")
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cache-Control"] = f"public, max-age={CONTRACT_FRESH_S}"
    return answer


def _taken(batch: Batch, body: bytes, guest: Visitor, received: datetime) -> BatchResult:
    """Store a batch; on disk while PostgreSQL is away."""
    try:
        away.check()
        result = take(batch, sender=guest.sender, now=received)
    except away.GONE as error:
        watch.failed(error)
        return keep.keep_batch(batch, _record(body, guest, received))
    watch.tend()
    return result


def _record(body: bytes, guest: Visitor, received: datetime) -> Record:
    sender = guest.sender
    return Record(
        door=BATCH,
        received_at=received,
        source_id=sender.source_id,
        body=body,
        backfill=sender.backfill,
        only_learner=sender.only_learner,
        crawler=sender.crawler,
        gpc=guest.gpc,
    )


def _body(request: HttpRequest, guest: Visitor, received: datetime) -> bytes:
    """Return the body; one that is no gzip, or a bomb, is kept as it was sent."""
    try:
        return read_json_body(request)
    except Problem as problem:
        if problem.refused:
            _refuse(problem.refused, guest, received, code="unreadable_body", why=problem)
        raise


def _decoded(body: bytes, guest: Visitor, received: datetime) -> Batch:
    try:
        return decode(body)
    except TooManyError as error:
        _refuse(body, guest, received, code="too_many", why=error)
        raise Problem(413, "Batch too large", str(error), field="$.batch") from error
    except NoBatchError as error:
        _refuse(body, guest, received, code="no_batch", why=error)
        raise Problem(400, "Not a batch", str(error), field=error.field) from error


def _refuse(body: bytes, guest: Visitor, received: datetime, *, code: str, why: Exception) -> None:
    quarantine.keep_body(
        body,
        source_id=guest.sender.source_id,
        code=code,
        detail=str(why),
        now=received,
        whole=quarantine.Whole(BATCH),
    )


def _note_on(origin: str, source_id: int) -> str | None:
    """Return what is to be done before pages of an origin can send; a Problem where none may."""
    try:
        origins.check(origin)
    except origins.NoOriginError as error:
        raise Problem(400, "Not an origin", str(error), field="origin") from error
    if not origins.may_send(origin, source_id):
        raise Problem(403, "Not allowed", unregistered(origin), field="origin")
    if not origins.is_registered(origin, source_id):
        return f"No browser will send this token yet: {unregistered(origin)}"
    return None


def _only_post(request: HttpRequest) -> None:
    if request.method != "POST":
        raise Problem(405, "Method not allowed", "Use POST.")
