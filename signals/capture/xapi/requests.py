"""L1: what does a request to /xapi ask? Version, credential, parameters, content: once, alike.

Version 1.0.3 also takes a request written into a form (its "alternate request syntax"), for
browsers of old: the method in the address, everything else as fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from django.http import HttpRequest

from signals.capture.bodies import read_body
from signals.capture.problems import Problem
from signals.capture.xapi.multipart import JSON, check_media_type

VERSION_HEADER = "X-Experience-API-Version"
FIRST, SECOND = "1.0.3", "2.0.0"
FORM = "application/x-www-form-urlencoded"
_FIELDS_OF_HEADER = frozenset(
    {
        "authorization",
        "x-experience-api-version",
        "content-type",
        "content-length",
        "if-match",
        "if-none-match",
        "accept",
        "accept-language",
    }
)
_METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "HEAD"})


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it is meant, however it was written."""

    method: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]  # lower case
    body: bytes
    version: str = FIRST

    @property
    def second(self) -> bool:
        """Say whether version 2.0 is spoken."""
        return self.version == SECOND

    @property
    def content_type(self) -> str:
        """Return the whole Content-Type."""
        return self.headers.get("content-type", "")


def version_of(text: str | None) -> str:
    """Return the version spoken; a Problem for one that is not."""
    if text is None:
        raise Problem(
            400, "No version", f"Send {VERSION_HEADER}: 1.0.3 or 2.0.0.", field=VERSION_HEADER
        )
    if text == "1.0" or text.startswith("1.0."):
        return FIRST
    if text == "2.0" or text.startswith("2.0."):
        return SECOND
    raise Problem(
        400, "Version not spoken", "xAPI 1.0.3 and 2.0.0 are spoken here.", field=VERSION_HEADER
    )


def call_of(request: HttpRequest) -> Call:
    """Return what a request asks; a Problem when it is not xAPI."""
    parameters = _once(request.META.get("QUERY_STRING", ""))
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = read_body(request) if request.method in ("POST", "PUT") else b""
    call = Call(request.method or "", parameters, headers, body)
    if "method" in parameters:
        call = _meant(call)
    check_media_type(call.content_type)
    version = version_of(call.headers.get(VERSION_HEADER.lower()))
    if version == SECOND and "method" in parameters:
        raise Problem(
            400, "Not in this version", "Requests in forms belong to 1.0.3.", field="method"
        )
    return Call(call.method, call.parameters, call.headers, call.body, version)


def _once(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError as error:
        raise Problem(
            400, "Not a query", f"The address or form cannot be read: {error}."
        ) from error
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Problem(400, "Not a query", "A parameter comes twice.")
    if any("\x00" in value for value in found.values()):
        raise Problem(400, "Not a query", "A parameter holds a NUL character.")
    return found


def _meant(call: Call) -> Call:
    """Return the request that is written into a form."""
    method = call.parameters["method"]
    if call.method != "POST" or len(call.parameters) > 1 or method not in _METHODS:
        raise Problem(
            400,
            "Not a request in a form",
            "POST it, with method alone in the address.",
            field="method",
        )
    if not call.content_type.startswith(FORM):
        raise Problem(
            400, "Not a request in a form", f"Content-Type is {FORM}.", field="Content-Type"
        )
    try:
        fields = _once(call.body.decode())
    except UnicodeDecodeError as error:
        raise Problem(400, "Not a request in a form", "The form is not UTF-8.") from error
    content = fields.pop("content", None)
    if method in ("PUT", "POST") and content is None:
        raise Problem(400, "No content", "The form has no field content.", field="content")
    headers = {**call.headers, "content-type": JSON}
    for name in list(fields):
        if name.lower() in _FIELDS_OF_HEADER:
            headers[name.lower()] = fields.pop(name)
    return Call(method, fields, headers, (content or "").encode())
