"""L1: what may a source send, and what becomes of it? The contract as it is published.

Made of the same declarations that the doors hold events against, so that it cannot say anything
else; its digest tells a reader whether a word of it changed.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import msgspec
from msgspec import inspect

from signals.capture.bodies import LARGEST_INFLATED
from signals.capture.contract import (
    FUTURE,
    LARGEST_BATCH,
    LATE,
    RAW_RETENTION,
    TOO_OLD,
    WireEvent,
)
from signals.data import ContractField, ContractKind, ContractValue, SignalContract
from signals.kinds.kind import Kind, Need
from signals.kinds.registry import KINDS, VERSION
from signals.privacy.consent import LEGAL_BASIS

CLEAR, SEALED, HASHED, NOT_KEPT = "clear", "sealed", "hashed", "no"
NOTED = "whether"  # that it was sent, and not what
LIST = "request_id"  # kept where it names a list that was made for this learner
ENVELOPE: Mapping[str, str] = {"learner": SEALED, "session": HASHED, "context": NOT_KEPT}
LIMITS: Mapping[str, int] = {
    "events_per_batch": LARGEST_BATCH,
    "bytes_per_batch_inflated": LARGEST_INFLATED,
    "future_minutes": FUTURE.seconds // 60,
    "late_hours": LATE.days * 24,
    "oldest_days": TOO_OLD.days,
    "oldest_days_with_backfill": RAW_RETENTION.days,
}
_NAMES: Mapping[type[inspect.Type], str] = {
    inspect.StrType: "text",
    inspect.IntType: "integer",
    inspect.FloatType: "number",
    inspect.BoolType: "true or false",
    inspect.DateTimeType: "moment",
    inspect.UUIDType: "UUID",
    inspect.LiteralType: "text",
    inspect.RawType: "object",
}


def contract() -> SignalContract:
    """Return the contract of this moment's kinds."""
    envelope = tuple(_fields(WireEvent, lambda name: ENVELOPE.get(name, CLEAR)))
    kinds = tuple(_kind(kind) for kind in KINDS.values())
    whole = SignalContract(VERSION, "", LIMITS, envelope, kinds)
    return replace(whole, digest=_digest(whole))


def as_json() -> bytes:
    """Return the contract as other programs read it; what does not apply is left out."""
    return msgspec.json.format(msgspec.json.encode(_told(contract())), indent=2)


def _digest(whole: SignalContract) -> str:
    """Return the SHA-256 of what may be sent and what becomes of it, whatever its version."""
    parts = _told(replace(whole, version="", digest=""))
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


def _told(whole: SignalContract) -> object:
    return _applying(msgspec.to_builtins(whole))


def _applying(part: object) -> object:
    """Leave out what does not apply."""
    if isinstance(part, dict):
        return {name: _applying(value) for name, value in part.items() if value is not None}
    if isinstance(part, (list, tuple)):
        return [_applying(value) for value in part]
    return part


def _kind(kind: Kind) -> ContractKind:
    value = kind.value
    return ContractKind(
        name=kind.name,
        code=kind.code,
        tier=int(kind.tier),
        purpose=kind.purpose,
        legal_basis=LEGAL_BASIS[kind.tier],
        retention_months=kind.retention_months,
        sent_by=_sent_by(kind),
        course=kind.course.value,
        module=kind.module.value,
        value=ContractValue(value.unit, value.need is Need.REQUIRED, value.low, value.high)
        if value
        else None,
        value_made_here=kind.value_from is not None,
        context=tuple(_fields(kind.context, lambda name: _kept(kind, name))),
    )


def _sent_by(kind: Kind) -> str:
    if kind.internal:
        return "nobody"
    return "platform" if kind.server_only else "page"


def _kept(kind: Kind, name: str) -> str:
    if name in kind.sealed:
        return SEALED
    if name in kind.noted:
        return NOTED
    return CLEAR if name in kind.kept or name == LIST else NOT_KEPT


def _fields(struct: type[msgspec.Struct], kept: Callable[[str], str]) -> Iterator[ContractField]:
    described = inspect.type_info(struct)
    for field in described.fields if isinstance(described, inspect.StructType) else ():
        kind = _filled(field.type)
        yield ContractField(
            name=field.encode_name,
            type=_NAMES[type(kind)],
            required=field.required,
            kept=kept(field.name),
            choices=tuple(map(str, getattr(kind, "values", ()))) or None,
            low=_first(kind, "ge", "min_length"),
            above=_first(kind, "gt"),
            high=_first(kind, "le", "max_length"),
            pattern=getattr(kind, "pattern", None),
        )


def _filled(kind: inspect.Type) -> inspect.Type:
    """Return what a field holds where it holds something."""
    if isinstance(kind, inspect.UnionType):
        return next(part for part in kind.types if not isinstance(part, inspect.NoneType))
    return kind


def _first(kind: inspect.Type, *names: str) -> float | None:
    found = (getattr(kind, name, None) for name in names)
    return next((bound for bound in found if bound is not None), None)
