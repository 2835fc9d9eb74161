"""L1: where do statements come in over HTTP? /xapi/statements and /xapi/about.

Plain views: they read the call, ask the conductor, and answer. Nothing is said before the commit.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from signals.capture import quarantine
from signals.capture.intake import Sender
from signals.capture.problems import Problem
from signals.capture.spool import away, late, watch
from signals.capture.spool.records import STATEMENTS, Record
from signals.capture.xapi import answers, arrived, credentials, keep, multipart
from signals.capture.xapi.door import answered, door
from signals.capture.xapi.profiles import Profile, profile_of
from signals.capture.xapi.query import asked, consistent_through
from signals.capture.xapi.requests import FIRST, SECOND, VERSION_HEADER, Call, call_of, version_of
from signals.capture.xapi.statements import Outcome, Sent
from signals.capture.xapi.valid.values import InvalidError, uuid
from signals.capture.xapi.whole import written
from signals.clock import now
from signals.data import SourceKey

CONSISTENT = "X-Experience-API-Consistent-Through"


@door
def about(request: HttpRequest) -> HttpResponse:
    """Say which versions are spoken; the one address that asks for no version itself."""
    if request.method not in ("GET", "HEAD"):
        raise Problem(405, "Method not allowed", "Use GET.")
    if request.GET:
        raise InvalidError(next(iter(request.GET))[:80], "about takes no parameters.")
    spoken = [FIRST, SECOND]
    if VERSION_HEADER in request.headers and version_of(request.headers[VERSION_HEADER]) == FIRST:
        spoken = [FIRST]  # the first version may not name a later one
    content = {"version": spoken, "extensions": {}}
    return HttpResponse(msgspec.json.encode(content), content_type=multipart.JSON)


@door
def missing(_request: HttpRequest) -> HttpResponse:
    """Say cleanly that a resource of xAPI is not here."""
    raise Problem(404, "Not here", "There is no such resource of xAPI.")


@door
def statements(request: HttpRequest) -> HttpResponse:
    """Take statements in, or hand them out; a question is always told how current answers are."""
    if request.method not in ("GET", "HEAD"):
        return _statements(request)
    through = consistent_through(now())
    response = answered(_statements, request)
    response[CONSISTENT] = written(through)
    response.setdefault("Last-Modified", http_date(through.timestamp()))
    return response


def _statements(request: HttpRequest) -> HttpResponse:
    call = call_of(request)
    at = now()
    key = credentials.key_of(call.headers.get("authorization"), now=at)
    profile = profile_of(key.source_id)
    if call.method == "POST":
        return _post(call, key, profile, at)
    if call.method == "PUT":
        return _put(call, key, profile, at)
    if call.method in ("GET", "HEAD"):
        return _get(call, key, profile)
    raise Problem(405, "Method not allowed", "Use GET, PUT or POST.")


def _post(call: Call, key: SourceKey, profile: Profile, at: datetime) -> HttpResponse:
    if call.parameters:
        raise InvalidError(next(iter(call.parameters)), "POST takes no parameters.")
    sent, _ = _keep(call, key, profile, at)
    ids = [str(statement.id) for statement in sent.statements]
    return HttpResponse(msgspec.json.encode(ids), content_type=multipart.JSON)


def _put(call: Call, key: SourceKey, profile: Profile, at: datetime) -> HttpResponse:
    if set(call.parameters) != {"statementId"}:
        raise InvalidError("statementId", "PUT takes statementId and nothing else.")
    uuid(call.parameters["statementId"], "statementId")
    only_id = UUID(call.parameters["statementId"])
    _, outcome = _keep(call, key, profile, at, only_id=only_id)
    if outcome.conflicts:
        raise Problem(
            409, "Conflict", "Another statement has this id; it counts, this one is set aside."
        )
    return HttpResponse(status=204)


def _keep(
    call: Call,
    key: SourceKey,
    profile: Profile,
    at: datetime,
    *,
    only_id: UUID | None = None,
) -> tuple[Sent, Outcome]:
    try:
        sent = arrived.read(
            call.body,
            call.content_type,
            version=call.version,
            authority=key.name,
            whole=profile.store,
            now=at,
            only_id=only_id,
        )
    except InvalidError as error:
        quarantine.keep_body(
            call.body,
            source_id=key.source_id,
            code="invalid_statement",
            detail=f"{error.kept_place}: {error}",
            now=at,
            whole=arrived.whole(call.content_type, call.version, only_id),
        )
        raise
    sender = Sender(key.source_id, backfill="backfill" in key.scopes)
    try:
        away.check()
        return sent, keep.keep(sent, sender=sender, store=profile.store, now=at)
    except away.GONE as error:
        watch.failed(error)
        return sent, late.keep_statements(
            sent,
            Record(
                door=STATEMENTS,
                received_at=at,
                source_id=key.source_id,
                body=call.body,
                backfill=sender.backfill,
                source=key.name,
                content_type=call.content_type,
                version=call.version,
                store=profile.store,
                only_id=only_id,
            ),
        )


def _get(call: Call, key: SourceKey, profile: Profile) -> HttpResponse:
    wanted = asked(call.parameters)
    page = answers.page_of(
        wanted, source=key, store=profile.store, languages=call.headers.get("accept-language", "")
    )
    if wanted.one is not None:
        if not page.statements:
            raise Problem(404, "Not found", "There is no such statement that you may see.")
        content: object = page.statements[0]
    else:
        content = {"statements": page.statements, "more": _more(call.parameters, page.next)}
    response = answers.response(content, page.files, multipart_asked=wanted.attachments)
    if page.statements:
        response["Last-Modified"] = answers.last_modified(page)
    return response


def _more(parameters: Mapping[str, str], after: str) -> str:
    if not after:
        return ""
    return "/xapi/statements?" + urlencode({**parameters, "cursor": after})
