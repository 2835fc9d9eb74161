"""L1: is this a statement of xAPI 1.0.3 or 2.0? The rules of part 2, Experience Data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from signals.capture.xapi.valid.activities import OBJECT_TYPES, activity
from signals.capture.xapi.valid.actors import actor, agent, authority, group
from signals.capture.xapi.valid.contexts import context, reference
from signals.capture.xapi.valid.results import result
from signals.capture.xapi.valid.values import (
    Check,
    InvalidError,
    iri,
    json_object,
    language_map,
    list_of,
    media_type,
    part_of,
    required,
    sha2,
    text,
    timestamp,
    uuid,
    whole_number,
)

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
_VERSIONS = {False: ("1.0",), True: ("1.0", "2.0")}


def verb(value: object, place: str) -> None:
    """What was done."""
    required(part_of(value, place, {"id": iri, "display": language_map}), place, ("id",))


_ATTACHMENT: dict[str, Check] = {
    "usageType": iri,
    "display": language_map,
    "description": language_map,
    "contentType": media_type,
    "length": whole_number,
    "sha2": sha2,
    "fileUrl": iri,
}


def attachment(value: object, place: str) -> None:
    """What a file that goes with a statement is."""
    found = part_of(value, place, _ATTACHMENT)
    required(found, place, ("usageType", "display", "contentType", "length", "sha2"))


def _nothing_yet(_value: object, _place: str) -> None:
    """Checked with its statement, not alone."""


_COMMON: dict[str, Check] = {
    "actor": actor,
    "verb": verb,
    "object": _nothing_yet,
    "result": result,
    "context": _nothing_yet,
    "timestamp": timestamp,
    "attachments": list_of(attachment),
}
_STATEMENT: dict[str, Check] = {
    **_COMMON,
    "id": uuid,
    "stored": timestamp,
    "authority": authority,
    "version": text,
}
_SUBSTATEMENT: dict[str, Check] = {"objectType": text, **_COMMON}


@dataclass(frozen=True, slots=True)
class _Rules:
    second: bool  # of version 2.0
    tolerant: bool
    inside: bool = False  # of another statement


def statement(
    value: object, place: str = "$", *, second: bool = False, tolerant: bool = False
) -> None:
    """Check a statement; `second` says that version 2.0 was announced.

    A tolerant check lets an Activity pass without id, as Open edX sends problems whose event did
    not name them: where only the event is kept, it would cost the rest of the batch.
    """
    found = part_of(value, place, _STATEMENT)
    required(found, place, ("actor", "verb", "object"))
    _object_and_context(found, place, _Rules(second, tolerant))
    version = found.get("version")
    if isinstance(version, str) and not version.startswith(_VERSIONS[second]):
        raise InvalidError(f"{place}.version", "This version of xAPI is not taken here.")
    verb_id = json_object(found["verb"], place)["id"]
    if verb_id == VOIDED and _type_of(found["object"], place) != "StatementRef":
        raise InvalidError(f"{place}.object", "A voiding statement's object is a StatementRef.")


def _type_of(value: object, place: str) -> object:
    return json_object(value, f"{place}.object").get("objectType", "Activity")


def _object_and_context(found: Mapping[str, object], place: str, rules: _Rules) -> None:
    kind = _type_of(found["object"], place)
    there = f"{place}.object"
    if kind in OBJECT_TYPES:
        activity(found["object"], there, nameless=rules.tolerant)
    elif kind == "Agent":
        agent(found["object"], there)
    elif kind == "Group":
        group(found["object"], there)
    elif kind == "StatementRef":
        reference(found["object"], there)
    elif kind == "SubStatement" and not rules.inside:
        _substatement(found["object"], there, replace(rules, inside=True))
    else:
        raise InvalidError(f"{there}.objectType", "A statement cannot have such an object.")
    if "context" in found:
        context(
            found["context"],
            f"{place}.context",
            about_activity=kind in OBJECT_TYPES,
            second=rules.second,
        )


def _substatement(value: object, place: str, rules: _Rules) -> None:
    found = part_of(value, place, _SUBSTATEMENT)
    required(found, place, ("actor", "verb", "object"))
    _object_and_context(found, place, rules)
