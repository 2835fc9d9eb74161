"""L1: what is an activity? An IRI, perhaps described, perhaps a question with its answers."""

import re

from signals.capture.xapi.valid.values import (
    IRI,
    UUID,
    Check,
    InvalidError,
    extensions,
    iri,
    language_map,
    list_of,
    matching,
    one_of,
    part_of,
    required,
    text,
)

# Open edX calls a problem of several questions GroupActivity; it means an Activity.
OBJECT_TYPES = ("Activity", "GroupActivity")
INTERACTIONS = (
    "true-false",
    "choice",
    "fill-in",
    "long-fill-in",
    "matching",
    "performance",
    "sequencing",
    "likert",
    "numeric",
    "other",
)
# Which lists of parts a kind of question has.
PARTS = {
    "choice": ("choices",),
    "sequencing": ("choices",),
    "likert": ("scale",),
    "matching": ("source", "target"),
    "performance": ("steps",),
}
_ALL_PARTS = ("choices", "scale", "source", "target", "steps")
_ABOUT_QUESTIONS = ("correctResponsesPattern", *_ALL_PARTS)

# Open edX identifies exam attempts by a bare UUID.
_activity_id = matching(re.compile(f"{IRI.pattern}|{UUID.pattern}"), "an IRI with its scheme")


def _component(value: object, place: str) -> None:
    found = part_of(value, place, {"id": text, "description": language_map})
    required(found, place, ("id",))


def _components(value: object, place: str) -> None:
    list_of(_component)(value, place)
    names = [part["id"] for part in value] if isinstance(value, list) else []
    if len(set(names)) < len(names):
        raise InvalidError(place, "Two of these share an id.")


_DEFINITION: dict[str, Check] = {
    "name": language_map,
    "description": language_map,
    "type": iri,
    "moreInfo": iri,
    "extensions": extensions,
    "interactionType": one_of(*INTERACTIONS),
    "correctResponsesPattern": list_of(text),
    **dict.fromkeys(_ALL_PARTS, _components),
}


def definition(value: object, place: str) -> None:
    """What an activity is; the parts of a question only where its type has them."""
    found = part_of(value, place, _DEFINITION)
    asked = found.get("interactionType")
    for name in _ABOUT_QUESTIONS:
        if name in found and asked is None:
            raise InvalidError(f"{place}.interactionType", f"{name} needs an interactionType.")
    for name in _ALL_PARTS:
        if name in found and name not in PARTS.get(str(asked), ()):
            raise InvalidError(f"{place}.{name}", f"A question of type {asked} has no {name}.")


_ACTIVITY: dict[str, Check] = {
    "objectType": one_of(*OBJECT_TYPES),
    "id": iri,
    "definition": definition,
}
_IN_CONTEXT = {**_ACTIVITY, "id": _activity_id}


def activity(value: object, place: str, *, nameless: bool = False) -> None:
    """An activity, without id only where that is allowed."""
    required(part_of(value, place, _ACTIVITY), place, () if nameless else ("id",))


def activity_of_context(value: object, place: str) -> None:
    """An activity a statement names in passing."""
    required(part_of(value, place, _IN_CONTEXT), place, ("id",))
