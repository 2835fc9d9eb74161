"""L1: is this an event we take? Decodes a body and holds every event against its kind's contract.

One bad event never fails its neighbours: a body whose events do not all fit is decoded event by
event, and what does not fit is refused with a reason while the rest goes on.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec.json import Decoder

from signals.derive.partitions import month_start
from signals.kinds.kind import Context, Kind, Need
from signals.kinds.registry import KINDS

LATE = timedelta(hours=48)
TOO_OLD = timedelta(days=35)
RAW_RETENTION = timedelta(days=395)  # 13 months
FUTURE = timedelta(minutes=5)  # after the sender's clock is corrected
CLOCK_OFF = timedelta(days=28)  # by which a sender's clock may run ahead

FLAG_LATE = 1
FLAG_BACKFILL = 2
FLAG_FROM_RECOMMENDATION = 4
FLAG_FOREIGN_LIST = 8  # named a list that was not this learner's; the name was not kept
FLAG_CRAWLER = 16  # came with the user agent of a crawler; the agent itself is not kept

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
NOTHING = b"null"
LARGEST_BATCH = 5_000  # events


class WireEvent(msgspec.Struct):
    """An event as it is sent."""

    id: UUID
    kind: str
    learner: Name
    occurred_at: Moment
    course: Name | None = None
    module: Name | None = None
    session: Name | None = None
    value: float | None = None
    context: msgspec.Raw = msgspec.Raw(NOTHING)


class Envelope(msgspec.Struct):
    """A body whose events all fit."""

    batch: list[WireEvent]
    sent_at: Moment | None = None


class LooseEnvelope(msgspec.Struct):
    """A body whose events are looked at one by one."""

    batch: list[msgspec.Raw]
    sent_at: Moment | None = None


class NoBatchError(ValueError):
    """The body is no batch at all; `field` says where it fails to be one."""

    def __init__(self, detail: str, field: str = "$") -> None:
        """Keep the place for the answer."""
        super().__init__(detail)
        self.field = field


class TooManyError(ValueError):
    """The batch holds more events than are taken at once."""


class RefusedError(ValueError):
    """An event does not fit its contract."""

    def __init__(self, code: str, detail: str) -> None:
        """Keep the code for the answer and the quarantine."""
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused event: its place in the batch, why, and what was sent."""

    index: int
    code: str
    detail: str
    raw: bytes


class Originals:
    """The events of a body as they were sent; looked for only when one of them is refused."""

    def __init__(self, sent: bytes, read: bytes) -> None:
        """Keep what was sent and what was read of it, which is as long."""
        self._sent, self._read = sent, read
        self._found: list[bytes] | None = None

    @property
    def body(self) -> bytes:
        """Return the whole of it."""
        return self._sent

    def __getitem__(self, index: int) -> bytes:
        """Return the event at a place."""
        if self._found is None:
            self._found = self._look()
        return self._found[index]

    def _look(self) -> list[bytes]:
        raws = [bytes(raw) for raw in _loose.decode(self._read).batch]
        if self._sent is self._read:
            return raws
        found: list[bytes] = []
        at = 0
        for raw in raws:
            at = self._read.index(raw, at)
            found.append(self._sent[at : at + len(raw)])
            at += len(raw)
        return found


@dataclass(frozen=True, slots=True)
class Batch:
    """A decoded body."""

    events: list[tuple[int, WireEvent]]
    refused: list[Refusal]
    sent_at: datetime | None
    originals: Originals | None = None  # where the events came as a body

    def original(self, index: int, event: WireEvent) -> bytes:
        """Return what was sent at a place, byte for byte; written anew where nobody sent JSON."""
        return as_sent(event) if self.originals is None else self.originals[index]


@dataclass(frozen=True, slots=True)
class Window:
    """Which moments are taken from a source, in microseconds since 1970."""

    received: int
    skew: int  # added to what the sender's clock said
    oldest: int  # of corrected moments
    newest: int
    first_month: int  # of moments as sent: for these there is a place to store them
    last_month: int
    backfill: bool


