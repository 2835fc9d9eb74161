"""L1: which learner is an agent of xAPI? The same identity as through the other doors.

An account is known by its name, as in `learner` of the batch door; a mailbox by its address.
"""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Any, cast

from signals.capture.xapi.statements import Json, part
from signals.capture.xapi.valid.actors import IDENTIFIERS
from signals.capture.xapi.valid.values import InvalidError

LONGEST = 255  # characters of an external id
MOST_NAMED = 1_000  # by one statement that is kept whole: each seals it once more
MOST_NAMED_AT_ONCE = 25_000  # by the statements of a request


def identifier(agent: Json) -> str | None:
    """Return the whole identifier of an agent or group, None for a group without one."""
    account = agent.get("account")
    if account is not None:
        return f"account {account['homePage']} {account['name']}"
    if "mbox_sha1sum" in agent:
        return f"mbox_sha1sum {agent['mbox_sha1sum'].lower()}"
    for name in ("mbox", "openid"):
        if name in agent:
            return f"{name} {agent[name]}"
    return None


def external_id(agent: Json) -> str | None:
    """Return the external id of an agent, None for groups: a group is no learner."""
    if agent.get("objectType") == "Group":
        return None
    account = agent.get("account")
    if account is not None:
        name = cast("str", account["name"])
    elif "mbox" in agent:
        name = agent["mbox"].removeprefix("mailto:")
    elif "mbox_sha1sum" in agent:
        name = f"mbox_sha1sum:{agent['mbox_sha1sum'].lower()}"
    else:
        name = cast("str", agent.get("openid", ""))
    if not name:
        return None
    return name if len(name) <= LONGEST else f"sha256:{sha256(name.encode()).hexdigest()}"


def members(agent: Json) -> Iterator[Json]:
    """Yield an agent, or a group and its members."""
    yield agent
    yield from agent.get("member", ())


def acting(body: Json) -> Iterator[Json]:
    """Yield who acts."""
    yield from members(body["actor"])


def named(body: Json) -> Iterator[Json]:
    """Yield every agent and group of a statement, of its substatement too."""
    yield from acting(body)
    for role in ("instructor", "team"):
        if (found := part(body, "context", role)) is not None:
            yield from members(found)
    for entry in part(body, "context", "contextAgents") or ():
        yield entry["agent"]
    for entry in part(body, "context", "contextGroups") or ():
        yield from members(entry["group"])
    if "authority" in body:
        yield from members(body["authority"])
    kind = part(body, "object", "objectType")
    if kind in ("Agent", "Group"):
        yield from members(body["object"])
    elif kind == "SubStatement":
        yield from named(body["object"])


def check_named(bodies: Iterable[Json]) -> None:
    """Refuse what names nobody by an empty name, or more than can be sealed in time."""
    total = 0
    for body in bodies:
        count = 0
        for count, agent in enumerate(named(body), start=1):
            if part(agent, "account", "name") == "":
                raise InvalidError("$", "The name of an account is empty.")
            if count > MOST_NAMED:
                raise InvalidError("$", f"A statement names at most {MOST_NAMED} agents.")
        total += count
    if total > MOST_NAMED_AT_ONCE:
        raise InvalidError("$", f"A request names at most {MOST_NAMED_AT_ONCE} agents.")


def replaced(value: object, change: Callable[[Json], Json | None]) -> Any:
    """Return JSON in which every agent that `change` answers for is replaced by the answer."""
    if isinstance(value, list):
        return [replaced(entry, change) for entry in value]
    if not isinstance(value, dict):
        return value
    if any(name in value for name in IDENTIFIERS):
        value = change(value) or value
    return {
        name: entry if name == "extensions" else replaced(entry, change)
        for name, entry in value.items()
    }
