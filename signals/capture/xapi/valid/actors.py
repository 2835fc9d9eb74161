"""L1: who does xAPI say acts? Agents, groups, and the one way each is identified."""

from signals.capture.xapi.valid.values import (
    Check,
    InvalidError,
    iri,
    json_object,
    list_of,
    mailbox,
    one_of,
    part_of,
    required,
    sha1,
    text,
)

IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")


def account(value: object, place: str) -> None:
    """A name in a system."""
    found = part_of(value, place, {"homePage": iri, "name": text})
    required(found, place, ("homePage", "name"))


_COMMON: dict[str, Check] = {
    "name": text,
    "mbox": mailbox,
    "mbox_sha1sum": sha1,
    "openid": iri,
    "account": account,
}
_AGENT = {"objectType": one_of("Agent"), **_COMMON}


def agent(value: object, place: str) -> None:
    """One person or system, identified in exactly one way."""
    found = part_of(value, place, _AGENT)
    if sum(name in found for name in IDENTIFIERS) != 1:
        raise InvalidError(place, f"An Agent has exactly one of: {', '.join(IDENTIFIERS)}.")


def member(value: object, place: str) -> None:
    """A member of a group: an agent; a group in a group is refused."""
    agent(value, place)


_GROUP = {"objectType": one_of("Group"), "member": list_of(member), **_COMMON}


def group(value: object, place: str) -> None:
    """Several, named together or by their members."""
    found = part_of(value, place, _GROUP)
    required(found, place, ("objectType",))
    identified = sum(name in found for name in IDENTIFIERS)
    if identified > 1:
        raise InvalidError(place, f"A Group has at most one of: {', '.join(IDENTIFIERS)}.")
    if not identified:
        required(found, place, ("member",))
        if not found["member"]:
            raise InvalidError(f"{place}.member", "A Group without identifier needs members.")


def actor(value: object, place: str) -> None:
    """An agent, or a group where it says so."""
    if json_object(value, place).get("objectType") == "Group":
        group(value, place)
    else:
        agent(value, place)


def authority(value: object, place: str) -> None:
    """Who vouches: an agent, or the two of OAuth (consumer and user) as a group without name."""
    if json_object(value, place).get("objectType") != "Group":
        agent(value, place)
        return
    group(value, place)
    found = json_object(value, place)
    members = found.get("member")
    if any(name in found for name in IDENTIFIERS) or not isinstance(members, list):
        raise InvalidError(place, "An authority that is a Group has members and no identifier.")
    if len(members) != 2:
        raise InvalidError(place, "An authority that is a Group has exactly two members.")
