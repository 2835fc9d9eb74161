"""L1: where do the documents of xAPI come in? State, profiles; and what is known of agents.

For sources that keep statements whole; others are told cleanly that there is nothing here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from signals.capture.problems import Problem
from signals.capture.xapi import credentials, documents, query, whole
from signals.capture.xapi.agents import external_id, identifier, named
from signals.capture.xapi.documents import Address, Conditions, Content
from signals.capture.xapi.door import door
from signals.capture.xapi.multipart import JSON
from signals.capture.xapi.profiles import profile_of
from signals.capture.xapi.query import Asked
from signals.capture.xapi.reading import decoded
from signals.capture.xapi.requests import Call, call_of
from signals.capture.xapi.statements import Json, part
from signals.capture.xapi.valid import values
from signals.capture.xapi.valid.actors import IDENTIFIERS, agent
from signals.capture.xapi.valid.values import InvalidError
from signals.clock import now


@dataclass(frozen=True, slots=True)
class Family:
    """What the address of a kind of document is made of."""

    name: str
    needed: tuple[str, ...]
    document: str  # the parameter that names one
    optional: tuple[str, ...] = ("since",)
    versioned: bool = True  # a writer must say which version it replaces


STATE = Family(
    "state", ("activityId", "agent"), "stateId", ("since", "registration"), versioned=False
)
ACTIVITY_PROFILE = Family("activity profile", ("activityId",), "profileId")
AGENT_PROFILE = Family("agent profile", ("agent",), "profileId")

View = Callable[[HttpRequest], HttpResponse]


def _called(request: HttpRequest) -> tuple[Call, int, datetime]:
    """Return the call and its source; a Problem where that keeps events alone."""
    call, at = call_of(request), now()
    key = credentials.key_of(call.headers.get("authorization"), now=at)
    if not profile_of(key.source_id).store:
        raise Problem(404, "Not here", "This source keeps events alone, and no documents.")
    return call, key.source_id, at


def _view(family: Family) -> View:
    @door
    def view(request: HttpRequest) -> HttpResponse:
        call, source_id, at = _called(request)
        address = _address(call, family, source_id)
        if call.method in ("PUT", "POST"):
            return _write(call, family, address, at)
        if call.method == "DELETE":
            return _delete(call, family, address)
        if call.method in ("GET", "HEAD"):
            return _read(call, address)
        raise Problem(405, "Method not allowed", "Use GET, PUT, POST or DELETE.")

    return view


state = _view(STATE)
activity_profile = _view(ACTIVITY_PROFILE)
agent_profile = _view(AGENT_PROFILE)


def _address(call: Call, family: Family, source_id: int) -> Address:
    found = _parameters(call, {*family.needed, family.document, *family.optional}, family.needed)
    return Address(
        source_id,
        family.name,
        found.get("activityId", ""),
        _agent(found["agent"]) if "agent" in found else None,
        found.get("registration", ""),
        found.get(family.document),
    )


def _parameters(call: Call, known: set[str], needed: tuple[str, ...]) -> Mapping[str, str]:
    """Return the parameters of a call, each known and what it says it is."""
    for name, value in call.parameters.items():
        if name not in known:
            raise InvalidError(name[:80], "There is no such parameter here.")
        if name in _CHECKS:
            _CHECKS[name](value, name)
    for name in needed:
        if name not in call.parameters:
            raise InvalidError(name, "This parameter is required.")
    return call.parameters


_CHECKS = {"activityId": values.iri, "registration": values.uuid, "since": values.timestamp}


def _agent(text: str) -> Json:
    found = decoded(text.encode(), place="agent")
    agent(found, "agent")
    if external_id(found) is None:
        raise InvalidError("agent", "The name of an account is empty.")
    kept: Json = found
    return kept


def _write(call: Call, family: Family, address: Address, at: datetime) -> HttpResponse:
    if address.name is None:
        raise InvalidError(family.document, "This parameter is required.")
    kind = call.content_type or "application/octet-stream"
    if kind.startswith(JSON):
        decoded(call.body)
    elif address.agent is None and call.method == "POST" and not call.body:
        raise InvalidError("$", "The document is empty.")
    merge = call.method == "POST"
    when = _conditions(call, required=family.versioned and not merge)
    content = Content(address.name, kind, call.body)
    documents.write(address, content, when=when, merge=merge, now=at)
    return HttpResponse(status=204)


def _conditions(call: Call, *, required: bool = False) -> Conditions:
    return Conditions(
        call.headers.get("if-match", ""),
        call.headers.get("if-none-match", ""),
        required,
        always=not call.second,
    )


def _read(call: Call, address: Address) -> HttpResponse:
    if address.name is None:
        since = call.parameters.get("since")
        found = documents.names(
            address, since=values.moment(since, "since") if since is not None else None
        )
        response = HttpResponse(msgspec.json.encode(found), content_type=JSON)
        response["Last-Modified"] = http_date()
        return response
    content = documents.read(address)
    if content is None:
        raise Problem(404, "Not found", "There is no such document.")
    response = HttpResponse(content.body, content_type=content.content_type)
    response["ETag"] = f'"{content.etag}"'
    response["Content-Disposition"] = "attachment"  # what others wrote is never a page of ours
    if content.updated_at is not None:
        response["Last-Modified"] = http_date(content.updated_at.timestamp())
    return response


def _delete(call: Call, family: Family, address: Address) -> HttpResponse:
    if address.name is None and family.versioned:
        raise InvalidError(family.document, "This parameter is required.")
    documents.delete(address, when=_conditions(call))
    return HttpResponse(status=204)


@door
def people(request: HttpRequest) -> HttpResponse:
    """Say under which names and identifiers an agent is known."""
    call, source_id, _ = _called(request)
    _only_get(call)
    asked = _agent(_parameters(call, {"agent"}, ("agent",))["agent"])
    known = _newest(Asked(agent=asked, related_agents=True, limit=1), source_id)
    person: dict[str, Any] = {"objectType": "Person"}
    same = [one for one in (named(known) if known else ()) if identifier(one) == identifier(asked)]
    names = dict.fromkeys(one.get("name") for one in (asked, *same))
    person["name"] = [name for name in names if name]
    person |= {name: [asked[name]] for name in IDENTIFIERS if name in asked}
    return HttpResponse(msgspec.json.encode(person), content_type=JSON)


@door
def activities(request: HttpRequest) -> HttpResponse:
    """Say what is known of an activity: as the newest statement about it describes it."""
    call, source_id, _ = _called(request)
    _only_get(call)
    name = _parameters(call, {"activityId"}, ("activityId",))["activityId"]
    known = _newest(Asked(activity=name, limit=1), source_id)
    about = part(known, "object") or {}
    found = about if about.get("id") == name else {}
    answer = {"objectType": "Activity", "id": name, **found}
    return HttpResponse(msgspec.json.encode(answer), content_type=JSON)


def _only_get(call: Call) -> None:
    if call.method not in ("GET", "HEAD"):
        raise Problem(405, "Method not allowed", "Use GET.")


def _newest(wanted: Asked, source_id: int) -> Json | None:
    rows, _ = query.find(wanted, source_id=source_id)
    return next(iter(whole.bodies(rows)), None)
