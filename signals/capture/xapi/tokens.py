"""L1: under which words is a kept statement found? Keyed hashes, which tell nobody anything."""

from collections.abc import Iterator
from hashlib import blake2b

from signals import sealing
from signals.capture.xapi import agents
from signals.capture.xapi.statements import Json, context_activities, object_type, part, verb_of

ROLES = ("parent", "grouping", "category", "other")


def number(word: str) -> int:
    """Return the keyed 64-bit number of a word."""
    keyed = blake2b(word.encode(), digest_size=8, key=sealing.statement_key())
    return int.from_bytes(keyed.digest(), signed=True)


def of_agent(agent: Json, *, related: bool) -> int:
    """Return the token of an agent or identified group, as actor or object or anywhere."""
    return number(f"{'agent*' if related else 'agent'} {_agent(agent)}")


def of_verb(verb: str) -> int:
    """Return the token of a verb."""
    return number(f"verb {verb}")


def of_activity(activity: str, *, related: bool) -> int:
    """Return the token of an activity, as object or anywhere."""
    return number(f"{'activity*' if related else 'activity'} {activity}")


def of_registration(registration: str) -> int:
    """Return the token of a registration."""
    return number(f"registration {registration.lower()}")


def of_statement(body: Json) -> list[int]:
    """Return all tokens of a statement, each once, in order."""
    return sorted(set(_all(body)))


def _agent(agent: Json) -> str:
    return agents.identifier(agent) or ""


def _all(body: Json) -> Iterator[int]:
    yield of_verb(verb_of(body))
    registration = part(body, "context", "registration")
    if registration:
        yield of_registration(registration)
    direct = list(agents.members(body["actor"]))
    if object_type(body) in ("Agent", "Group"):
        direct += agents.members(body["object"])
    for agent in direct:
        if agents.identifier(agent):
            yield of_agent(agent, related=False)
    for agent in agents.named(body):
        if agents.identifier(agent):
            yield of_agent(agent, related=True)
    yield from _activities(body)


def _activities(body: Json) -> Iterator[int]:
    if object_type(body) == "Activity":
        yield of_activity(body["object"].get("id", ""), related=False)
    for activity in _around(body):
        yield of_activity(activity, related=True)


def _around(body: Json) -> Iterator[str]:
    if object_type(body) == "Activity":
        yield body["object"].get("id", "")
    for activity in context_activities(body, *ROLES):
        yield activity["id"]
    if object_type(body) == "SubStatement":
        yield from _around(body["object"])
