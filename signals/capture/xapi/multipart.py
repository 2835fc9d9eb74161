"""L1: which parts has a multipart/mixed body, and do its files fit its statements? (RFC 2046)"""

from collections.abc import Iterable, Mapping
from email.message import Message
from hashlib import sha224, sha256, sha384, sha512
from typing import Any

from signals.capture.xapi.statements import File, Json, part
from signals.capture.xapi.valid.values import InvalidError

_HASHES = {56: sha224, 64: sha256, 96: sha384, 128: sha512}  # by hexadecimal digits
JSON = "application/json"
LONGEST_TYPE = 255
_HEADERS = ("content-type", "content-transfer-encoding", "x-experience-api-hash")


def parameter(header: str, name: str) -> str:
    """Return a parameter of a header like Content-Type, empty where it has none."""
    message = Message()
    message["Content-Type"] = header
    return str(message.get_param(name, ""))


def check_media_type(header: str) -> None:
    """Refuse a Content-Type that cannot be kept and handed out as a header again."""
    if len(header) > LONGEST_TYPE or not header.isascii() or not header.isprintable():
        raise InvalidError(
            "Content-Type", f"This is no media type of up to {LONGEST_TYPE} letters."
        )


def split(body: bytes, content_type: str) -> tuple[bytes, dict[str, File]]:
    """Return the statements' JSON and the files of a body, by their SHA-2."""
    boundary = parameter(content_type, "boundary")
    if not boundary:
        raise InvalidError("Content-Type", "multipart/mixed needs a boundary.")
    sections = _sections(body, boundary.encode())
    headers, first = sections[0]
    if not headers.get("content-type", "").startswith(JSON):
        raise InvalidError("$", "The first part holds the statements, as application/json.")
    files = dict(_file(headers, content) for headers, content in sections[1:])
    if len(files) < len(sections) - 1:
        raise InvalidError("$", "Two parts carry the same file: send each once.")
    return first, files


def _sections(body: bytes, boundary: bytes) -> list[tuple[dict[str, str], bytes]]:
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise InvalidError("$", "The body does not end with its boundary.")
    return [_section(piece) for piece in pieces[1:-1]]


def _section(piece: bytes) -> tuple[dict[str, str], bytes]:
    head, found, content = piece.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
    if not found:
        raise InvalidError("$", "A part has no headers.")
    headers: dict[str, str] = {}
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers, content


def _file(headers: Mapping[str, str], content: bytes) -> tuple[str, File]:
    for name in _HEADERS:
        if name not in headers:
            raise InvalidError("$", f"A part with a file needs the header {name}.")
    check_media_type(headers["content-type"])
    if headers["content-transfer-encoding"] != "binary":
        raise InvalidError("$", "Content-Transfer-Encoding of a file is binary.")
    named = headers["x-experience-api-hash"].lower()
    made = _HASHES.get(len(named))
    if made is None or made(content).hexdigest() != named:
        raise InvalidError("$", "X-Experience-API-Hash is not the SHA-2 of its part.")
    return named, File(named, headers["content-type"], content)


def attachments(body: Json) -> Iterable[dict[str, Any]]:
    """Return the attachments of a statement and of its substatement."""
    yield from body.get("attachments", ())
    if part(body, "object", "objectType") == "SubStatement":
        yield from body["object"].get("attachments", ())


def check_files(bodies: Iterable[Json], files: Mapping[str, File]) -> None:
    """Refuse a file nobody asks for, and an attachment that neither came nor is elsewhere."""
    wanted = [attachment for body in bodies for attachment in attachments(body)]
    for attachment in wanted:
        name = attachment["sha2"].lower()
        if name not in files and "fileUrl" not in attachment:
            raise InvalidError("$.attachments", "An attachment neither came along nor has fileUrl.")
        if name in files and len(files[name].content) != attachment["length"]:
            raise InvalidError("$.attachments", "length is not the length of the file.")
    if set(files) - {attachment["sha2"].lower() for attachment in wanted}:
        raise InvalidError("$.attachments", "A part is no attachment of these statements.")
