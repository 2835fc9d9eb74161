"""L1: how are statements handed out? As a page of JSON, or multipart/mixed with their files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import msgspec
from django.http import HttpResponse
from django.utils.http import http_date

from signals.capture.xapi import kept, query, whole
from signals.capture.xapi.formats import languages_of, shown
from signals.capture.xapi.multipart import JSON
from signals.capture.xapi.query import Asked
from signals.capture.xapi.statements import File, Json
from signals.capture.xapi.valid.values import moment
from signals.capture.xapi.whole import written
from signals.data import SourceKey

HOME = "https://northway.invalid/sources"


@dataclass(frozen=True, slots=True)
class Page:
    """Statements, their files, and where the next page begins, empty at the end."""

    statements: list[Json]
    files: list[File]
    next: str = ""


def authority_of(source: SourceKey) -> Json:
    """Return who vouches for the statements of a source."""
    return {"objectType": "Agent", "account": {"homePage": HOME, "name": source.name}}


def page_of(wanted: Asked, *, source: SourceKey, store: bool, languages: str) -> Page:
    """Return what is asked for, of the source's own statements."""
    page = _whole(wanted, source) if store else _events(wanted, source)
    authority = authority_of(source)
    preferred = languages_of(languages)
    found = [
        shown({**body, "authority": authority}, wanted.format, preferred)
        for body in page.statements
    ]
    return Page(found, page.files, page.next)


def _whole(wanted: Asked, source: SourceKey) -> Page:
    rows, more = query.find(wanted, source_id=source.source_id)
    found: list[Json] = [
        {**body, "stored": written(row.stored_at)}
        for row, body in zip(rows, whole.bodies(rows), strict=True)
        if body is not None
    ]
    after = f"{written(rows[-1].stored_at)}~{rows[-1].seq}" if more else ""
    return Page(found, whole.files_of(rows) if wanted.attachments else [], after)


def _events(wanted: Asked, source: SourceKey) -> Page:
    found, more, after = kept.find(wanted, source_id=source.source_id)
    return Page(found, [], after if more else "")


def last_modified(page: Page) -> str:
    """Return when the newest statement of a page was stored, as HTTP writes it."""
    stored = [moment(body["stored"], "stored") for body in page.statements]
    return http_date(max(stored).timestamp())


def response(content: object, files: Sequence[File], *, multipart_asked: bool) -> HttpResponse:
    """Return the answer; with attachments asked for it is multipart, even where there are none."""
    body = msgspec.json.encode(content)
    if not multipart_asked:
        return HttpResponse(body, content_type=JSON)
    boundary = uuid4().hex
    parts: list[bytes] = [_part(boundary, {"Content-Type": JSON}, body)]
    parts += [_part(boundary, _headers(file), file.content) for file in files]
    parts.append(f"--{boundary}--\r\n".encode())
    response = HttpResponse(b"".join(parts), content_type=f"multipart/mixed; boundary={boundary}")
    response["Content-Disposition"] = "attachment"  # browsers show the parts of a page otherwise
    return response


def _headers(file: File) -> dict[str, Any]:
    return {
        "Content-Type": file.content_type,
        "Content-Transfer-Encoding": "binary",
        "X-Experience-API-Hash": file.sha2,
    }


def _part(boundary: str, headers: dict[str, Any], content: bytes) -> bytes:
    lines = [f"--{boundary}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + content + b"\r\n"
