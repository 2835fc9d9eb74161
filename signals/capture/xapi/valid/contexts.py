"""L1: in what context did it happen? Registration, people, activities around it, agents (2.0)."""

from signals.capture.xapi.valid.activities import activity_of_context
from signals.capture.xapi.valid.actors import actor, agent, group
from signals.capture.xapi.valid.values import (
    Check,
    InvalidError,
    extensions,
    iri,
    language,
    list_of,
    one_of,
    part_of,
    required,
    text,
    uuid,
)


def reference(value: object, place: str) -> None:
    """A reference to another statement."""
    found = part_of(value, place, {"objectType": one_of("StatementRef"), "id": uuid})
    required(found, place, ("objectType", "id"))


def _activities(value: object, place: str) -> None:
    if isinstance(value, list):
        list_of(activity_of_context)(value, place)
    else:
        activity_of_context(value, place)


def _activities_by_role(value: object, place: str) -> None:
    part_of(value, place, dict.fromkeys(("parent", "grouping", "category", "other"), _activities))


def _types(value: object, place: str) -> None:
    list_of(iri)(value, place)
    if not value:
        raise InvalidError(place, "This array may not be empty.")


def _in_role(kind: str, part: str, check: Check) -> Check:
    checks = {"objectType": one_of(kind), part: check, "relevantTypes": _types}

    def check_one(value: object, place: str) -> None:
        required(part_of(value, place, checks), place, ("objectType", part))

    return list_of(check_one)


_CONTEXT: dict[str, Check] = {
    "registration": uuid,
    "instructor": actor,
    "team": group,
    "contextActivities": _activities_by_role,
    "revision": text,
    "platform": text,
    "language": language,
    "statement": reference,
    "extensions": extensions,
}
_SINCE_2 = {
    "contextAgents": _in_role("contextAgent", "agent", agent),
    "contextGroups": _in_role("contextGroup", "group", group),
}
_BY_VERSION: dict[bool, dict[str, Check]] = {False: _CONTEXT, True: _CONTEXT | _SINCE_2}


def context(value: object, place: str, *, about_activity: bool, second: bool) -> None:
    """A context; revision and platform belong to activities alone."""
    found = part_of(value, place, _BY_VERSION[second])
    for name in ("revision", "platform"):
        if name in found and not about_activity:
            raise InvalidError(f"{place}.{name}", "This goes with an object that is an Activity.")
