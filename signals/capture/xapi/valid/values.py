"""L1: is this value what xAPI calls an IRI, a UUID, a timestamp, a language map ...?"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta

IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s\x00-\x20<>\"]+")
UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_MAILBOX = re.compile(r"mailto:[^\s@<>]+@[^\s@<>]+")
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_SHA2 = re.compile(r"[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128}")
# RFC 5646: language, extended language, script, region, variants, extensions, private use.
_LANGUAGE = re.compile(
    r"(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+|i-[a-z]{2,8}(?:-[a-z0-9]{2,8})*)",
    re.IGNORECASE,
)
_DURATION = re.compile(
    r"P(?:\d+(?:[.,]\d+)?W|(?=\d|T\d)(?:\d+(?:[.,]\d+)?Y)?(?:\d+(?:[.,]\d+)?M)?"
    r"(?:\d+(?:[.,]\d+)?D)?(?:T(?=\d)(?:\d+(?:[.,]\d+)?H)?(?:\d+(?:[.,]\d+)?M)?"
    r"(?:\d+(?:[.,]\d+)?S)?)?)",
    re.ASCII,
)
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+\-]+/[\w!#$&^.+\-]+(?:\s*;.*)?")
_TIMESTAMP = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?)?"
    r"(?P<zone>Z|z|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII,
)
_NO_ZONE = frozenset({"-00", "-0000", "-00:00"})  # RFC 3339: "the offset is not known"
LAST_YEAR = 9998  # a year of room for any offset


class InvalidError(ValueError):
    """A statement is not what the specification asks for; `place` says where."""

    def __init__(self, place: str, detail: str, *, named: str = "") -> None:
        """Keep the place for the answer.

        `named` is its end where the sender chose that, which may be anybody's name: it is answered
        and not kept.
        """
        super().__init__(detail)
        self.place, self.kept_place = place, place.removesuffix(f".{named}") if named else place


Check = Callable[[object, str], None]


def part_of(value: object, place: str, known: Mapping[str, Check]) -> dict[str, object]:
    """Return a JSON object whose parts are all known and pass their checks."""
    found = json_object(value, place)
    for name, part in found.items():
        if name not in known:
            said = name[:80]
            detail = "There is no such property here."
            raise InvalidError(f"{place}.{said}", detail, named=said)
        known[name](part, f"{place}.{name}")
    return found


def json_object(value: object, place: str) -> dict[str, object]:
    """Return a JSON object."""
    if not isinstance(value, dict):
        raise InvalidError(place, "This must be an object.")
    return value


def required(found: Mapping[str, object], place: str, names: Collection[str]) -> None:
    """Refuse an object that lacks one of its properties."""
    for name in names:
        if name not in found:
            raise InvalidError(f"{place}.{name}", "This property is required.")


def text(value: object, place: str) -> None:
    """A string."""
    if not isinstance(value, str):
        raise InvalidError(place, "This must be a string.")


def boolean(value: object, place: str) -> None:
    """True or false, not a word for it."""
    if not isinstance(value, bool):
        raise InvalidError(place, "This must be true or false.")


def number(value: object, place: str) -> None:
    """A number, not a numeral in a string."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidError(place, "This must be a number.")


def whole_number(value: object, place: str) -> None:
    """A count, from 0."""
    number(value, place)
    if not isinstance(value, int) or value < 0:
        raise InvalidError(place, "This must be a whole number from 0.")


def matching(pattern: re.Pattern[str], what: str) -> Check:
    """Return a check for strings of a form."""

    def check(value: object, place: str) -> None:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise InvalidError(place, f"This must be {what}.")

    return check


iri = matching(IRI, "an IRI with its scheme, like https://lms.example/course/1")
uuid = matching(UUID, "a UUID")
mailbox = matching(_MAILBOX, "mailto: and a mail address")
sha1 = matching(_SHA1, "a SHA-1 of 40 hexadecimal digits")
sha2 = matching(_SHA2, "a SHA-2 in hexadecimal digits")
language = matching(_LANGUAGE, "a language tag like en-US (RFC 5646)")
duration = matching(_DURATION, "a duration like PT1H30M (ISO 8601)")
media_type = matching(_MEDIA_TYPE, "a media type like text/plain")


def one_of(*words: str) -> Check:
    """Return a check for exactly one of some words."""

    def check(value: object, place: str) -> None:
        if value not in words:
            raise InvalidError(place, f"This must be one of: {', '.join(words)}.")

    return check


def list_of(check: Check) -> Check:
    """Return a check for arrays."""

    def check_all(value: object, place: str) -> None:
        if not isinstance(value, list):
            raise InvalidError(place, "This must be an array.")
        for index, part in enumerate(value):
            check(part, f"{place}[{index}]")

    return check_all


def language_map(value: object, place: str) -> None:
    """Texts by language."""
    for tag, words in json_object(value, place).items():
        said = tag[:40]
        if not _LANGUAGE.fullmatch(tag):
            detail = "This must be a language tag like en-US (RFC 5646)."
            raise InvalidError(f"{place}.{said}", detail, named=said)
        text(words, f"{place}.{said}")


def extensions(value: object, place: str) -> None:
    """Anything, under IRIs."""
    for name in json_object(value, place):
        if not IRI.fullmatch(name):
            said, detail = name[:80], "This must be an IRI with its scheme."
            raise InvalidError(f"{place}.{said}", detail, named=said)


def timestamp(value: object, place: str) -> None:
    """A moment."""
    moment(value, place)


def moment(value: object, place: str) -> datetime:
    """Return the moment of an ISO 8601 timestamp, in UTC; one without a zone is taken as UTC."""
    found = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if found is None or found["zone"] in _NO_ZONE:
        raise InvalidError(place, "This must be a timestamp like 2026-11-21T08:00:00.000Z.")
    year, month, day, hour, minute, second = (int(found[group] or 0) for group in range(1, 7))
    leap = 1 if second == 60 else 0
    micros = int((found[7] or "0")[:6].ljust(6, "0"))
    try:
        clock = time(hour, minute, second - leap, micros)
        local = datetime.combine(date(year, month, day), clock, UTC)
        offset = _offset(found["zone"])
    except ValueError as error:
        raise InvalidError(place, f"There is no such moment: {error}.") from error
    if not 1 < year <= LAST_YEAR:
        raise InvalidError(place, "The year is out of range.")
    return local + timedelta(seconds=leap) - offset


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone in "Zz":
        return timedelta(0)
    hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
    if hours > 23 or minutes > 59:
        raise ValueError("the zone is out of range")
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if zone[0] == "-" else offset
