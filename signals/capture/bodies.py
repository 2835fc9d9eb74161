"""L1: what was sent, in bytes? Reads a body, inflates gzip, and stops at the cap."""

import zlib

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from signals.capture.problems import Problem

LARGEST_INFLATED = 16 * 1024 * 1024  # bytes; the sent body has DATA_UPLOAD_MAX_MEMORY_SIZE
_GZIP = 16 + zlib.MAX_WBITS


def _too_large(limit: int, refused: bytes = b"") -> Problem:
    return Problem(
        413,
        "Body too large",
        f"The body is larger than {limit // 1024} KB. Send smaller batches.",
        refused=refused,
    )


def read_json_body(request: HttpRequest) -> bytes:
    """Return the body of a request; a Problem says what is wrong with it."""
    if request.content_type != "application/json":
        raise Problem(
            415,
            "Unsupported media type",
            f"Content-Type is {request.content_type or 'missing'!r}; send application/json.",
            field="Content-Type",
        )
    return read_body(request)


def read_body(request: HttpRequest) -> bytes:
    """Return the body of a request of any type, inflated; a Problem says what is wrong with it."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip"}:
        raise Problem(
            415,
            "Unsupported content encoding",
            f"Content-Encoding is {encoding[:40]!r}; send gzip or none.",
            field="Content-Encoding",
        )
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise _too_large(limit)
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise _too_large(limit) from error
    except UnreadablePostError as error:
        raise Problem(400, "Body cut off", "The body ended early. Send it again.") from error
    return inflate(body) if encoding == "gzip" else body


def inflate(body: bytes) -> bytes:
    """Return the content of a gzip body, stopping at the cap whatever it would grow to."""
    stream = zlib.decompressobj(wbits=_GZIP)
    try:
        content = stream.decompress(body, LARGEST_INFLATED)
    except zlib.error as error:
        raise Problem(
            400,
            "Body is not gzip",
            "Content-Encoding says gzip, but the body is not.",
            field="Content-Encoding",
            refused=body,
        ) from error
    if stream.unconsumed_tail:
        raise _too_large(LARGEST_INFLATED, body)
    if not stream.eof:
        detail = "The gzip stream ended early. Send it again."
        raise Problem(400, "Body cut off", detail, refused=body)
    return content