_envelope = Decoder(Envelope)
_loose = Decoder(LooseEnvelope)
_event = Decoder(WireEvent)
_decoders: dict[type[Context], Decoder[Any]] = {}
_empty: dict[type[Context], Context] = {Context: Context()}  # most events come without one

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_PLACE = re.compile(r" - at `(\$[^`]*)`")
# Half a surrogate pair is JSON but no text. It becomes NUL, which its event is refused for.
_HALF_PAIR = re.compile(
    rb"((?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\[^u]|\\u(?![dD][89a-fA-F]))+)"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def micros(at: datetime) -> int:
    """Return microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND


def decode(body: bytes) -> Batch:
    """Return the events of a body and those refused for their form; NoBatchError for any other."""
    sent = body
    if b"\\u" in body:
        body = _HALF_PAIR.sub(lambda match: match[1] or b"\\u0000", body)
    originals = Originals(sent, body)
    try:
        envelope = _envelope.decode(body)
    except (msgspec.ValidationError, UnicodeDecodeError):
        return _decode_loosely(body, originals)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _no_json(error) from error
    _check_size(envelope.batch)
    events = list(enumerate(envelope.batch))
    if b"\\u0000" in body:
        return _without_nul(events, envelope.sent_at, originals)
    return Batch(events, [], envelope.sent_at, originals)


def _check_size(batch: Sequence[object]) -> None:
    """Refuse before anything is done for each event: a small body can hold millions of them."""
    if len(batch) > LARGEST_BATCH:
        raise TooManyError(f"A batch holds at most {LARGEST_BATCH} events. Send smaller ones.")


def _no_json(error: Exception) -> NoBatchError:
    if isinstance(error, RecursionError):
        return NoBatchError("The body is nested too deeply.")
    return NoBatchError(f"The body is not JSON: {error}.")


def _decode_loosely(body: bytes, originals: Originals) -> Batch:
    try:
        envelope = _loose.decode(body)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        raise NoBatchError(_PLACE.sub("", str(error)), place[1] if place else "$") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _no_json(error) from error
    _check_size(envelope.batch)
    events: list[tuple[int, WireEvent]] = []
    refused: list[Refusal] = []
    for index, raw in enumerate(envelope.batch):
        try:
            events.append((index, _event.decode(raw)))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            refused.append(Refusal(index, "invalid_field", str(error), originals[index]))
    whole = _without_nul(events, envelope.sent_at, originals)
    return Batch(whole.events, refused + whole.refused, envelope.sent_at, originals)


def _without_nul(
    events: Sequence[tuple[int, WireEvent]], sent_at: datetime | None, originals: Originals
) -> Batch:
    clean: list[tuple[int, WireEvent]] = []
    refused: list[Refusal] = []
    for index, event in events:
        raw = as_sent(event)
        if b"\\u0000" in raw and _has_nul_or_is_deep(raw):
            detail = "A text holds a NUL character or half a surrogate pair. Send it without."
            refused.append(Refusal(index, "invalid_text", detail, originals[index]))
        else:
            clean.append((index, event))
    return Batch(clean, refused, sent_at, originals)


def _has_nul_or_is_deep(raw: bytes) -> bool:
    try:
        return _has_nul(msgspec.json.decode(raw))
    except RecursionError:
        return True


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(_has_nul(part) for part in value)


def as_sent(event: WireEvent) -> bytes:
    """Return an event as JSON again."""
    return msgspec.json.encode(event)


def window(*, received: datetime, sent_at: datetime | None, backfill: bool) -> Window:
    """Return what a source may send now; its clock is corrected where it says when it sent."""
    skew = received - sent_at if sent_at is not None else timedelta(0)
    reach = RAW_RETENTION if backfill else TOO_OLD
    return Window(
        received=micros(received),
        skew=skew // MICROSECOND,
        oldest=micros(received - reach),
        newest=micros(received + FUTURE),
        first_month=micros(month_start(received - RAW_RETENTION)),
        last_month=micros(received + CLOCK_OFF),
        backfill=backfill,
    )


def kind_of(name: str) -> Kind:
    """Return the kind; RefusedError where there is none of that name."""
    kind = KINDS.get(name)
    if kind is None:
        raise RefusedError("unknown_kind", f"There is no kind {name[:80]!r}; see the contract.")
    return kind


def moments_of(occurred: int, window: Window) -> tuple[int, int]:
    """Return (corrected moment, flags) of a moment as sent; RefusedError where it is not taken."""
    corrected = occurred + window.skew
    if corrected > window.newest:
        raise RefusedError("future", "occurred_at lies in the future: check the sender's clock.")
    if corrected < window.oldest:
        days = (RAW_RETENTION if window.backfill else TOO_OLD).days
        more = "" if window.backfill else " Use a key with the scope backfill for older ones."
        raise RefusedError("too_old", f"occurred_at is more than {days} days ago.{more}")
    if not window.first_month <= occurred <= window.last_month:
        raise RefusedError("clock_skew", "The sender's clock is too far off: set it right.")
    if window.received - corrected <= LATE // MICROSECOND:
        return corrected, 0
    return corrected, FLAG_BACKFILL if window.backfill else FLAG_LATE


def value_of(kind: Kind, value: float | None) -> float | None:
    """Return the value to store; a kind without one stores none."""
    if kind.value is None:
        return None
    if value is None:
        if kind.value.need is Need.REQUIRED:
            raise RefusedError("value_required", f"{kind.name} needs value: {kind.value.unit}.")
        return None
    if not kind.value.low <= value <= kind.value.high:
        span = f"{kind.value.low:g} to {kind.value.high:g}"
        raise RefusedError("value_out_of_range", f"value of {kind.name} must be {span}.")
    return value


def check_place(kind: Kind, *, course: object, module: object) -> None:
    """Refuse an event that does not say where it happened though its kind needs it."""
    if course is None and (kind.course is Need.REQUIRED or module is not None):
        raise RefusedError("course_required", f"{kind.name} needs course.")
    if module is None and kind.module is Need.REQUIRED:
        raise RefusedError("module_required", f"{kind.name} needs module.")


def context_of(kind: Kind, raw: msgspec.Raw | bytes) -> Any:
    """Return the context as the kind's struct; RefusedError naming the field that does not fit."""
    if bytes(raw) == NOTHING:
        if (empty := _empty.get(kind.context)) is not None:
            return empty
        raw = b"{}"
    decoder = _decoders.get(kind.context)
    if decoder is None:
        decoder = _decoders[kind.context] = Decoder(kind.context)
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        detail = str(error).replace("`$", "`$.context")
        raise RefusedError("invalid_context", f"{kind.name}: {detail}.") from error


def marks_of(kind: Kind, context: Any) -> int:
    """Return what the event leaves in the history, as the bits of Mark."""
    own = int(kind.marks)  # flags of an enum are slow to join
    return own if kind.marks_of is None else own | int(kind.marks_of(context))
